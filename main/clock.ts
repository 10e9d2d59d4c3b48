import type { Clock } from './ports.ts'

/** A host's clock whose pending callbacks all end together, and never throw into the host's event loop. */
export function createOwnClock(clock: Clock, onBug: (error: unknown) => void): Clock & { stop(): void } {
  const pending = new Set<() => void>()
  let isStopped = false
  return {
    now: () => Math.round(clock.now()),
    after(ms, callback) {
      if (isStopped) return () => undefined
      const cancel = clock.after(ms, () => {
        pending.delete(cancel)
        try {
          callback()
        } catch (error) {
          onBug(error)
        }
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
