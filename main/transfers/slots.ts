import type { Ik } from '../../protocol/ids.ts'
import { CLOSED_PULL_MEMORY } from '../../protocol/limits.ts'
import type { Clock } from '../ports.ts'

/** [T5] Whose a pull is stands in its number: each transfer under way has a slot of its link, and counts its pulls in it. */

export interface Slots {
  /** One that is neither in use nor remembered. */
  take(ik: Ik, id: string): number
  /** The number of its n-th pull. */
  x(slot: number, n: number): number
  /** Null: of a transfer that is over, whose data may still come. */
  whose(ik: Ik, x: number): string | null | undefined
  over(ik: Ik, slot: number): void
  linkDown(ik: Ik): void
}

const COUNTER = 2 ** 20
const SLOTS = 2 ** 12

interface Link { next: number; /** In use, and remembered: these in the order in which they were over. */ taken: Map<number, { id: string | null }> }

export function createSlots(clock: Pick<Clock, 'after'>): Slots {
  const links = new Map<Ik, Link>()

  return {
    take(ik, id) {
      const link = links.get(ik) ?? { next: 0, taken: new Map() }
      links.set(ik, link)
      const { taken } = link
      // Thousands of short files in half a minute: the one that has been over for longest is remembered no more.
      if (taken.size === SLOTS) taken.delete([...taken].find(([, of]) => of.id === null)![0])
      let slot = link.next
      while (taken.has(slot)) slot = (slot + 1) % SLOTS
      taken.set(slot, { id })
      link.next = (slot + 1) % SLOTS
      return slot
    },
    x: (slot, n) => slot * COUNTER + (n % COUNTER),
    whose: (ik, x) => links.get(ik)?.taken.get(Math.floor(x / COUNTER))?.id,
    over(ik, slot) {
      const taken = links.get(ik)?.taken
      if (taken === undefined) return
      const gone = { id: null }
      taken.delete(slot)
      taken.set(slot, gone)
      clock.after(CLOSED_PULL_MEMORY, () => {
        if (taken.get(slot) === gone) taken.delete(slot)
      })
    },
    linkDown: (ik) => void links.delete(ik),
  }
}
