import type { Clock } from '../ports.ts'

/** So many bytes a second, over a second. */
export interface Pace {
  /** Milliseconds until more may go. */
  wait(): number
  took(bytes: number): void
  /** Bytes that may go in one. */
  burst(): number
}

/** `rate`: bytes a second, asked anew each time; 0 is no limit. */
export function createPace(clock: Pick<Clock, 'now'>, rate: () => number): Pace {
  /** Bytes sent ahead of the rate. */
  let ahead = 0
  let at = clock.now()
  function settle() {
    const now = clock.now()
    // Without a limit nothing is sent ahead of it: one that is set later begins then.
    ahead = rate() === 0 ? 0 : Math.max(0, ahead - (Math.max(0, now - at) / 1000) * rate())
    at = now
  }
  return {
    wait() {
      if (rate() === 0) return 0
      settle()
      return ahead <= rate() / 4 ? 0 : ((ahead - rate() / 4) / rate()) * 1000
    },
    took(bytes) {
      settle()
      if (rate() > 0) ahead += bytes
    },
    // A quarter of a second's worth.
    burst: () => (rate() === 0 ? Number.POSITIVE_INFINITY : rate() / 4),
  }
}
