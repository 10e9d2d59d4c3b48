import type { B64, Ik } from '../../protocol/ids.ts'
import type { Clock } from '../ports.ts'
import type { Store } from '../store/store.ts'

/**
 * [B6, B7] What each buddy looked at and fetched, by days of this machine's time. It counts in memory at once, so that a quota ends at its
 * byte, and is written down soon after.
 */

export interface Count { looks: number; files: number; bytes: number }

export type Tally = ReturnType<typeof createTally>

/** A kill loses no more than what was counted in so many milliseconds. */
const WRITTEN_WITHIN = 1_000

const midnightAfter = (now: number) => new Date(now).setHours(24, 0, 0, 0)
const dayOf = (now: number) => {
  const day = new Date(now)
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`
}

/** `onWritten`: in the write, for each share that was used since. */
export function createTally({ store, clock, onWritten }: { store: Store; clock: Clock; onWritten(share: B64): void }) {
  const { db } = store
  const sql = {
    today: db.prepare<[B64, string], Count & { ik: Ik }>('SELECT ik, looks, files, bytes FROM share_served WHERE share = ? AND day = ?'),
    // A share may be forgotten before it is written.
    put: db.prepare('INSERT INTO share_served SELECT id, ?, ?, ?, ?, ? FROM shares WHERE id = ? ON CONFLICT (share, day, ik) DO UPDATE SET looks = excluded.looks, files = excluded.files, bytes = excluded.bytes'),
    before: db.prepare<[B64, string], { ik: Ik; files: number }>('SELECT ik, sum(files) AS files FROM share_served WHERE share = ? AND day <> ? GROUP BY ik'),
  }
  let day = dayOf(clock.now())
  const counts = new Map<B64, Map<Ik, Count>>()
  /** Bytes read to be hashed today. It ends with the program: what counts for good is what left. */
  const hashed = new Map<B64, number>()
  /** Counted and not written: shares, and in them buddies. */
  const unwritten = new Map<B64, Set<Ik>>()
  let stopWriting: (() => void) | undefined

  function flush() {
    stopWriting?.()
    stopWriting = undefined
    if (unwritten.size === 0) return
    store.write(() => {
      for (const [share, people] of unwritten) {
        for (const ik of people) {
          const { looks, files, bytes } = counts.get(share)!.get(ik)!
          sql.put.run(day, ik, looks, files, bytes, share)
        }
        onWritten(share)
      }
    })
    unwritten.clear()
  }

  /** Today's counts of a share. Another day has others. */
  function of(share: B64): Map<Ik, Count> {
    const today = dayOf(clock.now())
    if (today !== day) {
      flush()
      counts.clear()
      hashed.clear()
      day = today
    }
    const known = counts.get(share)
    if (known !== undefined) return known
    const read = new Map(sql.today.all(share, day).map(({ ik, ...count }) => [ik, count]))
    counts.set(share, read)
    return read
  }

  function add(share: B64, ik: Ik, what: keyof Count, n: number) {
    const people = of(share)
    const count = people.get(ik) ?? { looks: 0, files: 0, bytes: 0 }
    count[what] += n
    people.set(ik, count)
    const waiting = unwritten.get(share) ?? new Set()
    unwritten.set(share, waiting.add(ik))
    stopWriting ??= clock.after(WRITTEN_WITHIN, flush)
  }

  const left = (share: B64, daily: number) => Math.max(0, daily - [...of(share).values()].reduce((sum, { bytes }) => sum + bytes, 0))

  return {
    /** [B6] Bytes that may still leave today, all buddies together. */
    left,
    /** So many of these may leave; they count from now on. */
    take(share: B64, ik: Ik, { bytes, daily }: { bytes: number; daily: number }): number {
      const may = Math.min(bytes, left(share, daily))
      if (may > 0) add(share, ik, 'bytes', may)
      return may
    },
    /** Whether a file may be hashed for somebody: for those who take what they ask for, both counts are about the same. */
    mayHash: (share: B64, daily: number) => left(share, daily) > 0 && (hashed.get(share) ?? 0) < daily,
    hash: (share: B64, bytes: number) => void hashed.set(share, (hashed.get(share) ?? 0) + bytes),
    look: (share: B64, ik: Ik) => add(share, ik, 'looks', 1),
    file: (share: B64, ik: Ik) => add(share, ik, 'files', 1),
    today: (share: B64): (Count & { ik: Ik })[] => [...of(share)].map(([ik, count]) => ({ ik, ...count })),
    /** Files fetched since it is shared. */
    fetched(share: B64): { ik: Ik; files: number }[] {
      const today = of(share)
      const sums = new Map([...today].map(([ik, { files }]) => [ik, files]))
      for (const { ik, files } of sql.before.all(share, day)) sums.set(ik, (sums.get(ik) ?? 0) + files)
      return [...sums].filter(([, files]) => files > 0).map(([ik, files]) => ({ ik, files }))
    },
    /** Seconds until the quota begins anew. */
    untilMidnight: () => Math.max(1, Math.ceil((midnightAfter(clock.now()) - clock.now()) / 1000)),
    forget(share: B64) {
      counts.delete(share)
      hashed.delete(share)
      unwritten.delete(share)
    },
    flush,
  }
}
