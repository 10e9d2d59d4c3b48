import { setImmediate as breathe } from 'node:timers/promises'
import type { B64, Ik } from '../../protocol/ids.ts'
import { MAX_FRAME, MAX_SHARES } from '../../protocol/limits.ts'
import type { ShareFrame } from '../../protocol/wire/peer.ts'
import type { Books, Grant } from './books.ts'
import type { Handles } from './handles.ts'
import { fold, type Mark, type Row, type Rows, START } from './rows.ts'

/** What a buddy sees of what is shared: the same for the wire and for the owner who looks through a buddy's eyes. */

type Listed = Extract<ShareFrame, { t: 'share.shares' }>['list'][number]
export type Entry = Extract<ShareFrame, { t: 'share.entries' }>['list'][number]
type Hit = Extract<ShareFrame, { t: 'share.hits' }>['list'][number]
export interface Page<T> { list: T[]; more: boolean }

/** Room in a frame for everything but its list. */
const HEAD = 128
/** Rows searched before others have their turn: a few milliseconds. */
const SPAN = 2_000
/** Last entries of pages that were handed out, for the page that follows. */
const MARKS = 256

export type Answers = ReturnType<typeof createAnswers>

export function createAnswers({ books, rows, handles }: { books: Books; rows: Rows; handles: Handles }) {
  const marks = new Map<string, Mark>()
  const keyOf = (grant: Grant, e: B64) => grant.key + e
  const entryOf = (grant: Grant, row: Row): Entry => ({ e: handles.of(grant, row.row), name: row.name, k: row.kind, s: row.size, m: row.mtime })

  /** What lies in that folder; the shared one is ''. */
  async function folderOf(grant: Grant, dir: B64 | ''): Promise<number | 'gone' | 'busy'> {
    if (dir === '') return 0
    const row = await handles.rowOf(grant, dir)
    return typeof row === 'number' && rows.get(grant.share.id, row)?.kind !== 'd' ? 'gone' : row
  }

  /** Where the page after this entry begins, also where the entry is gone by now. */
  async function markOf(grant: Grant, after: B64 | undefined): Promise<Mark | 'gone' | 'busy'> {
    if (after === undefined) return START
    const known = marks.get(keyOf(grant, after))
    if (known !== undefined) return known
    const row = await handles.rowOf(grant, after)
    return typeof row === 'number' ? (rows.mark(grant.share.id, row) ?? 'gone') : row
  }

  return {
    /** [B8] What was dropped on a chat stands in the chat, and in no list but its owner's. */
    shares: (ik: Ik, withGiven = false): Listed[] => fit(books.grantedTo(ik).filter(({ share }) => withGiven || share.once === 0).slice(0, MAX_SHARES)
      .map(({ share: { id, name, files, bytes, until } }) => ({ share: id, name, files, bytes, exp: until }))).list,

    /** [B5] */
    async folder(grant: Grant, { dir, after, max }: { dir: B64 | ''; after?: B64 | undefined; max: number }): Promise<Page<Entry> | 'gone' | 'busy'> {
      const parent = await folderOf(grant, dir)
      if (typeof parent === 'string') return parent
      const mark = await markOf(grant, after)
      if (typeof mark === 'string') return mark
      const found = rows.page(grant.share.id, parent, mark, max + 1)
      const { list, cut } = fit(found.slice(0, max).map((row) => entryOf(grant, row)))
      const last = found[list.length - 1]
      if (last !== undefined) marks.set(keyOf(grant, list.at(-1)!.e), { kind: last.kind, folded: last.folded, row: last.row })
      if (marks.size > MARKS) marks.delete(marks.keys().next().value!)
      return { list, more: cut || found.length > max }
    },

    /** [B5] Nothing is matched that this buddy was not granted, and no more of what is revoked meanwhile. */
    async find(grants: Grant[], { text, max }: { text: string; max: number }): Promise<Page<Hit>> {
      const needle = fold(text)
      const hits: { hit: Hit; grant: Grant }[] = []
      for (const grant of grants) {
        const { id, next } = grant.share
        for (let from = 1; from < next && hits.length <= max; from += SPAN) {
          for (const row of rows.matching(id, [from, from + SPAN - 1], needle, max + 1 - hits.length)) {
            hits.push({ grant, hit: { ...entryOf(grant, row), share: id, dir: row.parent === 0 ? '' : handles.of(grant, row.parent) } })
          }
          await breathe()
        }
      }
      const still = hits.filter(({ grant }) => books.granted(grant.ik, grant.share.id) !== undefined).map(({ hit }) => hit)
      const { list, cut } = fit(still.slice(0, max))
      return { list, more: cut || hits.length > max }
    },
  }
}

/** As much of a list as one frame holds. */
function fit<T>(items: T[]): { list: T[]; cut: boolean } {
  let room = MAX_FRAME - HEAD
  for (const [i, item] of items.entries()) {
    room -= Buffer.byteLength(JSON.stringify(item)) + 1
    if (room < 0) return { list: items.slice(0, i), cut: true }
  }
  return { list: items, cut: false }
}
