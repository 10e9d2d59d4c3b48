import type { B64, Ik, Ms, Uuid7 } from '../../protocol/ids.ts'
import type { Store } from '../store/store.ts'
import { createHave, type Have } from './have.ts'
import type { Stage } from './machine.ts'

/** All transfers, in memory and written through; those of conversations that are not kept are in memory only [G2]. */

export interface Transfer {
  id: string
  /** [T3] With the buddy, what it is called on the wire; a folder is called by its share. */
  ik: Ik
  fid: B64
  mine: boolean
  kept: boolean
  stage: Stage
  at: Ms
  stateAt: Ms
  /** When bytes of it, or of a file in it, moved last; to the hour. */
  movedAt?: Ms
  /** The name it has or would have here. */
  name: string
  size: number
  piece: number
  /** [T4] Null while it is still being computed. */
  root: B64 | null
  exp: Ms
  /** The frame that offered it: under its id it stands in the chat. */
  item?: Uuid7
  cleared: boolean
  /** Mine: the offer has left this computer. */
  hasLeft: boolean
  /** An end that the other side may not have heard of [T6], or that all of it is here. */
  owes?: { t: 'file.done' } | { t: 'file.reject' | 'file.stop'; why: 'user' | 'policy' | 'space' | 'type' | 'changed' | 'io' | 'hash' | 'gone' | 'superseded' }
  /** Theirs: its bytes in the vault; and when they last changed there, as they say. */
  part?: string
  mtime?: Ms
  /** Mine. `staged`: a copy of ours, made from bytes that a window gave; it goes with the transfer. */
  source?: { path: string; size: number; mtime: Ms; staged: boolean }
  /** Theirs, from a shared folder: what it is called there. */
  entry?: { share: B64; e: string }
  /** Of which folder it is a part, and where in it. */
  parent?: string
  path?: string[]
  folder?: Folder
  /** Mine, out of a share: its bytes count there, and it is shown on the *Sharing* page only. */
  served?: true
  /** By its own first bytes, and small enough to be shown [T10]. */
  picture?: string
}

/** A folder fetched whole: of a share, from this folder of it on. */
export interface Folder {
  share: B64
  dir: string
  once: boolean
  files: number
  bytes: number
  /** Everything in it is known. */
  isListed: boolean
  /** Files of it that came, once all have come or ended: it is told also when they have left the vault. */
  here?: number
}

/** What a transfer knows of its pieces. Hashes are known from the first on, without a gap. */
export interface Pieces { have: Have; hashes: Uint8Array; known: number }

export interface Book {
  all(): Transfer[]
  get(id: string): Transfer | undefined
  /** [T3] The newest of this name with this buddy. */
  byFid(ik: Ik, fid: B64, mine: boolean): Transfer | undefined
  byItem(item: Uuid7): Transfer | undefined
  childrenOf(id: string): Transfer[]
  /** Files of this folder that have neither come nor ended yet. Counted as they change: a folder may have tens of thousands. */
  openIn(id: string): number
  /** Files of theirs that are wanted, oldest first, by buddy. */
  wanted(): Iterable<readonly [Ik, Iterable<Transfer>]>
  put(transfer: Transfer): void
  change(id: string, changes: Partial<Transfer>): Transfer
  drop(id: string): void
  pieces(transfer: Transfer): Pieces
  /** Bytes of it that are here and verified. */
  bytesHere(id: string): number
  /** Bits and hashes, for a resume after the next start. */
  savePieces(transfer: Transfer): void
  forgetPieces(id: string): void
}

const HASH = 32

const isOpen = ({ stage }: Transfer) => stage.at !== 'arrived' && stage.at !== 'ended' && stage.at !== 'damaged'
const isWanted = (row: Transfer) => !row.mine && row.folder === undefined && row.stage.at === 'wanted'

