import { z } from 'zod'
import type { Ik, Uuid7 } from '../ids.ts'
import { MAX_KNOCK_TEXT, MAX_PICKS, MAX_TEXT } from '../limits.ts'
import type { ChatItem, Level, Pick, ShareEntry, ShareHit, TheirShare, Verdict } from './views.ts'

/**
 * All that a window may ask of the core: one entry a method, its parameters parsed at the seam. What the core announces is
 * `Event` in views.ts. A window changes nothing by itself; it shows what comes back as an event.
 */

const ik = z.string().length(43) as unknown as z.ZodType<Ik>
const id = z.string().max(64) as unknown as z.ZodType<Uuid7>
const line = z.string().max(1_000)
const connect = z.enum(['server', 'relay', 'direct'])
const keep = z.enum(['disk', 'session', 'off'])
const nothing = z.strictObject({})
const buddy = z.strictObject({ ik })
const shownKey = z.strictObject({ ik, code: z.string().max(128) })

/** `this-computer`: the embedded server. `server`: what was typed; `invite`: the code it may ask for. */
const code = z.string().max(64).optional()
const link = z.string().max(4_096)
const where = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('this-computer') }),
  z.strictObject({ kind: z.literal('server'), server: line, invite: code }),
])
export type Where = z.infer<typeof where>
/** `invited`: the server that an invite names, with the code that it carries unless another was typed. */
const firstPlace = z.discriminatedUnion('kind', [...where.options, z.strictObject({ kind: z.literal('invited'), link, invite: code })])
export type FirstPlace = z.infer<typeof firstPlace>

const settings = z.discriminatedUnion('key', [
  z.strictObject({ key: z.enum(['mailbox', 'readReceipts', 'goOnlineAtStart', 'enterSends']), value: z.boolean() }),
  z.strictObject({ key: z.literal('notifications'), value: z.enum(['all', 'name', 'nothing', 'off']) }),
  z.strictObject({ key: z.literal('appearance'), value: z.enum(['system', 'light', 'dark']) }),
  z.strictObject({ key: z.literal('knocks'), value: z.enum(['everyone', 'members', 'invite', 'nobody']) }),
  z.strictObject({ key: z.enum(['uploadLimit', 'downloadLimit']), value: z.number().int().min(0).max(2 ** 40) }),
  /** Code: bad-scanner. */
  z.strictObject({ key: z.literal('scanCommand'), value: z.array(z.string().min(1).max(1_024)).max(32) }),
  z.strictObject({ key: z.literal('leaveOut'), value: z.array(z.string().min(1).max(255)).max(100) }),
])

const transfer = z.strictObject({ id: z.string().max(64) })
/** `anyway`: the second step was taken [FI13]. */
const release = z.strictObject({ id: z.string().max(64), anyway: z.boolean() })
const b64Id = z.string().min(1).max(64)
const people = z.array(ik).min(0).max(500)
const time = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

