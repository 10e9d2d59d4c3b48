import type { Ms } from '../../protocol/ids.ts'

/** How fast something moves, over the last few seconds. */
export interface Speed {
  /** Bytes a second, told that so many are there now. */
  of(id: string, done: number, now: Ms): number
  forget(id: string): void
}

const OVER: Ms = 4_000

export function createSpeed(): Speed {
  const seen = new Map<string, { at: Ms; done: number }[]>()
  return {
    of(id, done, now) {
      const points = (seen.get(id) ?? []).filter(({ at, done: before }) => now - at <= OVER && before <= done)
      points.push({ at: now, done })
      seen.set(id, points)
      const first = points[0]!
      return now - first.at < 200 ? 0 : ((done - first.done) / (now - first.at)) * 1000
    },
    forget: (id) => void seen.delete(id),
  }
}
