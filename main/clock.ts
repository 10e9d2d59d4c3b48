import type { Clock } from './ports.ts'

/** A host's clock whose pending callbacks all end together: nothing of an app runs on after it was closed. */
export function createOwnClock(clock: Clock): Clock & { stop(): void } {
  const pending = new Set<() => void>()
  let isStopped = false
  return {
    now: () => Math.round(clock.now()),
    after(ms, callback) {
      if (isStopped) return () => undefined
      const cancel = clock.after(ms, () => {
        pending.delete(cancel)
        callback()
      })
      pending.add(cancel)
      return () => {
        pending.delete(cancel)
        cancel()
      }
    },
    stop() {
      isStopped = true
      for (const cancel of pending) cancel()
      pending.clear()
    },
  }
}
