import type { Api } from '../../protocol/app/api.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { Ik, Ms, Uuid7 } from '../../protocol/ids.ts'
import { MAX_RECEIPT_IDS, MAX_TEXT } from '../../protocol/limits.ts'
import { textFault, utf8Length } from '../../protocol/wire/text.ts'
import type { Links } from '../links/links.ts'
import type { Conversations } from '../messages/conversations.ts'
import type { Courier } from '../messages/courier.ts'
import type { Items } from '../messages/items.ts'
import type { Numbers } from '../messages/numbers.ts'
import type { Outbox } from '../messages/outbox.ts'
import type { Clock, Notifier, Windows } from '../ports.ts'
import { choose, isKept } from '../privacy/modes.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'
import type { Receive } from '../messages/receive.ts'

/** What a chat window asks for. */

type ChatApi = Pick<Api, 'readChat' | 'showChat' | 'holdChat' | 'countChat' | 'sendMessage' | 'sendAgain' | 'deleteMessage' | 'askForMissing' | 'saveDraft' | 'popOut' | 'setKeep'>

export interface ChatDeps {
  store: Store
  clock: Clock
  roster: Roster
  items: Items
  conversations: Conversations
  outbox: Outbox
  numbers: Numbers
  receive: Receive
  courier: Courier
  links: Links
  windows: Windows
  notifier: Notifier
  readReceipts(): boolean
  rememberKeep(buddy: Buddy): void
  /** With its item its row goes, and its bytes in the vault. */
  removeTransfer(id: string): void
  onBuddy(ik: Ik): void
}

/** A chat that moves to a window of its own, or is loaded again, is open again before this. */
const CLOSED_AFTER: Ms = 3_000

export interface Chats extends ChatApi {
  isShown(ik: Ik): boolean
  /** Writes a text as a new message of mine, committed when this returns. */
  write(ik: Ik, text: string): Uuid7
  /** [ME8] This message came into a chat on screen. */
  noteRead(ik: Ik, id: Uuid7): void
  /** [G1] *Until I sign off* is over: nothing of it stays, nor goes out later. */
  sessionOver(ik: Ik): void
}

