import type { Announcer } from '../../protocol/app/rpc.ts'
import type { Event, Snapshot } from '../../protocol/app/views.ts'

/** Numbers events and hands them to every window [H7]. */
export function createAnnouncer(snapshot: () => Snapshot): Announcer & { announce(event: Event): void } {
  const listeners = new Set<(seq: number, event: Event) => void>()
  let seq = 0
  return {
    get seq() {
      return seq
    },
    snapshot,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    announce(event) {
      seq++
      for (const listener of listeners) listener(seq, event)
    },
  }
}
