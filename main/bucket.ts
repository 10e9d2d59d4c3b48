import type { Clock } from './ports.ts'

/** A token bucket: `take` says whether one more is within the rate. */
export function createBucket(clock: Pick<Clock, 'now'>, { burst, perSecond }: { burst: number; perSecond: number }) {
  let tokens = burst
  let at = clock.now()
  const refill = () => {
    const now = clock.now()
    tokens = Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * perSecond)
    at = now
  }
  return {
    take(): boolean {
      refill()
      if (tokens < 1) return false
      tokens--
      return true
    },
    /** Milliseconds until one more may go. */
    wait(): number {
      refill()
      return tokens >= 1 ? 0 : ((1 - tokens) / perSecond) * 1000
    },
  }
}
