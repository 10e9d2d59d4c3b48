import type { B64, ConvId, DevId, Ms, Uuid7 } from '../../protocol/ids.ts'
import { GAP_GIVE_UP, GAP_SPACING, GAP_WAIT, MAX_GAP, MAX_RECEIPT_IDS } from '../../protocol/limits.ts'
import { NO_HASH } from '../identity/crypto.ts'
import type { Store } from '../store/store.ts'

/** Numbers of theirs: what is here, what is void, what is missing [W20–W24]. All inside the caller's write. */

/** Holes kept for one device of theirs, and how far ahead of what is here a number may be. */
const MAX_HOLES = 256
const FARTHEST = 100_000
const MAX_IDS_BEYOND = 16 * MAX_RECEIPT_IDS

export interface Numbered { id: Uuid7; n: number; ph: B64; t: string; h: B64; pos: number }
/** `too-far`: it would leave more holes than are kept; it comes again when the nearer ones are filled. */
export type Taken = 'new' | 'duplicate' | 'fork' | 'too-far'
export interface Hole { dev: DevId; lo: number; hi: number; seen: Ms; asked: Ms; asks: number; missing: boolean }

export interface Numbers {
  /** Takes a frame at its n, or says why not. The first of two is kept [W24]. */
  take(c: ConvId, dev: DevId, frame: Numbered): Taken
  /** [W23] These never come. False where h contradicts what is here. */
  takeVoid(c: ConvId, dev: DevId, span: { from: number; to: number; h: B64 }): boolean
  /** [L12] Their last number and its hash as HELLO says them: a hole at the end is seen at once. False where it is here with another hash [W24]. */
  noteTop(c: ConvId, dev: DevId, n: number, h: B64): boolean
  /** [W21] For receipts: all up to `upTo`, and ids beyond it, as many as `MAX_IDS_BEYOND`. */
  got(c: ConvId, dev: DevId): { upTo: number; ids: Uuid7[] }
  holes(c: ConvId): Hole[]
  /** [W22] Holes to ask for now, each at most 256 numbers; they are noted as asked. */
  due(c: ConvId): { dev: DevId; from: number; to: number }[]
  /** [W22] Holes given up after 24 h, once each. */
  giveUp(c: ConvId): Hole[]
  /** [C9] A new device: what the old one still owed is missing at once. */
  endDevice(c: ConvId, dev: DevId): Hole[]
  askAgain(c: ConvId, dev: DevId, lo: number): void
  posOf(c: ConvId, dev: DevId, n: number): number | undefined
  /** Place on screen of frame n: after n−1, before n+1 [W27]. */
  place(c: ConvId, dev: DevId, n: number, wanted: number): number
  forget(c: ConvId): void
}

