import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ShareEntry, TheirShare } from '../../protocol/app/views.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import { refusalOf } from '../store/parley.ts'
import { type Folder, type Folders, folderKey, type TreeRow, treeRows } from './tree.ts'

/** Where a tree comes from: a buddy, or one's own shares as a buddy sees them. */
export interface Source {
  shares(): Promise<{ shares: TheirShare[] }>
  folder(share: string, dir: string, after: string | undefined): Promise<{ entries: ShareEntry[]; more: boolean }>
}

const UNREAD: Folder = { entries: [], more: false, reading: 'no' }

/** A tree that reads each folder when it is opened first, page by page. */
export function useTree(source: Source) {
  const [shares, setShares] = useState<readonly TheirShare[]>()
  const [failed, setFailed] = useState<ErrorCode>()
  const [folders, setFolders] = useState<Folders>({})
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())

  const ask = useCallback(() => {
    setFailed(undefined)
    source.shares().then((answer) => setShares(answer.shares), (error: unknown) => setFailed(refusalOf(error)))
  }, [source])
  useEffect(ask, [ask])

  const read = (share: string, dir: string) => {
    const key = folderKey(share, dir)
    const before = folders[key] ?? UNREAD
    if (before.reading === 'yes') return
    const set = (change: (folder: Folder) => Folder) => setFolders((all) => ({ ...all, [key]: change(all[key] ?? UNREAD) }))
    set((folder) => ({ ...folder, reading: 'yes' }))
    source.folder(share, dir, before.entries.at(-1)?.e).then(
      ({ entries, more }) => set((folder) => ({ entries: [...folder.entries, ...entries], more, reading: 'no' })),
      (error: unknown) => set((folder) => ({ ...folder, reading: { failed: refusalOf(error) } })),
    )
  }
  const toggle = (row: TreeRow) => {
    if (row.is === 'more' || row.is === 'failed') return read(row.share, row.dir)
    if (!('isOpen' in row)) return
    setOpen((before) => (row.isOpen ? new Set([...before].filter((key) => key !== row.key)) : new Set([...before, row.key])))
    if (!row.isOpen && folders[row.key] === undefined) read(row.share, row.is === 'share' ? '' : row.item.e)
  }
  const rows = useMemo(() => treeRows(shares ?? [], folders, open), [shares, folders, open])
  return { rows, isAsked: shares === undefined && failed === undefined, isNone: shares?.length === 0, failed, ask, toggle }
}
