import type { Ms } from '../../protocol/ids.ts'
import { MESSAGE_EVERY, MESSAGES_AT_ONCE } from '../../protocol/limits.ts'

/** [C35] What one person writes to another: so many messages at once, then one after the other. What is written faster waits its turn. */
export interface Pace {
  /** A message was written just now, as this number. */
  written(n: number): void
  /** How long this number waits yet; 0 once it may leave. */
  wait(n: number): Ms
}

export function createPace(now: () => Ms): Pace {
  /** When the last one written would leave if there were no burst. */
  let last = 0
  const turns = new Map<number, Ms>()
  return {
    written(n) {
      last = Math.max(now(), last) + MESSAGE_EVERY
      const turn = last - MESSAGES_AT_ONCE * MESSAGE_EVERY
      if (turn > now()) turns.set(n, turn)
    },
    wait(n) {
      const left = Math.max(0, (turns.get(n) ?? 0) - now())
      if (left === 0) turns.delete(n)
      return left
    },
  }
}
