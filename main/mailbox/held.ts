import type { DevId, Ik } from '../../protocol/ids.ts'
import { HELD_LIFE, MAX_HELD_FRAMES } from '../../protocol/limits.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import type { Clock } from '../ports.ts'
import { isKept } from '../privacy/modes.ts'
import type { Buddy } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'

/**
 * [C3] Content that came before the `knock.ok` it follows. On disk where I keep this conversation; else in memory only [G2]: what a quit
 * takes with it is a hole then, and asked for [W22]. All inside the caller's write.
 */
export interface Held {
  hold(buddy: Pick<Buddy, 'ik' | 'mine'>, dev: DevId, bytes: Bytes): void
  /** All of it, in the order it came, and no more after that. */
  take(ik: Ik): { dev: DevId; bytes: Bytes }[]
  drop(ik: Ik): void
}

export function createHeld({ store, clock }: { store: Store; clock: Pick<Clock, 'now'> }): Held {
  const inMemory = new Map<Ik, { dev: DevId; bytes: Bytes; at: number }[]>()
  const sql = {
    all: store.db.prepare<[string], { dev: DevId; bytes: Uint8Array }>('SELECT dev, bytes FROM held_frames WHERE ik = ? ORDER BY seq'),
    count: store.db.prepare<[string], { n: number }>('SELECT count(*) AS n FROM held_frames WHERE ik = ?'),
    add: store.db.prepare('INSERT INTO held_frames SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ? FROM held_frames WHERE ik = ?'),
    drop: store.db.prepare('DELETE FROM held_frames WHERE ik = ?'),
    dropOld: store.db.prepare('DELETE FROM held_frames WHERE at < ?'),
  }
  function trim(ik: Ik) {
    const oldest = clock.now() - HELD_LIFE
    sql.dropOld.run(oldest)
    const left = (inMemory.get(ik) ?? []).filter(({ at }) => at >= oldest)
    inMemory.set(ik, left)
    return left
  }
  const held: Held = {
    hold({ ik, mine }, dev, bytes) {
      const here = trim(ik)
      if (isKept(mine.mode)) {
        if (sql.count.get(ik)!.n < MAX_HELD_FRAMES) sql.add.run(ik, dev, bytes, clock.now(), ik)
      } else if (here.length < MAX_HELD_FRAMES) here.push({ dev, bytes, at: clock.now() })
    },
    take(ik) {
      const here = trim(ik)
      const all = [...sql.all.all(ik).map(({ dev, bytes }) => ({ dev, bytes: Uint8Array.from(bytes) })), ...here]
      held.drop(ik)
      return all
    },
    drop(ik) {
      inMemory.delete(ik)
      sql.drop.run(ik)
    },
  }
  return held
}
