import { setImmediate as breathe } from 'node:timers/promises'
import type { B64 } from '../../protocol/ids.ts'
import { MAX_SHARE_DEPTH, MAX_SHARE_ENTRIES } from '../../protocol/limits.ts'
import { textFault } from '../../protocol/wire/text.ts'
import type { Found, Opener } from './open.ts'
import { type Change, type Mark, type Row, type Rows, START } from './rows.ts'

/** Makes the index equal to what lies in a shared folder, in slices: nobody else waits for it. */

/** Rows compared, and rows written, before others have their turn: a few milliseconds of work. */
const SLICE = 250

export interface WalkDeps {
  rows: Rows
  opener: Opener
  leaveOut(): readonly string[]
  /** Does these changes in one write; `next` is the number the next new entry gets. */
  write(share: B64, changes: Change[], next: number): void
  /** Numbers so far, of a walk that goes on. */
  onProgress(share: B64, counted: Counted): void
  /** The share has ended meanwhile, or Parley is closing. */
  isOver(share: B64): boolean
  /** Entries that are looked at. */
  most?: number
}

/** `skipped`: names that can't stand on the wire, and what lies too deep or is too much. */
export interface Counted { files: number; bytes: number; skipped: number }

export type Walked = ({ at: 'done' } & Counted) | { at: 'gone' } | { at: 'over' }

export interface ToWalk { id: B64; root: string; next: number; once: boolean }

/** [W7] The name can travel, and is shown as it is. */
const mayTravel = (name: string): boolean => textFault(name, { line: true, bytes: 255, min: 1 }) === undefined

export async function walk({ rows, opener, leaveOut, write, onProgress, isOver, most = MAX_SHARE_ENTRIES }: WalkDeps, share: ToWalk): Promise<Walked> {
  const counted: Counted = { files: 0, bytes: 0, skipped: 0 }
  const hidden = new Set(leaveOut())
  const isLeftOut = (name: string) => name.startsWith('.') || hidden.has(name)
  let { next } = share
  let seen = 0
  let changes: Change[] = []
  const isOverNow = () => isOver(share.id)
  const flush = async () => {
    if (changes.length > 0 && !isOverNow()) write(share.id, changes, next)
    changes = []
    await breathe()
  }
  const note = async (change: Change) => {
    if (changes.push(change) >= SLICE) await flush()
  }

  const folders: { row: number; parts: string[] }[] = [{ row: 0, parts: [] }]
  /** Folders that are gone, each before those in it. */
  const gone: number[] = []

  /** The row of what was found: known, changed or new. */
  async function keep(found: Found, parent: number, known: Map<string, Row>): Promise<number> {
    const old = known.get(keyOf(found))
    if (old === undefined) {
      const row = next++
      await note({ do: 'add', row: { ...found, row, parent }, isDue: share.once && found.kind === 'f' })
      return row
    }
    known.delete(keyOf(found))
    if (old.size !== found.size || old.mtime !== found.mtime || old.node !== found.node) await note({ do: 'update', row: { ...found, row: old.row, parent } })
    return old.row
  }

  /** A folder's row stays until nothing is in it any more: a walk that is cut off leaves nothing that no later one finds. */
  const drop = async (row: Row) => void (row.kind === 'd' ? gone.push(row.row) : await note({ do: 'drop', row: row.row }))

  for (const { row: parent, parts } of folders) {
    const found = await opener.folder(share.root, parts, { isLeftOut, most: most - seen })
    if (found === 'gone' && parent === 0) return isOverNow() ? { at: 'over' } : { at: 'gone' }
    if (isOverNow()) return { at: 'over' }
    const known = await knownIn(rows, share.id, parent)
    let compared = 0
    for (const one of found === 'gone' ? [] : found) {
      if (++compared % SLICE === 0) {
        await breathe()
        if (isOverNow()) return { at: 'over' }
      }
      const isTooDeep = one.kind === 'd' && parts.length + 1 >= MAX_SHARE_DEPTH
      if (seen >= most || isTooDeep || !mayTravel(one.name)) {
        counted.skipped++
        continue
      }
      seen++
      const row = await keep(one, parent, known)
      if (one.kind === 'd') {
        folders.push({ row, parts: [...parts, one.name] })
      } else {
        counted.files++
        counted.bytes += one.size
      }
    }
    for (const row of known.values()) await drop(row)
    onProgress(share.id, counted)
  }
  for (const folder of gone) {
    if (isOverNow()) return { at: 'over' }
    for (const row of (await knownIn(rows, share.id, folder)).values()) await drop(row)
  }
  for (const row of gone.reverse()) await note({ do: 'drop', row })
  await flush()
  return isOverNow() ? { at: 'over' } : { at: 'done', ...counted }
}

const keyOf = ({ kind, name }: { kind: string; name: string }) => kind + name

/** What the index has in this folder, by kind and name. */
async function knownIn(rows: Rows, share: B64, parent: number): Promise<Map<string, Row>> {
  const known = new Map<string, Row>()
  for (let after: Mark = START; ;) {
    const page = rows.page(share, parent, after, 2 * SLICE)
    for (const row of page) known.set(keyOf(row), row)
    const last = page.at(-1)
    if (last === undefined || page.length < 2 * SLICE) return known
    after = last
    await breathe()
  }
}