export const params = {
  // ---------- Welcome ----------
  /** Takes the name at the server and leaves again. Codes: bad-name, bad-handle, bad-server, bad-invite, no-server, handle-taken, invite-required, wrong-server. */
  createIdentity: z.strictObject({ name: line, handle: line, where: firstPlace }),
  /** The 24 words, until they are confirmed. Code: words-gone. */
  showWords: nothing,
  /** Which three words to ask for (numbers from 1). */
  askForWords: nothing,
  /** Compares the three words that `askForWords` chose. */
  confirmWords: z.strictObject({ words: z.array(line).length(3) }),
  /** Words of the list that begin so. */
  completeWord: z.strictObject({ start: z.string().max(16) }),
  /** What typed words amount to, while typing. */
  checkWords: z.strictObject({ words: z.string().max(1_000) }),
  /** Certifies this computer anew and signs the lost one off for good. `name`: as buddies know it; else the handle. Codes: bad-words, bad-name, no-server, not-found-account. */
  restoreIdentity: z.strictObject({ words: z.string().max(1_000), handle: line, name: line.optional(), where }),

  // ---------- you ----------
  goOnline: nothing,
  /** The network came back: what is up is asked for at once, what waits is tried now. */
  networkBack: nothing,
  signOff: nothing,
  /** [S5] Goes on with the server's new key. */
  acceptServerKey: nothing,
  setPresence: z.strictObject({ presence: z.enum(['on', 'away', 'busy']), status: line }),
  setName: z.strictObject({ name: line }),
  /** Offered while there is no buddy yet: the same keys, another server. */
  moveToServer: z.strictObject({ handle: line, where }),

  // ---------- buddies ----------
  createInvite: nothing,
  withdrawInvite: z.strictObject({ id: z.string().max(64) }),
  /** What an invite link says, before anything is sent. Codes: bad-invite, own-invite, used-invite, already-buddy, invite-elsewhere. */
  readInvite: z.strictObject({ link }),
  /** The question about a link from outside was answered or put off. */
  dismissOfferedInvite: nothing,
  addByInvite: z.strictObject({ link, connect, keep }),
  /** A knock. Codes: bad-address, own-address, already-buddy, unknown-address, address-elsewhere, knock-text, signed-off. */
  sendRequest: z.strictObject({ addr: line, text: z.string().max(2 * MAX_KNOCK_TEXT), connect, keep }),
  withdrawRequest: buddy,
  accept: z.strictObject({ ik, connect, keep }),
  decline: buddy,
  block: buddy,
  unblock: buddy,
  /** Takes back a decline or a block made in this run; the request stands again. */
  undo: buddy,
  removeBuddy: z.strictObject({ ik, deleteMessages: z.boolean() }),
  setConnect: z.strictObject({ ik, connect, lan: z.boolean() }),
  /** `deleteHere`: also delete what was kept before. */
  setKeep: z.strictObject({ ik, keep, deleteHere: z.boolean() }),
  setNotify: z.strictObject({ ik, on: z.boolean() }),
  /** [I11] 12 groups of 5 digits and what the QR code holds. */
  safetyNumber: buddy,
  /** They match → verified; and a waiting changed key is taken. `code` is that of the numbers that were shown: another key since then is refused. */
  numbersMatch: shownKey,
  /** [I7] Go on with the changed key that was shown, unverified. */
  acceptKey: shownKey,
  /** What waits for who a changed key belongs to never goes. */
  dropWaiting: buddy,
  /** [L14] After a link alarm: try directly again. */
  retryLink: buddy,
  seenInviteLine: buddy,

  // ---------- a chat ----------
  /** A page of a chat, oldest first; `before` is the `pos` to go on from. */
  readChat: z.strictObject({ ik, before: z.number().optional() }),
  /** The chat is on screen (true) or not: asks for a link, marks as read. */
  showChat: z.strictObject({ ik, shown: z.boolean() }),
  /** The chat is open in a window, looked at or behind a page of it: what is not kept lives as long. */
  holdChat: z.strictObject({ ik, held: z.boolean() }),
  /** Codes: empty-message, long-message, unknown-buddy, key-changed, not-choosable. Returns once it is saved. */
  sendMessage: z.strictObject({ ik, text: z.string().max(2 * MAX_TEXT) }),
  sendAgain: z.strictObject({ ik, id }),
  /** How many messages stand here, and how many of mine have not left. */
  countChat: buddy,
  deleteMessage: z.strictObject({ ik, id }),
  askForMissing: z.strictObject({ ik, id: z.string().max(64) }),
  saveDraft: z.strictObject({ ik, text: z.string().max(2 * MAX_TEXT) }),
  popOut: buddy,

  // ---------- files ----------
  /** Asks with the system's dialog; an empty list where it was put off. Code: no-dialog (the window asks, and sends the bytes). */
  pickFiles: z.strictObject({ what: z.enum(['files', 'folder']) }),
  /** What was chosen is not sent after all. */
  dropPick: z.strictObject({ pick: b64Id }),
  /** Offers. Codes: unknown-pick, unreadable-file, too-many-files, file-too-big, empty-folder, no-files-yet, unknown-buddy, key-changed, not-choosable. */
  sendFiles: z.strictObject({ ik, picks: z.array(b64Id).min(1).max(MAX_PICKS) }),
  /** Codes of all these: unknown-transfer. Also no-room. */
  acceptTransfer: transfer,
  rejectTransfer: transfer,
  pauseTransfer: z.strictObject({ id: z.string().max(64), on: z.boolean() }),
  pauseAll: z.strictObject({ on: z.boolean() }),
  /** Either side, at any time. */
  cancelTransfer: transfer,
  /** Out of the vault into the downloads, and opened; where it was saved already, only opened. Codes: still-locked, infected, needs-second-step, never-opened, cannot-save, no-room. */
  openTransfer: release,
  showTransfer: release,
  /** Asks where. The same codes, but for never-opened. */
  saveTransferAs: release,
  /** Tells the sender in a message that it is infected. */
  tellInfected: transfer,
  /** Row, bytes and all. */
  deleteTransfer: transfer,
  /** It arrived damaged: from the start. */
  askAgain: transfer,
  /** The same file, or what stands in its place now, as a new offer. */
  offerAgain: transfer,
  clearFinished: nothing,
  /** Codes: bad-rule, unknown-buddy. Sizes in bytes. */
  addRule: z.strictObject({ ik, types: z.array(z.string().max(32)).min(1).max(32), largest: z.number().int().min(1).max(2 ** 40), daily: z.number().int().min(1).max(2 ** 40), until: time }),
  removeRule: z.strictObject({ id: z.string().max(64) }),
  /** Looks for a scanner anew, and has it look at a harmless sample. */
  testScanner: nothing,

  // ---------- shared folders ----------
  /** Asks which folder. `path`: typed, only where the host has no dialogs. Codes: no-dialog, share-root-…. */
  pickShare: z.strictObject({ path: z.string().min(1).max(4_096).optional() }),
  /** Codes: unknown-pick, share-no-one, share-too-long, too-many-shares, share-root-…. */
  shareFolder: z.strictObject({ pick: b64Id, with: people, until: time, rate: z.number().int().min(1).max(2 ** 40), daily: z.number().int().min(1).max(2 ** 50) }),
  /** Codes of all these: unknown-share. */
  changeShare: z.strictObject({ id: b64Id, with: people.optional(), until: time.optional(), rate: z.number().int().min(1).max(2 ** 40).optional(), daily: z.number().int().min(1).max(2 ** 50).optional() }),
  /** At once; running fetches end. */
  stopSharing: z.strictObject({ id: b64Id }),
  shareAgain: z.strictObject({ id: b64Id }),
  forgetShare: z.strictObject({ id: b64Id }),
  /** What this buddy would see now; without `share` the list of shares. */
  viewAs: z.strictObject({ ik, share: b64Id.optional(), dir: z.string().max(64), after: b64Id.optional() }),
  /** Asks the buddy. Codes: not-connected, share-gone, share-busy, share-limit. */
  browseShares: buddy,
  browseFolder: z.strictObject({ ik, share: b64Id, dir: z.string().max(64), after: b64Id.optional() }),
  /** Asks every buddy that is there. */
  findInShares: z.strictObject({ text: z.string().min(3).max(64), ik: ik.optional() }),
  /** A file, or a folder with all that is in it. */
  fetchEntry: z.strictObject({ ik, share: b64Id, e: z.string().max(64), name: z.string().min(1).max(255), kind: z.enum(['f', 'd']), size: time }),

  // ---------- the rest ----------
  setSetting: settings,
  /** Saves through the host's dialog; false where the user put it off. */
  saveFile: z.strictObject({ name: z.string().max(255), kind: z.literal('svg'), content: z.string().max(200_000) }),
  /** What would be lost at quit, for the question before it. */
  unsaved: nothing,
  quit: nothing,
} as const

