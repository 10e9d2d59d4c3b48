/**
 * How Parley sets its own Chromium, in Electron and where it opens the web host in one; what a Chromium does not know of these, it ignores.
 * The core filters addresses itself, so it has to see what it would give away [L3]. Memory that was in use a moment ago is kept for
 * the next message instead of being given back to the system page by page (docs/adr/0011).
 */
export const CHROMIUM_FEATURES = {
  'enable-features': 'PartitionAllocLargeEmptySlotSpanRing,BlinkUseLargeEmptySlotSpanRingForBufferRoot',
  'disable-features': 'WebRtcHideLocalIpsWithMdns',
}

/** The same as arguments of a command. */
export const CHROMIUM_ARGS = Object.entries(CHROMIUM_FEATURES).map(([name, features]) => `--${name}=${features}`)