export function createNumbers({ store, now }: { store: Store; now: () => Ms }): Numbers {
  const { db } = store
  type HoleRow = Omit<Hole, 'missing'> & { missing: number }
  const sql = {
    frame: db.prepare<[string, string, number], { id: Uuid7; h: B64; ph: B64; pos: number }>('SELECT id, h, ph, pos FROM in_frames WHERE c = ? AND dev = ? AND n = ?'),
    byId: db.prepare('SELECT 1 FROM in_frames WHERE id = ?'),
    add: db.prepare('INSERT INTO in_frames VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    before: db.prepare<[string, string, number], { pos: number }>('SELECT pos FROM in_frames WHERE c = ? AND dev = ? AND n < ? ORDER BY n DESC LIMIT 1'),
    after: db.prepare<[string, string, number], { pos: number }>('SELECT pos FROM in_frames WHERE c = ? AND dev = ? AND n > ? ORDER BY n LIMIT 1'),
    beyond: db.prepare<[string, string, number, number], { id: Uuid7 }>('SELECT id FROM in_frames WHERE c = ? AND dev = ? AND n > ? ORDER BY n LIMIT ?'),
    voidEnding: db.prepare<[string, string, number], { h: B64 }>('SELECT h FROM in_voids WHERE c = ? AND dev = ? AND hi = ?'),
    addVoid: db.prepare('INSERT OR REPLACE INTO in_voids VALUES (?, ?, ?, ?, ?)'),
    top: db.prepare<[string, string], { up_to: number; top: number }>('SELECT up_to, top FROM in_tops WHERE c = ? AND dev = ?'),
    setTop: db.prepare('INSERT OR REPLACE INTO in_tops VALUES (?, ?, ?, ?)'),
    holes: db.prepare<[string], HoleRow>('SELECT dev, lo, hi, seen, asked, asks, missing FROM holes WHERE c = ? ORDER BY dev, lo'),
    holesOf: db.prepare<[string, string], HoleRow>('SELECT dev, lo, hi, seen, asked, asks, missing FROM holes WHERE c = ? AND dev = ? ORDER BY lo'),
    addHole: db.prepare('INSERT OR REPLACE INTO holes VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    dropHole: db.prepare('DELETE FROM holes WHERE c = ? AND dev = ? AND lo = ?'),
    clearFrames: db.prepare('DELETE FROM in_frames WHERE c = ?'),
    clearVoids: db.prepare('DELETE FROM in_voids WHERE c = ?'),
    clearTops: db.prepare('DELETE FROM in_tops WHERE c = ?'),
    clearHoles: db.prepare('DELETE FROM holes WHERE c = ?'),
  }
  const putHole = (c: ConvId, hole: Omit<Hole, 'missing'> & { missing: boolean | number }) =>
    void sql.addHole.run(c, hole.dev, hole.lo, hole.hi, hole.seen, hole.asked, hole.asks, Number(hole.missing))
  const topOf = (c: ConvId, dev: DevId) => sql.top.get(c, dev) ?? { up_to: 0, top: 0 }

  /** Fills from..to: holes shrink or split, a higher top leaves a new hole below it. */
  function fill(c: ConvId, dev: DevId, from: number, to: number) {
    const { top, up_to } = topOf(c, dev)
    // In order, as nearly always: there is no hole at or beyond it.
    if (from === top + 1) return void sql.setTop.run(c, dev, up_to === top ? to : up_to, to)
    if (from > top + 1) putHole(c, { dev, lo: top + 1, hi: from - 1, seen: now(), asked: 0, asks: 0, missing: false })
    for (const hole of sql.holesOf.all(c, dev)) {
      if (hole.hi < from || hole.lo > to) continue
      sql.dropHole.run(c, dev, hole.lo)
      if (hole.lo < from) putHole(c, { ...hole, hi: from - 1 })
      if (hole.hi > to) putHole(c, { ...hole, lo: to + 1 })
    }
    const newTop = Math.max(top, to)
    const firstHole = sql.holesOf.get(c, dev)
    sql.setTop.run(c, dev, firstHole === undefined ? newTop : firstHole.lo - 1, newTop)
  }

  const hashBefore = (c: ConvId, dev: DevId, n: number): B64 | undefined =>
    n === 1 ? NO_HASH : (sql.frame.get(c, dev, n - 1)?.h ?? sql.voidEnding.get(c, dev, n - 1)?.h)

  const numbers: Numbers = {
    take(c, dev, { id, n, ph, t, h, pos }) {
      const { top } = topOf(c, dev)
      const known = n > top ? undefined : sql.frame.get(c, dev, n)
      if (known !== undefined) return known.h === h ? 'duplicate' : 'fork'
      if (sql.byId.get(id) !== undefined) return 'fork'
      const before = hashBefore(c, dev, n)
      const next = n >= top ? undefined : sql.frame.get(c, dev, n + 1)
      if (n > top + 1 && (n > top + FARTHEST || sql.holesOf.all(c, dev).length >= MAX_HOLES)) return 'too-far'
      if ((before !== undefined && before !== ph) || (next !== undefined && next.ph !== h)) return 'fork'
      sql.add.run(c, dev, n, id, t, h, ph, pos)
      fill(c, dev, n, n)
      return 'new'
    },
    takeVoid(c, dev, { from, to, h }) {
      const next = sql.frame.get(c, dev, to + 1)
      if (next !== undefined && next.ph !== h) return false
      sql.addVoid.run(c, dev, from, to, h)
      fill(c, dev, from, to)
      return true
    },
    noteTop(c, dev, n, h) {
      const { top, up_to } = topOf(c, dev)
      if (n <= top) return [undefined, h].includes(hashBefore(c, dev, n + 1))
      if (n > top + FARTHEST) return true
      putHole(c, { dev, lo: top + 1, hi: n, seen: now(), asked: 0, asks: 0, missing: false })
      sql.setTop.run(c, dev, up_to, n)
      return true
    },
    got(c, dev) {
      const upTo = topOf(c, dev).up_to
      return { upTo, ids: sql.beyond.all(c, dev, upTo, MAX_IDS_BEYOND).map((row) => row.id) }
    },
    holes: (c) => sql.holes.all(c).map((hole) => ({ ...hole, missing: hole.missing === 1 })),
    due(c) {
      const due = numbers.holes(c).filter((hole) =>
        !hole.missing && now() - hole.seen >= GAP_WAIT && now() - hole.asked >= (hole.asks === 0 ? 0 : GAP_SPACING * 2 ** (hole.asks - 1)))
      for (const hole of due) putHole(c, { ...hole, asked: now(), asks: Math.min(hole.asks + 1, 16) })
      return due.map(({ dev, lo, hi }) => ({ dev, from: lo, to: Math.min(hi, lo + MAX_GAP - 1) }))
    },
    giveUp(c) {
      const over = numbers.holes(c).filter((hole) => !hole.missing && now() - hole.seen >= GAP_GIVE_UP)
      for (const hole of over) putHole(c, { ...hole, missing: true })
      return over
    },
    endDevice(c, dev) {
      const open = numbers.holes(c).filter((hole) => hole.dev === dev && !hole.missing)
      for (const hole of open) putHole(c, { ...hole, missing: true })
      return open
    },
    askAgain(c, dev, lo) {
      const hole = numbers.holes(c).find((one) => one.dev === dev && one.lo === lo)
      if (hole !== undefined) putHole(c, { ...hole, missing: false, seen: now() - GAP_WAIT, asked: 0, asks: 0 })
    },
    posOf: (c, dev, n) => sql.frame.get(c, dev, n)?.pos,
    place(c, dev, n, wanted) {
      const low = sql.before.get(c, dev, n)?.pos ?? 0
      const high = sql.after.get(c, dev, n)?.pos
      const pos = Math.max(wanted, low + 0.001)
      return high === undefined || pos < high ? pos : (low + high) / 2
    },
    forget(c) {
      for (const clear of [sql.clearFrames, sql.clearVoids, sql.clearTops, sql.clearHoles]) clear.run(c)
    },
  }
  return numbers
}
