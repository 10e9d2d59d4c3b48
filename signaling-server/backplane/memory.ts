import type { Backplane, News } from './backplane.ts'

/** All of it in one process: what is said is heard at once. */
export function createMemoryBackplane(): Backplane {
  const joined = new Set<(news: News) => void>()
  return {
    join(hear) {
      joined.add(hear)
      return () => void joined.delete(hear)
    },
    say(news) {
      for (const hear of joined) hear(news)
    },
  }
}
