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

/** Calls back again and again, for as long as the clock goes; a call that fails stops none of the next ones. */
export function every(clock: Pick<Clock, 'after'>, ms: number, act: () => void): void {
  clock.after(ms, () => {
    every(clock, ms, act)
    act()
  })
}