export function createBook({ store }: { store: Store }): Book {
  const { db } = store
  const sql = {
    all: db.prepare<[], { doc: string }>('SELECT doc FROM transfers'),
    put: db.prepare('INSERT INTO transfers VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc'),
    drop: db.prepare('DELETE FROM transfers WHERE id = ?'),
    pieces: db.prepare<[string], { have: Uint8Array; hashes: Uint8Array }>('SELECT have, hashes FROM transfer_pieces WHERE id = ?'),
    putPieces: db.prepare('INSERT OR REPLACE INTO transfer_pieces VALUES (?, ?, ?)'),
    dropPieces: db.prepare('DELETE FROM transfer_pieces WHERE id = ?'),
  }
  const rows = new Map<string, Transfer>()
  const byName = new Map<string, string>()
  const byItem = new Map<Uuid7, string>()
  const children = new Map<string, Set<string>>()
  const openIn = new Map<string, number>()
  const wanted = new Map<Ik, Set<string>>()
  const pieces = new Map<string, Pieces>()
  const nameOf = (ik: Ik, fid: B64, mine: boolean) => `${mine ? 'out' : 'in'} ${ik} ${fid}`

  const into = <K>(map: Map<K, Set<string>>, key: K): Set<string> => map.get(key) ?? map.set(key, new Set()).get(key)!
  const countOpen = (row: Transfer, by: 1 | -1) => {
    if (row.parent !== undefined && isOpen(row)) openIn.set(row.parent, (openIn.get(row.parent) ?? 0) + by)
  }

  function remember(row: Transfer) {
    const before = rows.get(row.id)
    if (before !== undefined && before.fid !== row.fid) byName.delete(nameOf(before.ik, before.fid, before.mine))
    if (before?.item !== undefined && before.item !== row.item) byItem.delete(before.item)
    if (before !== undefined) countOpen(before, -1)
    rows.set(row.id, row)
    byName.set(nameOf(row.ik, row.fid, row.mine), row.id)
    if (row.item !== undefined) byItem.set(row.item, row.id)
    if (row.parent !== undefined) into(children, row.parent).add(row.id)
    if (isWanted(row)) into(wanted, row.ik).add(row.id)
    else wanted.get(row.ik)?.delete(row.id)
    countOpen(row, 1)
  }
  function forget(row: Transfer) {
    rows.delete(row.id)
    if (byName.get(nameOf(row.ik, row.fid, row.mine)) === row.id) byName.delete(nameOf(row.ik, row.fid, row.mine))
    if (row.item !== undefined && byItem.get(row.item) === row.id) byItem.delete(row.item)
    if (row.parent !== undefined) children.get(row.parent)?.delete(row.id)
    wanted.get(row.ik)?.delete(row.id)
    countOpen(row, -1)
  }
  function load() {
    const unkept = [...rows.values()].filter((row) => !row.kept)
    for (const map of [rows, byName, byItem, children, openIn, wanted]) map.clear()
    for (const { doc } of sql.all.all()) remember(JSON.parse(doc) as Transfer)
    for (const row of unkept) remember(row)
  }
  function* rowsOf(ids: Iterable<string>): Generator<Transfer> {
    for (const id of ids) {
      const row = rows.get(id)
      if (row !== undefined) yield row
    }
  }
  store.onRollback(load)
  load()

  const book: Book = {
    all: () => [...rows.values()],
    get: (id) => rows.get(id),
    byFid: (ik, fid, mine) => rows.get(byName.get(nameOf(ik, fid, mine)) ?? ''),
    byItem: (item) => rows.get(byItem.get(item) ?? ''),
    childrenOf: (id) => [...(children.get(id) ?? [])].flatMap((child) => rows.get(child) ?? []),
    openIn: (id) => openIn.get(id) ?? 0,
    * wanted() {
      for (const [ik, ids] of wanted) yield [ik, rowsOf(ids)]
    },
    put(row) {
      store.write(() => {
        if (row.kept) sql.put.run(row.id, JSON.stringify(row))
        remember(row)
      })
    },
    change(id, changes) {
      const next = { ...rows.get(id)!, ...changes }
      book.put(next)
      return next
    },
    drop(id) {
      const row = rows.get(id)
      if (row === undefined) return
      store.write(() => {
        sql.drop.run(id)
        sql.dropPieces.run(id)
        forget(row)
      })
      pieces.delete(id)
    },
    pieces(row) {
      const held = pieces.get(row.id)
      if (held !== undefined) return held
      const saved = row.kept ? sql.pieces.get(row.id) : undefined
      const hashes = new Uint8Array(Math.ceil(row.size / row.piece) * HASH)
      const told = saved !== undefined && saved.hashes.length <= hashes.length ? saved.hashes : new Uint8Array(0)
      hashes.set(told)
      const made = { have: createHave(row.size, row.piece, saved?.have), hashes, known: told.length / HASH }
      pieces.set(row.id, made)
      return made
    },
    bytesHere(id) {
      const row = rows.get(id)
      return row?.part === undefined || row.folder !== undefined ? 0 : book.pieces(row).have.bytes()
    },
    savePieces(row) {
      const held = pieces.get(row.id)
      if (held === undefined || !row.kept || !rows.has(row.id)) return
      store.write(() => sql.putPieces.run(row.id, held.have.saved(), held.hashes.subarray(0, held.known * HASH)))
    },
    forgetPieces(id) {
      pieces.delete(id)
      store.write(() => sql.dropPieces.run(id))
    },
  }
  return book
}
