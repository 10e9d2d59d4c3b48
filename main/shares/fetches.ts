import type { B64, Ik, Ms } from '../../protocol/ids.ts'
import type { Clock } from '../ports.ts'
import type { Meter, Serving, Source, Sums } from '../transfers/source.ts'
import type { Books, Grant } from './books.ts'
import type { Handles } from './handles.ts'
import type { Opened, Opener } from './open.ts'
import type { Row, Rows } from './rows.ts'
import type { Tally } from './tally.ts'

/** Files on their way out of shared folders. */

export interface ToServe { q: number; share: B64; source: Source; meter: Meter }

export interface FetchesDeps {
  clock: Clock
  books: Books
  rows: Rows
  handles: Handles
  opener: Opener
  tally: Tally
  serve(ik: Ik, what: ToServe): Serving | 'busy'
  /** The index is behind the disk. */
  onStale(share: B64): void
  /** A file of it is there, whole. */
  onWhole(grant: Grant, row: number): void
  onNews(): void
}

/** A serving that nothing has left for so long stands still. */
const MOVES_FOR: Ms = 10_000
/** Bytes a second are counted over so long. */
const WINDOW: Ms = 2_000

/** Files whose sums stay known: a fetch that begins anew after a lost link costs no reading again. */
const KNOWN = 32

interface Running {
  ik: Ik
  share: B64
  name: string
  serving: Serving | undefined
  movedAt: Ms | undefined
  /** Bytes since `from`, and the rate of the window before. */
  window: { from: Ms; bytes: number; rate: number }
}

export type Fetches = ReturnType<typeof createFetches>

export function createFetches({ clock, books, rows, handles, opener, tally, serve, onStale, onWhole, onNews }: FetchesDeps) {
  const running = new Set<Running>()
  const known = new Map<string, Sums & Pick<Source, 'size' | 'mtime'>>()
  let stopTelling: (() => void) | undefined

  const keyOf = (share: B64, { row, node }: Row) => `${share} ${row} ${node}`

  const moves = ({ movedAt }: Running) => movedAt !== undefined && clock.now() - movedAt <= MOVES_FOR
  /** While something moves its rate is news. */
  function tell() {
    onNews()
    stopTelling ??= clock.after(WINDOW / 2, () => {
      stopTelling = undefined
      if ([...running].some(moves)) tell()
      else onNews()
    })
  }

  function rateOf({ window }: Running): number {
    const passed = clock.now() - window.from
    return passed > 2 * WINDOW ? 0 : passed < WINDOW / 2 ? window.rate : Math.round((window.bytes / passed) * 1000)
  }

  function moved(one: Running, bytes: number) {
    const now = clock.now()
    if (now - one.window.from >= WINDOW) one.window = { from: now, bytes: 0, rate: rateOf(one) }
    one.window.bytes += bytes
    one.movedAt = now
    tell()
  }

  /** [B4] Opened anew each time, and each time it must be what the index knows and still be granted. */
  const sourceOf = ({ ik, share }: Grant, row: Row, parts: string[], { size, mtime }: Opened): Source => ({
    name: row.name, size, mtime,
    async open() {
      const opened = books.granted(ik, share.id) === undefined ? 'gone' : await opener.file(share.root, parts, row.node)
      if (opened === 'gone') return { ok: false, why: 'missing' }
      if (opened.size === size && opened.mtime === mtime) return { ok: true, handle: opened.handle }
      await opened.handle.close()
      return { ok: false, why: 'changed' }
    },
  })

  /** Undefined where it is not the same file any more. */
  function sumsOf(share: B64, row: Row, { size, mtime }: Pick<Source, 'size' | 'mtime'>): Sums | undefined {
    const sums = known.get(keyOf(share, row))
    return sums?.size === size && sums.mtime === mtime ? sums : undefined
  }

  function begin(grant: Grant, row: Row, what: Pick<ToServe, 'q' | 'source'>): 'served' | 'busy' {
    const { ik, share: { id } } = grant
    const one: Running = { ik, share: id, name: row.name, serving: undefined, movedAt: undefined, window: { from: clock.now(), bytes: 0, rate: 0 } }
    const { size, mtime } = what.source
    running.add(one)
    const serving = serve(ik, {
      ...what, share: id,
      meter: {
        share: id,
        known: sumsOf(id, row, what.source),
        onHashed: (bytes) => tally.hash(id, bytes),
        onSums(sums) {
          known.set(keyOf(id, row), { ...sums, size, mtime })
          if (known.size > KNOWN) known.delete(known.keys().next().value!)
        },
        get rate() {
          return books.get(id)?.rate ?? grant.share.rate
        },
        take(bytes) {
          const share = running.has(one) ? books.granted(ik, id)?.share : undefined
          if (share === undefined) return 0
          const may = tally.take(id, ik, { bytes, daily: share.daily })
          if (may > 0) moved(one, may)
          return may
        },
        onEnd(whole) {
          if (!running.delete(one)) return
          if (whole) {
            tally.file(id, ik)
            onWhole(grant, row.row)
          }
          onNews()
        },
      },
    })
    if (serving === 'busy') {
      running.delete(one)
      return 'busy'
    }
    one.serving = serving
    return 'served'
  }

  return {
    /** [B6] Served: it is answered by who serves. */
    async get(grant: Grant, { q, e }: { q: number; e: B64 }): Promise<'served' | 'gone' | 'busy' | 'limit'> {
      const { ik, share: { id, root, daily } } = grant
      const number = await handles.rowOf(grant, e)
      if (typeof number === 'string') return number
      const row = rows.get(id, number)
      const parts = row === undefined ? undefined : rows.partsOf(id, row)
      if (row?.kind !== 'f' || parts === undefined) return 'gone'
      if (tally.left(id, daily) === 0) return 'limit'
      const opened = await opener.file(root, parts, row.node)
      if (opened === 'gone') {
        // Moved, replaced or deleted since the folder was read: it is read again, and the buddy may ask again.
        onStale(id)
        return 'busy'
      }
      await opened.handle.close()
      if (sumsOf(id, row, opened) === undefined && !tally.mayHash(id, daily)) return 'limit'
      // It may have been revoked meanwhile.
      return books.granted(ik, id) === undefined ? 'gone' : begin(grant, row, { q, source: sourceOf(grant, row, parts, opened) })
    },
    /** [B7] At once. Without `ik` for everybody. */
    stop(share: B64, ik?: Ik) {
      for (const one of [...running]) {
        if (one.share !== share || (ik !== undefined && one.ik !== ik)) continue
        running.delete(one)
        one.serving?.stop('gone')
      }
    },
    now: (share: B64) => [...running].filter((one) => one.share === share && moves(one)).map((one) => ({ ik: one.ik, name: one.name, rate: rateOf(one) })),
    /** Something is leaving. */
    isServing: () => [...running].some(moves),
    close: () => stopTelling?.(),
  }
}