export function createChats(deps: ChatDeps): Chats {
  const { store, clock, roster, items, conversations, outbox, courier, links } = deps
  const shown = new Map<Ik, number>()
  const held = new Map<Ik, number>()

  const buddyOf = (ik: Ik): Buddy => {
    const buddy = roster.get(ik)
    if (buddy === undefined || (buddy.state !== 'accepted' && buddy.state !== 'left')) throw new Refused('unknown-buddy')
    return buddy
  }

  /** [G1] *Don't keep*: gone once no window has the chat open any more. */
  function closed(ik: Ik) {
    const buddy = roster.get(ik)
    if ((held.get(ik) ?? 0) > 0 || buddy?.mine.mode !== 'off' || buddy.mine.rev === 0) return
    if (items.unread(buddy.c) > 0) store.write(() => items.setUnread(buddy.c, 0))
    items.dropMemory(buddy.c)
    deps.onBuddy(ik)
  }

  /** What was unread is read, and so is `id`, which never was unread. */
  function noteRead(ik: Ik, id?: Uuid7) {
    const buddy = roster.get(ik)
    if (buddy === undefined) return
    const unread = items.unread(buddy.c)
    const isTold = deps.readReceipts()
    const ids = isTold && unread > 0 ? items.page(buddy.c, undefined).items.filter((item) => item.kind !== 'line' && !item.mine).slice(-unread) : []
    if (unread > 0) {
      store.write(() => items.setUnread(buddy.c, 0))
      deps.onBuddy(ik)
      deps.notifier.clear(`message:${ik}`)
    }
    const read = [...ids.filter((item) => item.kind === 'message').map((item) => item.id as Uuid7), ...(isTold && id !== undefined ? [id] : [])].slice(-MAX_RECEIPT_IDS)
    if (read.length > 0) courier.notice(ik, { t: 'rcpt', c: buddy.c, kind: 'read', dev: buddy.dev, ids: read })
  }

  /** What has not left yet never will; its number is told to be void [W23]. */
  function takeBack(buddy: Buddy, id: Uuid7) {
    const gone = outbox.withdraw(buddy.c, id)
    if (gone !== undefined) store.after(() => courier.notice(buddy.ik, { t: 'void', c: buddy.c, from: gone.n, to: gone.n, h: gone.h }))
  }

  function write(ik: Ik, text: string): Uuid7 {
    const buddy = buddyOf(ik)
    const keep = isKept(buddy.mine.mode)
    const id = store.write(() => {
      // First of what follows the commit: it leaves before the windows are told.
      store.after(() => courier.kick(ik))
      const frame = outbox.number(buddy, { t: 'msg', text, fmt: 'plain' }, keep)
      courier.written(ik, frame.n)
      const pos = conversations.nextPos(buddy.c, frame.ts)
      items.add(buddy.c, { kind: 'message', id: frame.id, pos, mine: true, text, at: frame.ts, state: 'waiting' }, keep ? 'disk' : 'memory')
      store.after(() => deps.onBuddy(ik))
      return frame.id
    })
    links.want(ik, true)
    return id
  }

  return {
    isShown: (ik) => (shown.get(ik) ?? 0) > 0,
    write,
    noteRead,
    sessionOver(ik) {
      const buddy = roster.get(ik)
      if (buddy?.mine.mode !== 'session') return
      store.write(() => {
        for (const item of items.inMemory(buddy.c)) if (item.kind === 'message' && item.mine && item.state === 'waiting') takeBack(buddy, item.id as Uuid7)
        items.setUnread(buddy.c, 0)
        items.dropMemory(buddy.c)
      })
      deps.onBuddy(ik)
    },
    readChat({ ik, before }) {
      const buddy = roster.get(ik)
      return buddy === undefined ? { items: [], more: false } : items.page(buddy.c, before)
    },
    showChat({ ik, shown: isShown }) {
      const count = Math.max(0, (shown.get(ik) ?? 0) + (isShown ? 1 : -1))
      shown.set(ik, count)
      const buddy = roster.get(ik)
      if (buddy === undefined) return undefined
      if (isShown) {
        links.want(ik, true)
        noteRead(ik)
        // *Not Ben? Remove* has been seen
        if (buddy.byMyInvite && buddy.mine.rev > 0) store.write(() => roster.change(ik, { byMyInvite: false }))
      }
      return undefined
    },
    holdChat({ ik, held: isHeld }) {
      held.set(ik, Math.max(0, (held.get(ik) ?? 0) + (isHeld ? 1 : -1)))
      if (!isHeld) clock.after(CLOSED_AFTER, () => closed(ik))
      return undefined
    },
    countChat({ ik }) {
      const buddy = buddyOf(ik)
      return { messages: items.count(buddy.c), waiting: outbox.countWaiting(buddy.c) }
    },
    sendMessage({ ik, text }) {
      const buddy = buddyOf(ik)
      const trimmed = text.replaceAll('\r\n', '\n').replace(/^\n+|\s+$/g, '')
      if (trimmed === '') throw new Refused('empty-message')
      if (utf8Length(trimmed) > MAX_TEXT) throw new Refused('long-message')
      if (textFault(trimmed, {}) !== undefined) throw new Refused('bad-request')
      if (buddy.changed !== undefined) throw new Refused('key-changed')
      if (buddy.mine.rev === 0) throw new Refused('not-choosable')
      return { id: write(ik, trimmed) }
    },
    sendAgain({ ik, id }) {
      const buddy = buddyOf(ik)
      const item = items.get(buddy.c, id)
      if (item?.kind !== 'message' || !item.mine || item.state !== 'failed') throw new Refused('unknown-message')
      if (buddy.changed !== undefined) throw new Refused('key-changed')
      store.write(() => items.remove(buddy.c, id))
      write(ik, item.text)
      return undefined
    },
    deleteMessage({ ik, id }) {
      const buddy = buddyOf(ik)
      const item = items.get(buddy.c, id)
      if (item === undefined) throw new Refused('unknown-message')
      if (item.kind === 'file') deps.removeTransfer(item.transfer.id)
      store.write(() => {
        items.remove(buddy.c, id)
        takeBack(buddy, id)
      })
      return undefined
    },
    askForMissing({ ik, id }) {
      const buddy = buddyOf(ik)
      const item = items.get(buddy.c, id)
      if (item?.kind !== 'line' || item.line.what !== 'missing') throw new Refused('unknown-message')
      const { dev, from } = item.line
      store.write(() => deps.numbers.askAgain(buddy.c, dev, from))
      return undefined
    },
    saveDraft({ ik, text }) {
      const buddy = roster.get(ik)
      // A draft is content: of a chat that isn't kept it stays in the window.
      if (buddy === undefined || !isKept(buddy.mine.mode) || buddy.draft === text) return undefined
      store.write(() => roster.change(ik, { draft: text }))
      return undefined
    },
    popOut({ ik }) {
      const url = deps.windows.popOut(ik)
      return url === undefined ? {} : { url }
    },
    setKeep({ ik, keep, deleteHere }) {
      const buddy = buddyOf(ik)
      const isFirst = buddy.mine.rev === 0
      const { state, modes } = choose(buddy.mine, buddy.myModes, keep, clock.now())
      store.write(() => {
        roster.change(ik, { mine: state, myModes: modes, ...(keep === 'disk' ? {} : { draft: '' }) })
        outbox.number(roster.get(ik)!, { t: 'logging', state }, true)
        // [G6] what came before the choice is kept as the first choice says
        if (isFirst && keep === 'disk') items.keepFromMemory(buddy.c)
        if (deleteHere) items.clear(buddy.c)
        if (!isFirst) deps.receive.line(ik, { what: 'i-keep', keep: { mode: keep, chosen: true } })
      })
      deps.rememberKeep(roster.get(ik)!)
      courier.kick(ik)
      return undefined
    },
  }
}
