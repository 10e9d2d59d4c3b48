import type { ChatItem, Event, Snapshot, Transfer } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { type Away, awayAtFirst } from './away.ts'

/** What stands in one chat, as far as it was read. */
export interface Chat {
  /** Sorted by `pos`, then `id`. */
  items: readonly ChatItem[]
  /** Older ones can be read. */
  more: boolean
  /** The first page is here. */
  isRead: boolean
}

/** All that a window knows. */
export interface State extends Snapshot {
  /** Chats that were opened in this window. */
  chats: Readonly<Record<string, Chat>>
  away: Away
}

const EMPTY: Chat = { items: [], more: false, isRead: false }

export const fromSnapshot = (snapshot: Snapshot): State => ({ ...snapshot, chats: {}, away: awayAtFirst(snapshot.connection) })

export const openedChat = (state: State, ik: Ik): State =>
  state.chats[ik] === undefined ? { ...state, chats: { ...state.chats, [ik]: EMPTY } } : state

/** A page that was read. It was made after every event that came before it, so what it says wins. */
export function withPage(state: State, ik: Ik, page: { items: readonly ChatItem[]; more: boolean }): State {
  const chat = state.chats[ik] ?? EMPTY
  const items = page.items.reduce(withItem, chat.items)
  return withChat(state, ik, { items, more: page.more, isRead: true })
}

/** The state after an event. */
export function fold(state: State, event: Event): State {
  switch (event.e) {
    case 'phase': return { ...state, phase: event.phase }
    case 'me': return { ...state, me: event.me }
    case 'connection': return { ...state, connection: event.connection }
    case 'buddy': return { ...state, buddies: withBuddy(state.buddies, event.buddy) }
    case 'buddy-gone': return withoutChat({ ...state, buddies: state.buddies.filter((buddy) => buddy.ik !== event.ik) }, event.ik)
    case 'requests': return { ...state, requests: event.requests, refused: event.refused }
    case 'invites': return { ...state, invites: event.invites }
    case 'blocked': return { ...state, blocked: event.blocked }
    case 'settings': return { ...state, settings: event.settings }
    case 'defaults': return { ...state, defaults: event.defaults }
    case 'offered-invite': {
      const { offeredInvite: _, ...rest } = state
      return event.link === undefined ? rest : { ...rest, offeredInvite: event.link }
    }
    case 'banners': return { ...state, banners: event.banners }
    case 'transfer': return { ...state, transfers: withTransfer(state.transfers, event.transfer) }
    case 'transfer-gone': return { ...state, transfers: state.transfers.filter((transfer) => transfer.id !== event.id) }
    case 'rules': return { ...state, rules: event.rules }
    case 'shares': return { ...state, shares: event.shares }
    case 'scanner': return { ...state, scanner: event.scanner }
    case 'item': return inChat(state, event.ik, (items) => withItem(items, event.item))
    case 'item-gone': return inChat(state, event.ik, (items) => items.filter((item) => item.id !== event.id))
    case 'chat-cleared': return inChat(state, event.ik, () => [])
    default: return unreachable(event)
  }
}

function withBuddy<B extends { ik: Ik }>(buddies: readonly B[], buddy: B): B[] {
  const at = buddies.findIndex((other) => other.ik === buddy.ik)
  return at === -1 ? [...buddies, buddy] : buddies.with(at, buddy)
}

/** Newest first; one that is known keeps its place. */
function withTransfer(transfers: readonly Transfer[], transfer: Transfer): Transfer[] {
  const at = transfers.findIndex((other) => other.id === transfer.id)
  if (at !== -1) return transfers.with(at, transfer)
  const after = transfers.findIndex((other) => other.at < transfer.at || (other.at === transfer.at && other.id < transfer.id))
  return transfers.toSpliced(after === -1 ? transfers.length : after, 0, transfer)
}

const withChat = (state: State, ik: Ik, chat: Chat): State => ({ ...state, chats: { ...state.chats, [ik]: chat } })

function withoutChat(state: State, ik: Ik): State {
  const { [ik]: _, ...chats } = state.chats
  return { ...state, chats }
}

/** Chats nobody opened here are not followed. */
function inChat(state: State, ik: Ik, change: (items: readonly ChatItem[]) => readonly ChatItem[]): State {
  const chat = state.chats[ik]
  return chat === undefined ? state : withChat(state, ik, { ...chat, items: change(chat.items) })
}

function withItem(items: readonly ChatItem[], item: ChatItem): readonly ChatItem[] {
  const others = items.filter((other) => other.id !== item.id)
  const at = others.findLastIndex((other) => isBefore(other, item)) + 1
  return others.toSpliced(at, 0, item)
}

const isBefore = (a: ChatItem, b: ChatItem): boolean => a.pos < b.pos || (a.pos === b.pos && a.id < b.id)

/** The type checker says so when a case is missing; an event of a newer core is an error. */
function unreachable(event: never): never {
  throw new Error(`unknown event: ${JSON.stringify(event)}`)
}
