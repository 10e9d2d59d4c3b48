import type { Ms } from '../protocol/ids.ts'

/** Says whether something may happen to this one again: at most once in so long each. */
export function createSpacing(now: () => Ms, spacing: Ms): (key: string) => boolean {
  const last = new Map<string, Ms>()
  return (key) => {
    if (now() - (last.get(key) ?? -spacing) < spacing) return false
    last.set(key, now())
    return true
  }
}