export type Method = keyof typeof params
export type Params<M extends Method> = z.infer<(typeof params)[M]>

export interface InvitePreview { name?: string; addr: string; exp: number; server: string }

export type WordsCheck =
  | { ok: true }
  | { ok: false; count: number; unknown?: { at: number; like?: string }; misfit: boolean }

/** What a method answers; those not named answer nothing. */
export interface Results {
  showWords: { words: string[] }
  askForWords: { at: [number, number, number] }
  /** `wrong`: number of the word that isn't it. */
  confirmWords: { ok: true } | { ok: false; wrong: number }
  completeWord: { words: string[] }
  checkWords: WordsCheck
  createInvite: { id: string; link: string }
  readInvite: InvitePreview
  addByInvite: { ik: Ik }
  sendRequest: { ik: Ik }
  safetyNumber: { groups: string[]; code: string; level: Level }
  numbersMatch: KeyTaken
  acceptKey: KeyTaken
  readChat: { items: ChatItem[]; more: boolean }
  sendMessage: { id: Uuid7 }
  countChat: { messages: number; waiting: number }
  /** `url`: to be opened by the window itself, where the host can't. */
  popOut: { url?: string }
  pickFiles: { picks: Pick[] }
  openTransfer: { folder: string }
  showTransfer: { folder: string }
  saveTransferAs: { saved: boolean }
  testScanner: { verdict: Verdict }
  pickShare: { pick?: Pick }
  viewAs: { shares: TheirShare[]; entries: ShareEntry[]; more: boolean }
  browseShares: { shares: TheirShare[] }
  browseFolder: { entries: ShareEntry[]; more: boolean }
  /** `asked`: how many buddies were; `failed`: how many of them did not answer. */
  findInShares: { hits: ShareHit[]; more: boolean; asked: number; failed: number }
  saveFile: { saved: boolean }
  /** `files`: names of what is still on its way out. */
  unsaved: { unread: number; waiting: number; files: string[] }
}
/** Where a changed key was taken: whose it is now, and how many messages of mine wait for them. They are asked anew [I7]. */
export interface KeyTaken { taken?: { ik: Ik; waiting: number } }
export type Result<M extends Method> = M extends keyof Results ? Results[M] : undefined

/** The core's side. Refusals are thrown as `Refused` (rpc.ts) and cross as code and sentence [H3]. */
export type Api = { [M in Method]: (p: Params<M>) => Promise<Result<M>> | Result<M> }

