import type { Clock } from './clock.ts'
import type { Rate } from './settings.ts'

/** [S23] Token buckets, in memory only. `who` is an account or an address. */
export interface Bucket {
  /** Seconds until there is a token, rounded up; 0 where there is one. Takes none. */
  wait(who: number | string): number
  /** Takes a token if there is one. */
  take(who: number | string): void
  /** Forgets those that are full again. */
  prune(): void
}

export function createBucket(clock: Clock, { burst, everyMs }: Rate): Bucket {
  /** `full`: when the bucket is full again. One number says all: each token taken moves it on by `everyMs`. */
  const full = new Map<number | string, number>()
  const capacity = burst * everyMs
  /** Time until it is full. A clock that was put back must not make an empty bucket emptier. */
  const missingOf = (who: number | string) => Math.min(capacity, Math.max(0, (full.get(who) ?? 0) - clock.now()))
  return {
    wait(who) {
      const missing = missingOf(who)
      const over = missing + everyMs - capacity
      return over <= 1e-6 ? 0 : Math.ceil(over / 1000)
    },
    take(who) {
      full.set(who, clock.now() + missingOf(who) + everyMs)
    },
    prune() {
      const now = clock.now()
      for (const [who, at] of full) if (at <= now) full.delete(who)
    },
  }
}

/** A token of each bucket, or of none: seconds to wait, 0 where they were taken. `who` undefined is someone without that limit. */
export function takeAll(...wanted: [Bucket, number | string | undefined][]): number {
  const waits = wanted.map(([bucket, who]) => (who === undefined ? 0 : bucket.wait(who)))
  const longest = Math.max(0, ...waits)
  if (longest > 0) return longest
  for (const [bucket, who] of wanted) if (who !== undefined) bucket.take(who)
  return 0
}

/** [S12] Failed log-ons by (address, claimed IK): after a few, none is looked at for a while, twice as long each time. */
export function createFailures(clock: Clock, { free, firstMs, longestMs }: { free: number; firstMs: number; longestMs: number }) {
  const seen = new Map<string, { times: number; until: number }>()
  return {
    /** Seconds until the next try is looked at. */
    wait(key: string): number {
      const over = Math.min(longestMs, (seen.get(key)?.until ?? 0) - clock.now())
      return over > 0 ? Math.ceil(over / 1000) : 0
    },
    failed(key: string) {
      const times = (seen.get(key)?.times ?? 0) + 1
      const wait = times < free ? 0 : Math.min(firstMs * 2 ** (times - free), longestMs)
      seen.set(key, { times, until: clock.now() + wait })
    },
    succeeded: (key: string) => void seen.delete(key),
    prune() {
      const now = clock.now()
      for (const [key, { until }] of seen) if (until + longestMs <= now) seen.delete(key)
    },
  }
}
export type Failures = ReturnType<typeof createFailures>
