import type { Ik } from '../../protocol/ids.ts'
import type { Roster } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'
import type { Courier } from './courier.ts'
import type { Numbers } from './numbers.ts'
import type { Receive } from './receive.ts'

interface HolesDeps { store: Store; roster: Roster; numbers: Numbers; receive: Receive; courier: Courier; isThere(ik: Ik): boolean }

/** [W22] Holes are asked for while the buddy is there, and given up after a day. Called every second once the mailbox is drained. */
export function createHoles({ store, roster, numbers, receive, courier, isThere }: HolesDeps): () => void {
  return () => {
    for (const buddy of roster.accepted()) {
      if (numbers.holes(buddy.c).length === 0) continue
      const due = isThere(buddy.ik) ? store.write(() => numbers.due(buddy.c)) : []
      for (const { dev, from, to } of due) courier.notice(buddy.ik, { t: 'gap', c: buddy.c, dev, from, to })
      store.write(() => receive.missing(buddy, numbers.giveUp(buddy.c)))
    }
  }
}
