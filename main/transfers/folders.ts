import type { ShareEntry } from '../../protocol/app/views.ts'
import type { B64, Ik } from '../../protocol/ids.ts'
import { MAX_SHARE_DEPTH, MAX_SHARE_ENTRIES, OFFER_EXPIRES } from '../../protocol/limits.ts'
import { pieceSize } from '../../protocol/wire/files.ts'
import type { Transfer } from './book.ts'
import type { Ground } from './ground.ts'

/** [B8] Folders fetched whole: one row for a person, and one for each file in it, fetched like any file out of a share. */

export interface FoldersDeps {
  ground: Ground
  /** A page of a folder of theirs. */
  list(ik: Ik, share: B64, dir: string, after: B64 | undefined): Promise<{ ok: true; entries: Pick<ShareEntry, 'e' | 'name' | 'kind' | 'size' | 'at'>[]; more: boolean } | { ok: false; code: string }>
  safeName(name: string): string
  isLinkUp(ik: Ik): boolean
  schedule(): void
  /** Each file is here and looked at, or has ended. */
  onComplete(row: Transfer): void
}

export interface Folders {
  /** Lists what is in it, as far as that is not known, and lets its files come. */
  start(row: Transfer): void
  linkUp(ik: Ik): void
  /** A file of it has reached a stage. */
  childChanged(parent: string): void
  progress(row: Transfer): { done: number; files: number }
}

/** After a page that was refused. */
const AGAIN = 5_000

export function createFolders({ ground, ...deps }: FoldersDeps): Folders {
  const { book, store, clock } = ground
  const listing = new Set<string>()

  async function list(id: string): Promise<void> {
    const row = book.get(id)
    if (row?.folder === undefined || row.folder.isListed || row.stage.at !== 'wanted' || listing.has(id) || !deps.isLinkUp(row.ik)) return
    listing.add(id)
    try {
      if (await walk(row)) {
        store.write(() => {
          const now = book.get(id)!
          book.change(id, { folder: { ...now.folder!, isListed: true } })
        })
        settle(id)
      } else clock.after(AGAIN, () => start(id))
    } finally {
      listing.delete(id)
      deps.schedule()
      ground.onChange(id)
    }
  }

  /** False: not to its end. Files known from before are not added twice. */
  async function walk(row: Transfer): Promise<boolean> {
    const { share, dir } = row.folder!
    const known = new Map(book.childrenOf(row.id).map((child) => [child.entry!.e, child]))
    const folders = new Set<string>()
    let bytes = book.childrenOf(row.id).reduce((sum, { size }) => sum + size, 0)
    const queue: { dir: string; path: string[] }[] = [{ dir, path: [] }]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      let after: B64 | undefined
      for (let more = true; more;) {
        const page = await deps.list(row.ik, share, next.dir, after)
        if (book.get(row.id)?.stage.at !== 'wanted') return true
        if (!page.ok) {
          if (page.code === 'share-gone') ground.apply(row.id, { on: 'told', end: { t: 'file.stop', why: 'gone' } })
          return false
        }
        store.write(() => {
          for (const entry of page.entries) {
            const path = [...next!.path, deps.safeName(entry.name)]
            if (entry.kind === 'd') {
              if (path.length >= MAX_SHARE_DEPTH || folders.has(entry.e)) continue
              folders.add(entry.e)
              queue.push({ dir: entry.e, path })
            } else if (!known.has(entry.e)) {
              // Two names that a disk takes for one are two files here: they get different ones as they are saved.
              bytes += entry.size
              known.set(entry.e, addFile(row, entry, path))
            }
          }
          // A listing says nothing of how much a folder in it holds: that is known page by page.
          if (!row.folder!.once) book.change(row.id, { size: bytes, folder: { ...book.get(row.id)!.folder!, files: known.size } })
        })
        // [B8] What was offered is what was accepted: no more files, no more bytes; and no listing without end.
        const { once, files, bytes: offered } = row.folder!
        if (known.size + folders.size > MAX_SHARE_ENTRIES || (once && (known.size > files || bytes > offered))) {
          ground.apply(row.id, { on: 'told', end: { t: 'file.stop', why: 'changed' } })
          return true
        }
        deps.schedule()
        ground.onChange(row.id)
        more = page.more && page.entries.length > 0
        after = page.entries.at(-1)?.e
      }
    }
    return true
  }

  function addFile(parent: Transfer, { e, size, at }: Pick<ShareEntry, 'e' | 'size' | 'at'>, path: string[]): Transfer {
    const now = ground.now()
    const child: Transfer = {
      id: ground.chance.uuid7(now), ik: parent.ik, fid: ground.chance.b64(16), mine: false, kept: parent.kept,
      stage: { at: 'wanted', pausedByMe: false, pausedByThem: false, isFull: false }, at: now, stateAt: now,
      name: path.at(-1)!, size, piece: pieceSize(size) ?? 1, root: null, exp: now + OFFER_EXPIRES, cleared: false, hasLeft: true,
      entry: { share: parent.folder!.share, e }, mtime: at, parent: parent.id, path,
    }
    book.put(child)
    return child
  }

  /** Whole once each of its files is here, or has ended. */
  function settle(id: string) {
    const row = book.get(id)
    if (row?.stage.at === 'arrived' && row.stage.saved === undefined) return deps.onComplete(row)
    if (row?.folder?.isListed !== true || row.stage.at !== 'wanted') return
    if (book.openIn(id) === 0) deps.onComplete(row)
  }

  function start(id: string) {
    ground.background(list(id))
  }

  return {
    start: (row) => start(row.id),
    linkUp(ik) {
      for (const row of book.all()) if (row.ik === ik && row.folder !== undefined && !row.mine) start(row.id)
    },
    childChanged: settle,
    progress(row) {
      const children = book.childrenOf(row.id)
      const isDone = ({ stage }: Transfer) => stage.at === 'scanning' || stage.at === 'arrived'
      return {
        done: children.reduce((sum, child) => sum + (isDone(child) ? child.size : book.bytesHere(child.id)), 0),
        files: children.filter(isDone).length,
      }
    },
  }
}
