import type { ChatItem, Delivery, LastLine, Line, Transfer } from '../../protocol/app/views.ts'
import type { ConvId, Ms, Uuid7 } from '../../protocol/ids.ts'
import { MESSAGE_PAGE } from '../../protocol/limits.ts'
import type { Store } from '../store/store.ts'

/**
 * What stands in a chat: messages and lines, on disk or, where the content is not kept [G2], in memory only. One place decides
 * which; everything else asks for items and never sees the difference.
 */

export type Where = 'disk' | 'memory'
type Message = Extract<ChatItem, { kind: 'message' }>
type LineItem = Extract<ChatItem, { kind: 'line' }>
type FileItem = Extract<ChatItem, { kind: 'file' }>

export interface Items {
  add(c: ConvId, item: ChatItem, where: Where): void
  change(c: ConvId, id: string, changes: Partial<Omit<Message, 'kind' | 'id'>>): void
  remove(c: ConvId, id: string): void
  get(c: ConvId, id: string): ChatItem | undefined
  /** A page, oldest first, of what stands before `before`. */
  page(c: ConvId, before: number | undefined): { items: ChatItem[]; more: boolean }
  addLine(c: ConvId, id: string, line: Line, pos: number, at: Ms, where?: Where): void
  last(c: ConvId): LastLine | undefined
  /** Messages, without lines. */
  count(c: ConvId): number
  unread(c: ConvId): number
  setUnread(c: ConvId, n: number): void
  /** Moves what is in memory to disk: the first choice was *Keep* [G6]. */
  keepFromMemory(c: ConvId): void
  /** Forgets what is in memory: the chat closed, signed off, or the choice was not to keep. */
  dropMemory(c: ConvId): void
  clear(c: ConvId): void
  /** Items in memory of all chats: unread ones and own waiting ones, for the question at quit. */
  inMemory(c: ConvId): ChatItem[]
  /** All items move: the person's key changed and was accepted [I7]. */
  move(from: ConvId, to: ConvId): void
}

export interface ItemsDeps {
  store: Store
  /** A transfer as it is now; it stands in the chat as long as it is there. */
  transfer(id: string): Transfer | undefined
   onItem(c: ConvId, item: ChatItem): void
  onGone(c: ConvId, id: string): void
  onCleared(c: ConvId): void
}

interface Row { id: string; c: ConvId; pos: number; at: Ms; kind: string; mine: number; body: string; state: string | null; doc: string | null }

