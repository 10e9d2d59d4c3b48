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
  /** The host asks for files and folders with the system's own dialogs; else the window does. */
  dialogs: boolean
  /** A file dropped on a window has a path here (`give`); else its bytes go over the window's byte pipe. */
  dropPaths: boolean
  /** *Open* and *Show in folder* are there; where the system's programs can't be reached, the file is in the downloads all the same. */
  openFiles: boolean
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
  /** [L14] It proved to be with somebody else; not tried again by itself. */
  | { at: 'alarm' }
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
  /** Their Parley takes files, and answers about shared folders. */
  canFiles: boolean
  canShares: boolean
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
  /** Bytes a second for all files together; 0: as fast as it goes. */
  uploadLimit: number
  downloadLimit: number
  /** A scanner of one's own, as words of a command line; the file's path is added. Empty: clamd's socket, where there is one. */
  scanCommand: string[]
  /** Names that a folder one sends or shares leaves out. */
  leaveOut: string[]
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
  /** Newest first; those of folders stand for all that is in them. */
  transfers: Transfer[]
  rules: FileRule[]
  shares: Share[]
  scanner: Scanner
}

export type Banner =
  | { kind: 'disk-full' }
  | { kind: 'clock'; minutes: number }
  | { kind: 'self-audit' }
  | { kind: 'bad-proof' }

// ---------- files ----------

/** What a file is by its saved name, in one word; the window has the words for each. */
export type FileType =
  | 'folder' | 'image' | 'video' | 'audio' | 'pdf' | 'text' | 'document' | 'sheet' | 'slides' | 'book' | 'zip' | 'archive' | 'font' | 'calendar' | 'contact'
  // these can run programs, or are not known: only saved, never opened
  | 'windows-program' | 'mac-program' | 'linux-program' | 'phone-app' | 'installer' | 'library' | 'script' | 'shortcut' | 'macro-document' | 'macro-sheet' | 'macro-slides'
  | 'active-document' | 'web-page' | 'disk-image' | 'settings-file' | 'unknown'

/** What the scanner says. It never says "safe". */
export type Verdict =
  | { is: 'clean' }
  | { is: 'infected'; name: string }
  | { is: 'partly'; why: 'password' | 'too-many' | 'stopped' }
  | { is: 'unscanned'; why: 'none' | 'too-big' | 'no-answer' }

/** Something chosen and not sent yet: the window never sees a path. */
export interface Pick { pick: string; name: string; type: FileType; size: number; /** Files in it, for a folder. */ files?: number }

export type PauseReason = 'me' | 'them' | 'offline' | 'disk-full' | 'unwritable' | 'server-only' | 'no-link' | 'quota'
export type EndReason =
  | 'rejected' | 'rejected-by-me' | 'cancelled' | 'cancelled-by-me' | 'expired' | 'changed' | 'missing' | 'gone' | 'no-space' | 'not-allowed' | 'unreadable' | 'key-changed' | 'deleted'

export type TransferState =
  /** They offer. `free`: bytes free here; `needs`: bytes missing for it. */
  | { at: 'asking'; free: number; tooBigToScan: boolean; needs?: number }
  /** I offer, and it has not left this computer. */
  | { at: 'waiting' }
  /** I offer, and it is theirs to answer. */
  | { at: 'offered' }
  /** Accepted, and others move first. */
  | { at: 'queued'; done: number }
  /** `rate`: bytes a second; `left`: seconds, once it is known. */
  | { at: 'moving'; done: number; rate: number; left?: number }
  /** `free`: bytes to make room for, where the disk is full. */
  | { at: 'paused'; done: number; why: PauseReason; free?: number }
  | { at: 'checking' }
  | { at: 'scanning' }
  /** Here, whole. `saved`: out of the vault, as this name in that folder. */
  | { at: 'arrived'; verdict: Verdict; saved?: { name: string; folder: string } }
  | { at: 'damaged' }
  /** They have it all. */
  | { at: 'sent' }
  | { at: 'ended'; why: EndReason }

export interface Transfer {
  id: string
  ik: Ik
  mine: boolean
  /** The name it has or would have here. */
  name: string
  /** The part of `name` that is never cut: `.pdf.exe`. */
  ending: string
  type: FileType
  /** A program, script, shortcut, document that can run programs, or unknown: only *Save as…*. */
  isRisky: boolean
  size: number
  /** A folder: how many files, and how many are there. */
  files?: { all: number; done: number }
  at: Ms
  /** When the state was reached. */
  stateAt: Ms
  state: TransferState
  /** The window may ask for its picture. */
  hasPreview: boolean
  /** Fetched from a shared folder, not offered in a chat. */
  fetched: boolean
  /** Mine, and a file of the user's own that stands on this disk: it can be offered again. A folder and a copy of ours are gone with their end. */
  canOfferAgain: boolean
  /** Put away by *Clear finished*; stands in its chat only. */
  cleared: boolean
}

/** Accepts by itself what fits all of it; never what can run programs. */
export interface FileRule { id: string; ik: Ik; types: FileType[]; largest: number; daily: number; until: Ms; usedToday: number }

export interface Scanner {
  /** `clamd`: found at its socket. `command`: set in Settings. */
  kind: 'clamd' | 'command' | 'none'
  /** It answered when it was asked last. */
  answers: boolean
}

// ---------- shared folders ----------

/** What I share. */
export interface Share {
  id: string
  name: string
  /** The last parts of its path, for people. */
  place: string
  files: number
  bytes: number
  /** Being looked through: the numbers still grow. */
  isReading: boolean
  with: Ik[]
  until: Ms
  /** Bytes a second; bytes a day. */
  rate: number
  daily: number
  servedToday: { ik: Ik; files: number; bytes: number }[]
  /** Fetched since it is shared. */
  fetched: { ik: Ik; files: number }[]
  now: { ik: Ik; name: string; rate: number }[]
  state: { at: 'on' } | { at: 'ended'; when: Ms; why: 'stopped' | 'expired' | 'unused' | 'missing' }
  /** Made by dropping the folder on a chat: for that buddy alone, over when fetched [B8]. Not on the *Sharing* page. */
  once: boolean
}

/** What a buddy shares with me. */
export interface TheirShare { share: string; name: string; files: number; bytes: number; exp: Ms }
export interface ShareEntry { e: string; name: string; ending: string; kind: 'f' | 'd'; type: FileType; size: number; at: Ms }
/** `shareName`: empty where it is not known. */
export interface ShareHit extends ShareEntry { ik: Ik; share: string; shareName: string; dir: string }

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
  | { what: 'i-share'; name: string; exp: Ms }
  | { what: 'they-share'; share: string; name: string; exp: Ms }

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
  /** A file or a folder that was offered; `transfer` as it was when this was read: newer ones come as events. */
  | { kind: 'file'; id: string; pos: number; mine: boolean; at: Ms; transfer: Transfer }

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
  | { e: 'transfer'; transfer: Transfer }
  | { e: 'transfer-gone'; id: string }
  | { e: 'rules'; rules: FileRule[] }
  | { e: 'shares'; shares: Share[] }
  | { e: 'scanner'; scanner: Scanner }
  /** An item of a chat is new or changed. */
  | { e: 'item'; ik: Ik; item: ChatItem }
  | { e: 'item-gone'; ik: Ik; id: string }
  /** All items of this chat went (buddy removed with messages, "Don't keep" deleted what was here). */
  | { e: 'chat-cleared'; ik: Ik }
