import type { Address, Ms } from '../protocol/ids.ts'
import type { ShownState } from '../protocol/wire/signaling.ts'
import { type Presence, shownState } from './broker.ts'
import type { Clock } from './clock.ts'
import type { Rule } from './store/acl.ts'

/** Who watches whom, and what they were told. In memory only [S25]. */

/** A frame, built once for everyone who gets it. */
type Frame = Buffer

/** Whoever is told. */
export interface Watcher { tell(frame: Frame): void }

interface Watch {
  watcher: Watcher
  h: Buffer
  rule: Rule | undefined
  /** The frame told last: the same bytes are no news. */
  told: Frame
  /** When a change was told last; undefined before the first [P1]. */
  changedAt: Ms | undefined
  cancel: (() => void) | undefined
}

interface Watched {
  account: number
  off: Frame
  presence: Presence | undefined
  /** [P2] For the state shown now. */
  shown: { state: ShownState; frame: Frame } | undefined
  watches: Map<Watcher, Watch>
}

export interface Deps {
  clock: Clock
  spacingMs: number
  ruleOf: (account: number, h: Buffer) => Rule | undefined
}

export function createPresence({ clock, spacingMs, ruleOf }: Deps) {
  const all = new Map<number, Watched>()

  const frameOf = (addr: Address, state: ShownState, rv?: string): Frame =>
    Buffer.from(JSON.stringify(rv === undefined ? { t: 'presence', addr, state } : { t: 'presence', addr, state, rv }))

  function entry(account: number, addr: Address): Watched {
    const known = all.get(account)
    if (known !== undefined) return known
    const made: Watched = { account, off: frameOf(addr, 'off'), presence: undefined, shown: undefined, watches: new Map() }
    all.set(account, made)
    return made
  }

  const forgetIfIdle = (watched: Watched) => {
    if (watched.watches.size === 0 && watched.presence === undefined) all.delete(watched.account)
  }

  const frameFor = (watched: Watched, watch: Watch): Frame =>
    shownState(watch.rule, watched.presence) === 'off' || watched.shown === undefined ? watched.off : watched.shown.frame

  /** [P1] The first change at once, further ones at most every so often; what is told then is what holds then. */
  function tell(watched: Watched, watch: Watch) {
    const frame = frameFor(watched, watch)
    if (frame === watch.told || frame.equals(watch.told)) return
    const now = clock.now()
    const due = watch.changedAt === undefined ? now : watch.changedAt + spacingMs
    if (due <= now || due > now + spacingMs) {
      watch.cancel?.()
      watch.cancel = undefined
      watch.changedAt = now
      watch.told = frame
      watch.watcher.tell(frame)
    } else {
      watch.cancel ??= clock.after(due - now, () => {
        watch.cancel = undefined
        tell(watched, watch)
      })
    }
  }

  function tellAll(watched: Watched) {
    for (const watch of watched.watches.values()) tell(watched, watch)
  }

  return {
    /** Says the state now, and every change from then on. */
    watch(watcher: Watcher, target: { account: number; addr: Address; h: Buffer; rule: Rule }) {
      const watched = entry(target.account, target.addr)
      const known = watched.watches.get(watcher)
      const watch: Watch = { watcher, h: target.h, rule: target.rule, told: watched.off, changedAt: known?.changedAt, cancel: undefined }
      known?.cancel?.()
      watch.told = frameFor(watched, watch)
      watched.watches.set(watcher, watch)
      watcher.tell(watch.told)
    },
    unwatch(watcher: Watcher, account: number) {
      const watched = all.get(account)
      watched?.watches.get(watcher)?.cancel?.()
      watched?.watches.delete(watcher)
      if (watched !== undefined) forgetIfIdle(watched)
    },
    /** [P1, P2] Undefined: signed off, or not set yet. */
    set(account: number, addr: Address, presence: Presence | undefined, rv: string) {
      const watched = entry(account, addr)
      watched.presence = presence
      if (presence === undefined || presence.state === 'hidden') {
        watched.shown = undefined
      } else {
        const frame = frameOf(addr, presence.state, rv)
        // The same state again is no news: the frame stays the one that was told.
        if (watched.shown === undefined || !watched.shown.frame.equals(frame)) watched.shown = { state: presence.state, frame }
      }
      tellAll(watched)
      forgetIfIdle(watched)
    },
    /** Rules of this account changed. Watches stay even where a rule is gone: a list put whole comes in several messages [C23]. */
    rejudge(account: number) {
      const watched = all.get(account)
      if (watched === undefined) return
      for (const watch of watched.watches.values()) watch.rule = ruleOf(account, watch.h)
      tellAll(watched)
    },
    /** For tests: nothing may stay behind. */
    size: () => all.size,
    close() {
      for (const { watches } of all.values()) for (const watch of watches.values()) watch.cancel?.()
      all.clear()
    },
  }
}
export type PresenceHub = ReturnType<typeof createPresence>