export function createItems({ store, transfer, onItem, onGone, onCleared }: ItemsDeps): Items {
  const { db } = store
  const memory = new Map<ConvId, Map<string, ChatItem>>()
  const sql = {
    add: db.prepare('INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    get: db.prepare<[string, string], Row>('SELECT * FROM items WHERE c = ? AND id = ?'),
    remove: db.prepare('DELETE FROM items WHERE c = ? AND id = ?'),
    taken: db.prepare('SELECT 1 FROM items WHERE c = ? AND pos = ? AND id <> ?'),
    pageEnd: db.prepare<[string, number], Row>('SELECT * FROM items WHERE c = ? ORDER BY pos DESC, id DESC LIMIT ?'),
    pageBefore: db.prepare<[string, number, number], Row>('SELECT * FROM items WHERE c = ? AND pos < ? ORDER BY pos DESC, id DESC LIMIT ?'),
    clear: db.prepare('DELETE FROM items WHERE c = ?'),
    conversation: db.prepare<[string], { last_mine: number | null; last_text: string | null; last_at: number | null; unread: number }>('SELECT last_mine, last_text, last_at, unread FROM conversations WHERE c = ?'),
    setLast: db.prepare('UPDATE conversations SET last_mine = ?, last_text = ?, last_at = ? WHERE c = ? AND coalesce(last_at, 0) <= ?'),
    putLast: db.prepare('UPDATE conversations SET last_mine = ?, last_text = ?, last_at = ? WHERE c = ?'),
    newest: db.prepare<[string], Row>("SELECT * FROM items WHERE c = ? AND kind <> 'line' ORDER BY pos DESC LIMIT 1"),
    forgetLast: db.prepare('UPDATE conversations SET last_mine = NULL, last_text = NULL, last_at = NULL WHERE c = ?'),
    count: db.prepare<[string], { n: number }>("SELECT count(*) AS n FROM items WHERE c = ? AND kind <> 'line'"),
    setUnread: db.prepare('UPDATE conversations SET unread = ? WHERE c = ?'),
    move: db.prepare('UPDATE items SET c = ? WHERE c = ?'),
  }
  const inMemory = (c: ConvId) => memory.get(c) ?? memory.set(c, new Map()).get(c)!
  const bySort = (a: ChatItem, b: ChatItem) => a.pos - b.pos || (a.id < b.id ? -1 : 1)

  /** Places are unique within a chat, so that a page ends exactly where the next begins. */
  function freePlace(c: ConvId, wanted: number, id: string): number {
    const held = [...(memory.get(c)?.values() ?? [])]
    let pos = wanted
    while (sql.taken.get(c, pos, id) !== undefined || held.some((item) => item.pos === pos && item.id !== id)) pos += 0.001
    return pos
  }

  function writeRow(c: ConvId, item: ChatItem) {
    if (item.kind === 'line') return void sql.add.run(c, item.id, item.pos, item.at, 'line', 0, JSON.stringify(item.line), null, null)
    if (item.kind === 'file') return void sql.add.run(c, item.id, item.pos, item.at, 'file', item.mine ? 1 : 0, item.transfer.name, null, JSON.stringify({ transfer: item.transfer.id }))
    const { id, pos, at, mine, text, state, ...rest } = item
    sql.add.run(c, id, pos, at, 'message', mine ? 1 : 0, text, state ?? null, JSON.stringify({ ...rest, kind: undefined }))
  }
  /** Undefined: a file that is gone. */
  function readRow(row: Row): ChatItem | undefined {
    if (row.kind === 'line') return { kind: 'line', id: row.id, pos: row.pos, at: row.at, line: JSON.parse(row.body) as Line } satisfies LineItem
    if (row.kind === 'file') return withTransfer({ kind: 'file', id: row.id, pos: row.pos, at: row.at, mine: row.mine === 1 }, (JSON.parse(row.doc!) as { transfer: string }).transfer)
    return {
      kind: 'message', id: row.id as Uuid7, pos: row.pos, at: row.at, mine: row.mine === 1, text: row.body,
      ...(row.state === null ? {} : { state: row.state as Delivery }), ...(row.doc === null ? {} : (JSON.parse(row.doc) as Partial<Message>)),
    }
  }
  function withTransfer(item: Omit<FileItem, 'transfer'>, id: string): FileItem | undefined {
    const now = transfer(id)
    return now === undefined ? undefined : { ...item, transfer: now }
  }
  /** What is in memory was put there as it was then. */
  const current = (item: ChatItem): ChatItem => (item.kind === 'file' ? (withTransfer(item, item.transfer.id) ?? item) : item)
  const textOf = (item: ChatItem) => (item.kind === 'message' ? item.text : item.kind === 'file' ? item.transfer.name : '')

  /** The list's last line is what stands in the chat, also after something was deleted. */
  function refreshLast(c: ConvId) {
    const row = sql.newest.get(c)
    if (row === undefined) sql.forgetLast.run(c)
    else sql.putLast.run(row.mine, row.body.slice(0, 200), row.at, c)
  }
  const announce = (c: ConvId, item: ChatItem) => store.after(() => onItem(c, item))

  const items: Items = {
    add(c, wanted, where) {
      const item = { ...wanted, pos: freePlace(c, wanted.pos, wanted.id) }
      if (where === 'memory') inMemory(c).set(item.id, item)
      else {
        writeRow(c, item)
        if (item.kind !== 'line') sql.setLast.run(item.mine ? 1 : 0, textOf(item).slice(0, 200), item.at, c, item.at)
      }
      announce(c, item)
    },
    change(c, id, changes) {
      const item = items.get(c, id)
      if (item === undefined || item.kind !== 'message') return
      const next = { ...item, ...changes }
      if (memory.get(c)?.has(id)) inMemory(c).set(id, next)
      else writeRow(c, next)
      announce(c, next)
    },
    remove(c, id) {
      const wasInMemory = memory.get(c)?.delete(id) ?? false
      const wasOnDisk = sql.remove.run(c, id).changes > 0
      if (wasOnDisk) refreshLast(c)
      if (wasOnDisk || wasInMemory) store.after(() => onGone(c, id))
    },
    get(c, id) {
      const held = memory.get(c)?.get(id)
      if (held !== undefined) return held
      const row = sql.get.get(c, id)
      return row === undefined ? undefined : readRow(row)
    },
    page(c, before) {
      const rows = before === undefined ? sql.pageEnd.all(c, MESSAGE_PAGE + 1) : sql.pageBefore.all(c, before, MESSAGE_PAGE + 1)
      const held = [...(memory.get(c)?.values() ?? [])].filter((item) => before === undefined || item.pos < before)
      const all = [...rows.flatMap((row) => readRow(row) ?? []), ...held.map(current)].sort(bySort)
      return { items: all.slice(-MESSAGE_PAGE), more: rows.length > MESSAGE_PAGE || all.length > MESSAGE_PAGE }
    },
    addLine: (c, id, line, pos, at, where = 'disk') => items.add(c, { kind: 'line', id, pos, at, line }, where),
    last(c) {
      const row = sql.conversation.get(c)
      const kept = row?.last_at == null ? undefined : { mine: row.last_mine === 1, text: row.last_text ?? '', at: row.last_at }
      const held = [...(memory.get(c)?.values() ?? [])].filter((item) => item.kind !== 'line').sort(bySort).at(-1)
      const newest = held === undefined ? undefined : { mine: held.mine, text: textOf(held).slice(0, 200), at: held.at }
      return newest !== undefined && newest.at >= (kept?.at ?? 0) ? newest : kept
    },
    count: (c) => sql.count.get(c)!.n + items.inMemory(c).filter((item) => item.kind !== 'line').length,
    unread: (c) => sql.conversation.get(c)?.unread ?? 0,
    setUnread: (c, n) => void sql.setUnread.run(n, c),
    keepFromMemory(c) {
      for (const item of [...inMemory(c).values()].sort(bySort)) {
        items.add(c, item, 'disk')
        // Only once it is on disk: with a full one it stays here.
        store.after(() => memory.get(c)?.delete(item.id))
      }
    },
    dropMemory(c) {
      const ids = [...(memory.get(c)?.keys() ?? [])]
      memory.delete(c)
      for (const id of ids) store.after(() => onGone(c, id))
    },
    clear(c) {
      memory.delete(c)
      sql.clear.run(c)
      sql.forgetLast.run(c)
      sql.setUnread.run(0, c)
      store.after(() => onCleared(c))
    },
    inMemory: (c) => [...(memory.get(c)?.values() ?? [])],
    move(from, to) {
      sql.move.run(to, from)
      const held = memory.get(from)
      if (held !== undefined) memory.set(to, held)
      memory.delete(from)
    },
  }
  return items
}
