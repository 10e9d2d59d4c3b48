import type { ErrorCode } from '../errors.ts'
import type { Address, DevId, Ik, Ms, ServerName, Uuid7 } from '../ids.ts'

/** What the core shows the windows: plain data, complete in itself, replaced as a whole. Crosses the process line, never the network. */

/** What this host can do; the windows don't draw what it can't. */
export interface Can {
  /** The keys rest under the system's keychain. */
  keychain: boolean
  tray: boolean
  notifications: boolean
  popOut: boolean
  saveFile: boolean
}

/** Where the app stands as a whole. */
export type Phase =
  /** No identity in this profile. */
  | { at: 'welcome' }
  | { at: 'ready' }
  /** A sentence instead of the app: see `code`. */
  | { at: 'failed'; code: ErrorCode }

export interface Me {
  ik: Ik
  name: string
  addr: Address
  server: ServerName
  /** What to call the server on screen: its host name, or "this computer". */
  serverLabel: string
  isThisComputer: boolean
  presence: 'on' | 'away' | 'busy'
  status: string
  /** Up to five, newest first. */
  recentStatuses: string[]
  /** The 24 words are still on this computer, unconfirmed. */
  wordsUnconfirmed: boolean
}

export type Connection =
  | { at: 'off'; since?: Ms; why?: 'user' | 'replaced' }
  | { at: 'connecting' }
  | { at: 'on' }
  | { at: 'waiting'; until: Ms }
  /** Stopped until the user does something; `server-key` asks to accept the new key. */
  | { at: 'stopped'; code: ErrorCode; since: Ms }

export type Presence = 'on' | 'away' | 'busy' | 'off' | 'unknown'
export type Level = 'unverified' | 'linked' | 'verified'
/** How you connect: who learns an address. */
export type Connect = 'server' | 'relay' | 'direct'
export type KeepChoice = 'disk' | 'session' | 'off'

/** One half of the strip. `chosen: false`: not chosen yet (rev 0). `unknown`: the program says nothing. */
export interface Keep {
  mode: 'off' | 'session' | 'disk' | 'archive' | 'unknown'
  /** Seconds, where not for ever. */
  keep?: number
  /** Organisation, where a policy set it. */
  by?: string
  chosen: boolean
}

export type LinkView =
  | { at: 'none' }
  | { at: 'connecting' }
  | { at: 'retry'; until: Ms }
  /** `seen`: the address of yours the buddy sees. */
  | { at: 'direct'; seen: string; where: 'internet' | 'network' | 'this-computer' }
  | { at: 'relayed' }
  | { at: 'server' }
  /** Direct was tried and is not possible; the server carries the text. */
  | { at: 'server-for-now' }
  | { at: 'offline' }

export interface LastLine { mine: boolean; text: string; at: Ms }

export interface Buddy {
  ik: Ik
  addr: Address
  name: string
  /** `asked`: your request is out. `accepted`: a buddy. */
  state: 'asked' | 'accepted'
  askedAt?: Ms
  level: Level
  verifiedAt?: Ms
  presence: Presence
  status: string
  unread: number
  /** Messages of yours waiting here. */
  waiting: number
  last?: LastLine
  connect: Connect
  /** Private addresses may be used with this buddy. */
  lan: boolean
  /** What is written while they are away waits at the server, sealed [E21]; else here. */
  hasMailbox: boolean
  mine: Keep
  theirs: Keep
  link: LinkView
  /** [I7] Nothing is sent until you decide. */
  keyChanged: boolean
  /** Tell me when this buddy signs on. */
  notify: boolean
  draft: string
  /** Added by your invite link, and not looked at yet: *Not Ben? Remove*. */
  byMyInvite: boolean
}

export interface Request {
  ik: Ik
  addr: Address
  name: string
  /** Behind the curtain until clicked. */
  text: string
  at: Ms
  fingerprint: string
  byInvite: boolean
}

export interface OpenInvite { id: string; link: string; at: Ms; exp: Ms; usesLeft: number; thisComputerOnly: boolean }

export interface Blocked { ik: Ik; addr: Address; name: string }

export interface Settings {
  /** Leave and take messages at the server while one of us is offline. */
  mailbox: boolean
  /** Tell buddies when I have read; without it you don't see theirs either. */
  readReceipts: boolean
  goOnlineAtStart: boolean
  /** What notifications show. */
  notifications: 'all' | 'name' | 'nothing' | 'off'
  appearance: 'system' | 'light' | 'dark'
  enterSends: boolean
  knocks: 'everyone' | 'members' | 'invite' | 'nobody'
}
export type SettingKey = keyof Settings

/** The first answers to the two questions, offered again next time. */
export interface Defaults { connect: Connect; keep?: KeepChoice; relay: boolean }

export interface Snapshot {
  can: Can
  phase: Phase
  version: string
  me?: Me
  connection: Connection
  buddies: Buddy[]
  requests: Request[]
  /** Knocks refused by limits since the last look. */
  refused: number
  invites: OpenInvite[]
  blocked: Blocked[]
  settings: Settings
  defaults: Defaults
  /** A `parley://` link waits for its question [I18]. */
  offeredInvite?: string
  /** Something went wrong that concerns all windows: full disk, wrong clock, alarms about the server. */
  banners: Banner[]
}

export type Banner =
  | { kind: 'disk-full' }
  | { kind: 'clock'; minutes: number }
  | { kind: 'self-audit' }
  | { kind: 'bad-proof' }

export type Delivery = 'waiting' | 'sent' | 'arrived' | 'read' | 'failed'

/** A line between messages; the window finds the words. */
export type Line =
  | { what: 'i-keep'; keep: Keep }
  | { what: 'they-keep'; keep: Keep; more: boolean }
  | { what: 'added-by-my-invite' }
  | { what: 'added-by-their-invite' }
  | { what: 'accepted' }
  | { what: 'new-computer' }
  | { what: 'key-changed' }
  | { what: 'verified' }
  | { what: 'alarm'; code: ErrorCode }
  | { what: 'missing'; dev: DevId; from: number; to: number; mayAsk: boolean }
  | { what: 'not-understood' }

/** What stands in a chat. Sorted by `pos`, then `id`. */
export type ChatItem =
  | {
      kind: 'message'; id: Uuid7; pos: number; mine: boolean; text: string; at: Ms
      /** Own messages only. */
      state?: Delivery
      /** How it was sent, for the tooltip; when the state was reached. */
      by?: 'link' | 'server'
      stateAt?: Ms
      why?: 'expired' | 'quota' | 'key-changed' | 'refused'
    }
  | { kind: 'line'; id: string; pos: number; at: Ms; line: Line }

export type Event =
  | { e: 'phase'; phase: Phase }
  | { e: 'me'; me: Me }
  | { e: 'connection'; connection: Connection }
  | { e: 'buddy'; buddy: Buddy }
  | { e: 'buddy-gone'; ik: Ik }
  | { e: 'requests'; requests: Request[]; refused: number }
  | { e: 'invites'; invites: OpenInvite[] }
  | { e: 'blocked'; blocked: Blocked[] }
  | { e: 'settings'; settings: Settings }
  | { e: 'defaults'; defaults: Defaults }
  | { e: 'offered-invite'; link?: string }
  | { e: 'banners'; banners: Banner[] }
  /** An item of a chat is new or changed. */
  | { e: 'item'; ik: Ik; item: ChatItem }
  | { e: 'item-gone'; ik: Ik; id: string }
  /** All items of this chat went (buddy removed with messages, "Don't keep" deleted what was here). */
  | { e: 'chat-cleared'; ik: Ik }
