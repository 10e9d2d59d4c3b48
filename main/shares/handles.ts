import { setImmediate as breathe } from 'node:timers/promises'
import type { B64, Ik } from '../../protocol/ids.ts'
import { MAX_SHARE_ENTRIES } from '../../protocol/limits.ts'
import { u64be } from '../../protocol/wire/bytes.ts'
import { createBucket } from '../bucket.ts'
import type { Clock } from '../ports.ts'
import type { Grant } from './books.ts'
import { entryId } from './entry.ts'
import type { Rows } from './rows.ts'

/**
 * [B4] What rows are called towards a buddy, and back. The way back is kept in memory: what was handed out in this run, and as soon as one
 * is asked for that was not, every row of the share.
 */

/** Names in memory, of all grants together: two of the largest shares, some 40 MB. */
const REMEMBERED = 2 * MAX_SHARE_ENTRIES
/** Rows named before others have their turn: a millisecond. */
const SLICE = 250
/** A share is named anew so often a minute for one buddy: more would be for somebody who asks for what there is not. */
const NAMED_A_MINUTE = 10

/** All rows up to this number are in it, and some beyond. */
interface Memory { rows: Map<B64, number>; upTo: number }

export type Handles = ReturnType<typeof createHandles>

export function createHandles({ rows, clock }: { rows: Rows; clock: Pick<Clock, 'now'> }) {
  /** By the grant's key; the one used last stands last. */
  const all = new Map<B64, Memory>()
  const named = new Map<Ik, ReturnType<typeof createBucket>>()
  let count = 0

  const mayName = (ik: Ik) => {
    const bucket = named.get(ik) ?? createBucket(clock, { burst: NAMED_A_MINUTE, perSecond: NAMED_A_MINUTE / 60 })
    named.set(ik, bucket)
    return bucket.take()
  }

  function memoryOf({ key }: Grant): Memory {
    const memory = all.get(key) ?? { rows: new Map(), upTo: 0 }
    all.delete(key)
    all.set(key, memory)
    return memory
  }

  function nameOf(grant: Grant, row: number): B64 {
    const memory = memoryOf(grant)
    const before = memory.rows.size
    const e = entryId(grant.key, u64be(row))
    memory.rows.set(e, row)
    count += memory.rows.size - before
    for (const [key, oldest] of all) {
      if (count <= REMEMBERED) break
      all.delete(key)
      count -= oldest.rows.size
    }
    return e
  }

  return {
    of: nameOf,
    /** `busy`: too much is asked for that is not there. */
    async rowOf(grant: Grant, e: B64): Promise<number | 'gone' | 'busy'> {
      const known = memoryOf(grant).rows.get(e)
      if (known !== undefined) return known
      if (memoryOf(grant).upTo === 0 && !mayName(grant.ik)) return 'busy'
      for (;;) {
        const memory = memoryOf(grant)
        const some = rows.numbers(grant.share.id, memory.upTo, SLICE)
        for (const row of some) nameOf(grant, row)
        memory.upTo = some.at(-1) ?? memory.upTo
        const found = memory.rows.get(e)
        if (found !== undefined) return found
        if (some.length < SLICE) return 'gone'
        await breathe()
      }
    },
  }
}
