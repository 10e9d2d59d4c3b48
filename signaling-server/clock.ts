import type { Ms } from '../protocol/ids.ts'

/** Time, handed in [style 10]: every deadline of the protocol runs on it, so a test can let ten seconds pass at once. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): Ms
  /** Calls back once after so many milliseconds; returns how to cancel. */
  after(ms: number, callback: () => void): () => void
}

/** Calls back again and again until cancelled. */
export function every(clock: Clock, ms: number, callback: () => void): () => void {
  let cancel = clock.after(ms, again)
  function again() {
    cancel = clock.after(ms, again)
    callback()
  }
  return () => cancel()
}
