import type { ShareEntry, TheirShare } from '../../protocol/app/views.ts'
import type { ErrorCode } from '../../protocol/errors.ts'

/** What a folder holds, as far as it was read. */
export interface Folder {
  entries: readonly ShareEntry[]
  more: boolean
  reading: 'no' | 'yes' | { failed: ErrorCode }
}
export type Folders = Readonly<Record<string, Folder>>

/** A folder is known by its share and its own id; the share itself by no id. */
export const folderKey = (share: string, dir: string): string => `${share} ${dir}`

/** Where in the tree: from 1, among its siblings; -1 while more can be read. */
interface Place { key: string; level: number; pos: number; of: number; share: string; parent?: string }
export type TreeRow = Place & (
  | { is: 'share'; item: TheirShare; isOpen: boolean }
  | { is: 'entry'; item: ShareEntry; isOpen?: boolean }
  /** Stands for what is not there yet, or never will be. */
  | { is: 'reading' | 'empty' | 'more'; dir: string }
  | { is: 'failed'; dir: string; code: ErrorCode }
)

/** The tree as its rows from the top, with only what is open. */
export function treeRows(shares: readonly TheirShare[], folders: Folders, open: ReadonlySet<string>): TreeRow[] {
  return shares.flatMap((item, index): TreeRow[] => {
    const key = folderKey(item.share, '')
    const row = { is: 'share', key, level: 1, pos: index + 1, of: shares.length, share: item.share, item, isOpen: open.has(key) } as const
    return [row, ...(row.isOpen ? inside(item.share, '', 2, folders, open) : [])]
  })
}

function inside(share: string, dir: string, level: number, folders: Folders, open: ReadonlySet<string>): TreeRow[] {
  const parent = folderKey(share, dir)
  const { entries, more, reading }: Folder = folders[parent] ?? { entries: [], more: false, reading: 'yes' }
  const of = more ? -1 : entries.length
  const rows = entries.flatMap((item, index): TreeRow[] => {
    const key = folderKey(share, item.e)
    const isOpen = item.kind === 'd' ? open.has(key) : undefined
    const row: TreeRow = { is: 'entry', key, level, pos: index + 1, of, share, parent, item, ...(isOpen !== undefined && { isOpen }) }
    return [row, ...(isOpen ? inside(share, item.e, level + 1, folders, open) : [])]
  })
  const last = { key: `${parent} …`, level, pos: entries.length + 1, of, share, parent, dir }
  if (reading === 'yes') return [...rows, { ...last, is: 'reading' }]
  if (reading !== 'no') return [...rows, { ...last, is: 'failed', code: reading.failed }]
  if (more) return [...rows, { ...last, is: 'more' }]
  return entries.length === 0 ? [{ ...last, is: 'empty' }] : rows
}

/** Where a key leads from a row: to another row, or to opening or closing this one. */
export function treeMove(rows: readonly TreeRow[], at: number, key: string): { to: number } | { toggle: TreeRow } | undefined {
  const row = rows[at]
  if (row === undefined) return undefined
  const isOpen = 'isOpen' in row ? row.isOpen : undefined
  switch (key) {
    case 'ArrowDown': return { to: Math.min(at + 1, rows.length - 1) }
    case 'ArrowUp': return { to: Math.max(at - 1, 0) }
    case 'Home': return { to: 0 }
    case 'End': return { to: rows.length - 1 }
    case 'ArrowRight': return isOpen === undefined ? undefined : isOpen ? { to: at + 1 } : { toggle: row }
    case 'ArrowLeft': {
      if (isOpen) return { toggle: row }
      const parent = rows.findIndex((one) => one.key === row.parent)
      return parent === -1 ? undefined : { to: parent }
    }
    case 'Enter':
    case ' ': return isOpen === undefined && row.is !== 'more' && row.is !== 'failed' ? undefined : { toggle: row }
    default: return undefined
  }
}
