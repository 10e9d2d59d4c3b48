/**
 * The memory of messages, in which files pass at 64 KiB each: used again at once. Left to itself, Chromium collects it some 30 MB at a
 * time and gives it back to the system page by page: a third of what a transfer took of the browser's network thread (docs/adr/0011).
 */

/** A port whose other end is closed takes what is handed over, and lets it go. */
const { port1: nowhere, port2 } = new MessageChannel()
port2.close()

/** Its message may not be used afterwards. */
export function release(message: Uint8Array<ArrayBuffer>) {
  nowhere.postMessage(undefined, [message.buffer])
}

/** Bytes: an eighth of them is more than what passes at once. */
const RESERVE = 16_777_216

/** Of what is free, Chromium keeps an eighth of what is held. This is held and never written to: it takes an address and no memory. */
export const holdReserve = () => void Object.assign(globalThis, { reserve: new ArrayBuffer(RESERVE) })
