import type { B64, Ms } from '../../protocol/ids.ts'
import { MAX_SHARE_DEPTH } from '../../protocol/limits.ts'
import type { Store } from '../store/store.ts'
import type { Node } from './open.ts'

/** The index of what is shared: a row per file and folder. The shared folder itself is row 0 and has none. */
export interface Row { row: number; parent: number; kind: 'f' | 'd'; name: string; size: number; mtime: Ms; node: Node }

/** [B5] Where a page goes on: folders stand first, then names. */
export interface Mark { kind: string; folded: string; row: number }
export const START: Mark = { kind: '', folded: '', row: 0 }

/** One change of the index. A number is given once, so that what a buddy holds never comes to mean something else. */
export type Change =
  | { do: 'add'; row: Row; isDue: boolean }
  | { do: 'update'; row: Row }
  | { do: 'drop'; row: number }

/** What is compared in a search: neither case nor ways of writing the same letter count. */
export const fold = (name: string): string => name.normalize('NFKC').toLowerCase()

export type Rows = ReturnType<typeof createRows>

export function createRows({ store }: { store: Store }) {
  const { db } = store
  const columns = 'row, parent, kind, name, size, mtime, node'
  const sql = {
    get: db.prepare<[B64, number], Row>(`SELECT ${columns} FROM share_entries WHERE share = ? AND row = ?`),
    page: db.prepare<[B64, number, string, string, number, number], Row & { folded: string }>(
      `SELECT ${columns}, folded FROM share_entries WHERE share = ? AND parent = ? AND (kind, folded, row) > (?, ?, ?) ORDER BY kind, folded, row LIMIT ?`),
    mark: db.prepare<[B64, number], Mark>('SELECT kind, folded, row FROM share_entries WHERE share = ? AND row = ?'),
    numbers: db.prepare<[B64, number, number], number>('SELECT row FROM share_entries WHERE share = ? AND row > ? ORDER BY row LIMIT ?').pluck(),
    last: db.prepare<[B64, number], number>('SELECT row FROM share_entries WHERE share = ? ORDER BY row DESC LIMIT ?').pluck(),
    matching: db.prepare<[B64, number, number, string, number], Row>(
      `SELECT ${columns} FROM share_entries WHERE share = ? AND row BETWEEN ? AND ? AND instr(folded, ?) > 0 ORDER BY row LIMIT ?`),
    add: db.prepare('INSERT INTO share_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    update: db.prepare('UPDATE share_entries SET size = ?, mtime = ?, node = ? WHERE share = ? AND row = ?'),
    drop: db.prepare('DELETE FROM share_entries WHERE share = ? AND row = ?'),
    got: db.prepare('UPDATE share_entries SET due = 0 WHERE share = ? AND row = ? AND due = 1'),
    due: db.prepare<[B64], number>('SELECT row FROM share_entries INDEXED BY share_entries_due WHERE share = ? AND due = 1 LIMIT 1').pluck(),
  }

  return {
    get: (share: B64, row: number): Row | undefined => sql.get.get(share, row),
    mark: (share: B64, row: number): Mark | undefined => sql.mark.get(share, row),
    page: (share: B64, parent: number, after: Mark, most: number) => sql.page.all(share, parent, after.kind, after.folded, after.row, most),
    numbers: (share: B64, after: number, most: number): number[] => sql.numbers.all(share, after, most),
    /** The highest numbers. */
    last: (share: B64, most: number): number[] => sql.last.all(share, most),
    /** Among the rows from `from` to `to`. `needle` is folded. */
    matching: (share: B64, [from, to]: [number, number], needle: string, most: number): Row[] => sql.matching.all(share, from, to, needle, most),
    /** The way to a row, from the shared folder on; undefined where a folder on it is gone. */
    partsOf(share: B64, row: Row): string[] | undefined {
      const parts = [row.name]
      for (let at = row.parent; at !== 0;) {
        const above = sql.get.get(share, at)
        if (above === undefined || parts.length >= MAX_SHARE_DEPTH) return undefined
        parts.unshift(above.name)
        at = above.parent
      }
      return parts
    },
    /** In the write that is running. */
    apply(share: B64, change: Change) {
      switch (change.do) {
        case 'add': {
          const { row, parent, kind, name, size, mtime, node } = change.row
          return void sql.add.run(share, row, parent, kind, name, fold(name), size, mtime, node, change.isDue ? 1 : 0)
        }
        case 'update': return void sql.update.run(change.row.size, change.row.mtime, change.row.node, share, change.row.row)
        case 'drop': return void sql.drop.run(share, change.row)
        default: return change satisfies never
      }
    },
    /** [B8] A file of a folder that is fetched once is there. */
    got: (share: B64, row: number) => void sql.got.run(share, row),
    /** [B8] Something of it is still to be fetched. */
    isDue: (share: B64): boolean => sql.due.get(share) !== undefined,
  }
}
