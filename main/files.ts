import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Api } from '../protocol/app/api.ts'
import type { FileRule, Scanner as ScannerView, Share, Transfer as TransferView } from '../protocol/app/views.ts'
import { Refused } from '../protocol/app/rpc.ts'
import type { B64, Ik } from '../protocol/ids.ts'
import { utf8 } from '../protocol/wire/bytes.ts'
import type { Content, Durable, FileEnd, FileFrame, Frame, ShareFrame } from '../protocol/wire/peer.ts'
import type { Background } from './background.ts'
import { every } from './clock.ts'
import type { Links } from './links/links.ts'
import type { Conversations } from './messages/conversations.ts'
import type { Courier } from './messages/courier.ts'
import type { Items } from './messages/items.ts'
import type { Outbox } from './messages/outbox.ts'
import type { Announcements } from './notifications/announcements.ts'
import type { App, Clock, Ports } from './ports.ts'
import { isKept } from './privacy/modes.ts'
import type { Chance } from './random.ts'
import type { Buddy, Roster } from './roster/roster.ts'
import { createBrowsing } from './shares/browsing.ts'
import { createShares } from './shares/shares.ts'
import type { Store } from './store/store.ts'
import { createBook } from './transfers/book.ts'
import { attachDesk } from './transfers/desk.ts'
import { createPicks } from './transfers/picks.ts'
import { createRules } from './transfers/rule-book.ts'
import { ruleFor } from './transfers/rules.ts'
import { createTurns } from './transfers/turns.ts'
import { createTransfers, type Transfers } from './transfers/transfers.ts'
import { endingOf, safeName } from './vault/names.ts'
import { pictureOf } from './vault/picture.ts'
import { createScanner } from './vault/scanner.ts'
import { judgeType } from './vault/types.ts'
import { createVault } from './vault/vault.ts'
import { createFileApi, createOffering } from './windows/file-api.ts'
import type { SettingsStore } from './windows/settings.ts'
import { createShareApi } from './windows/share-api.ts'
import type { Teller } from './windows/teller.ts'

/** Composition of what belongs to files and shared folders; app.ts composes the rest. It wires, and decides nothing. */

export interface FilesDeps {
  ports: Ports
  store: Store
  clock: Clock
  chance: Chance
  background: Background
  roster: Roster
  conversations: Conversations
  outbox: Outbox
  settings: SettingsStore
  news: Announcements
  teller: Teller
  items(): Items
  courier(): Courier
  links(): Links
  isOnline(ik: Ik): boolean
  isShown(ik: Ik): boolean
  /** Writes a text as a message of mine. */
  write(ik: Ik, text: string): void
  wantLink(ik: Ik): void
}

export interface Files {
  transfers: Transfers
  api: Pick<Api, keyof ReturnType<typeof createFileApi> | keyof ReturnType<typeof createShareApi> | 'testScanner'>
  views: { transfers(): TransferView[]; rules(): FileRule[]; shares(): Share[]; scanner(): ScannerView }
  attachWindowBytes: App['attachWindowBytes']
  give: App['give']
  /** A file or share frame of a link. */
  frame(ik: Ik, frame: FileFrame | ShareFrame): void
  /** What *Settings* say of it has changed. */
  lookForScanner(): Promise<void>
  end(ik: Ik, end: FileEnd): void
  offered(buddy: Buddy, frame: Extract<Durable, { t: 'file.offer' | 'share.offer' }>, kept: boolean): TransferView | undefined
  linkUp(ik: Ik): void
  linkDown(ik: Ik): void
  /** Removed, blocked, left, or another key. */
  personGone(ik: Ik): void
  /** Nothing is begun any more, and what could take long stops. */
  stop(): void
  close(): Promise<void>
}

/** A folder of thousands of files is not thousands of scanners. */
const SCANS_AT_ONCE = 2
/** Shares that are over are looked for so often. */
const SHARE_TICK = 60_000
/** The harmless sample that every scanner finds (EICAR), in two halves, so that none finds it here. */
const SAMPLE = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

export const isFileFrame = (frame: Frame): frame is FileFrame | ShareFrame => frame.t.startsWith('file.') || frame.t.startsWith('share.')

export function createFiles(deps: FilesDeps): Files {
  const { ports, store, clock, chance, background, roster, outbox, conversations, settings, teller } = deps
  const vaultFolder = join(ports.paths.profile, 'vault')
  const stagingFolder = join(ports.paths.profile, 'staging')
  for (const folder of [vaultFolder, stagingFolder]) mkdirSync(folder, { recursive: true, mode: 0o700 })

  let isEnding = false
  const vault = createVault({ folder: vaultFolder, random: ports.random, log: ports.log })
  const scanner = createScanner({ clock, command: () => settings.get().scanCommand })
  let scannerView: ScannerView = { kind: 'none', answers: false }
  async function lookForScanner() {
    scannerView = await scanner.look()
    teller.tell({ e: 'scanner', scanner: scannerView })
    transfers.release.scanAgain(scannerView.kind !== 'none')
  }

  const scanTurn = createTurns(SCANS_AT_ONCE)

  const picks = createPicks({ chance, folder: stagingFolder, safeName, judge: (name) => judgeType(name).type, leaveOut: () => settings.get().leaveOut })
  const book = createBook({ store })
  const rules = createRules({ store, chance, now: clock.now, onChange: () => teller.tell({ e: 'rules', rules: rules.views() }) })
  const judge = (name: string) => ({ ...judgeType(name), ending: endingOf(name) })
  const send = (ik: Ik, frame: ShareFrame | FileFrame) => {
    if (deps.links().isUp(ik)) deps.links().send(ik, utf8(JSON.stringify(frame)))
  }
  const links: Pick<Links, 'isUp' | 'send' | 'chunk' | 'bulkRoom' | 'sendBulk' | 'used'> = {
    isUp: (ik) => deps.links().isUp(ik), send: (ik, frame) => deps.links().send(ik, frame), chunk: (ik) => deps.links().chunk(ik),
    bulkRoom: (ik) => deps.links().bulkRoom(ik), sendBulk: (ik, message) => deps.links().sendBulk(ik, message), used: (ik) => deps.links().used(ik),
  }

  const offer = createOffering({
    store, outbox, conversations, items: deps.items, transfers: () => transfers,
    onWritten(ik) {
      deps.courier().kick(ik)
      teller.buddy(ik)
      deps.wantLink(ik)
    },
  })
  const number = (buddy: Buddy, content: Content) => {
    outbox.number(buddy, content, isKept(buddy.mine.mode))
    store.after(() => deps.courier().kick(buddy.ik))
  }

  const browsing = createBrowsing({
    clock, send, isUp: links.isUp, judge,
    onAgain: (ik, _q, again) => transfers.rootKnown(ik, again),
  })
  /** Folders made of what a window gave, by the share that gives them on. */
  const copies = new Map<B64, string>()
  const shares = createShares({
    store, clock, chance, background, home: homedir(), ownFolders: [ports.paths.profile, ports.paths.server], copies: stagingFolder, leaveOut: () => settings.get().leaveOut,
    send, log: ports.log,
    isBuddy: (ik) => roster.get(ik)?.state === 'accepted' && roster.get(ik)?.changed === undefined,
    offer(ik, { share, name, files, bytes, exp = 0, once }) {
      const buddy = roster.get(ik)
      if (buddy === undefined) return
      // [B8] A folder for one buddy stands in the chat like a file; another is a line.
      if (once) {
        if (files === 0) return
        const id = transfers.sendFolder(buddy, { share, name, files, bytes, exp, kept: isKept(buddy.mine.mode) })
        return void offer(buddy, { t: 'share.offer', share, name, files, bytes, exp, once }, id)
      }
      number(buddy, { t: 'share.offer', share, name, files, bytes, exp })
      const at = clock.now()
      deps.items().addLine(buddy.c, chance.uuid7(at), { what: 'i-share', name, exp }, conversations.nextPos(buddy.c, at), at, isKept(buddy.mine.mode) ? 'disk' : 'memory')
    },
    serve: (ik, { q, share, source, meter }) => {
      transfers.folderTaken(share)
      return transfers.serve(ik, { q, source, meter, say: (f) => send(ik, { t: 'share.file', q, f }) })
    },
    onChange: () => teller.tell({ e: 'shares', shares: shares.views() }),
    onOnceOver(_ik, share, how) {
      const copy = copies.get(share)
      if (copy !== undefined) background(picks.removeStaged(copy))
      copies.delete(share)
      transfers.folderOver(share, how === 'fetched' || how === 'declined' ? how : 'ended')
    },
  })

  const transfers: Transfers = createTransfers({
    store, clock, chance, background, book, parts: vault, links, safeName, endingOf, judge,
    log: ports.log,
    isEnding: () => isEnding,
    buddy: (ik) => roster.get(ik),
    isOnline: deps.isOnline,
    wantLink: deps.wantLink,
    endLink: (ik) => deps.links().stop(ik, 'change'),
    notice: (ik, end) => deps.courier().notice(ik, end),
    limits: () => ({ up: settings.get().uploadLimit, down: settings.get().downloadLimit }),
    offer: (buddy, row, f) => void offer(buddy, { t: 'file.offer', f }, row.id),
    offerRoot: (buddy, _row, f) => number(buddy, { t: 'file.offer', f }),
    isAcceptedByRule(row) {
      const rule = ruleFor(rules.all(), { ik: row.ik, ...judgeType(row.name), size: row.size }, clock.now())
      if (rule !== undefined) rules.put(rule)
      return rule !== undefined
    },
    removeStaged: (path) => background(picks.removeStaged(path)),
    get: (row) => browsing.get(row.ik, row.entry!.share, row.entry!.e),
    list: (ik, share, dir, after) => browsing.folder(ik, share, dir, after),
    endShare: (share) => void shares.stop(share),
    given: (share) => givenOf(share, shares.views()),
    release: {
      out: { pathOf: vault.path, release: vault.release, releaseAs: vault.releaseAs, releaseFolder: vault.releaseFolder },
      scan: (path, size) => scanTurn(() => scanner.scan(path, size)), pictureOf, downloads: ports.paths.downloads, dialogs: ports.dialogs, desktop: ports.desktop,
    },
    onView: (transfer) => teller.tell({ e: 'transfer', transfer }),
    onGone(row) {
      teller.tell({ e: 'transfer-gone', id: row.id })
      const c = roster.get(row.ik)?.c
      if (row.item !== undefined && c !== undefined) store.write(() => deps.items().remove(c, row.item!))
    },
    onNews(row, what) {
      const buddy = roster.get(row.ik)
      if (buddy !== undefined && !deps.isShown(row.ik)) deps.news.file(buddy, row.name, what)
    },
  })

  const fileApi = createFileApi({
    now: clock.now, roster, dialogs: ports.dialogs, picks, transfers, rules, write: deps.write,
    async giveFolder(buddy, { path, staged: isCopy }, until) {
      const shared = await shares.share({ path, with: [buddy.ik], until, rate: Number.MAX_SAFE_INTEGER, daily: Number.MAX_SAFE_INTEGER, once: true, isCopy })
      if (!shared.ok) throw new Refused(shared.code)
      if (isCopy) copies.set(shared.id, path)
    },
  })
  const shareApi = createShareApi({
    judge, roster, dialogs: ports.dialogs, picks, shares, browsing, transfers, clock, isUp: links.isUp, isOnline: deps.isOnline,
    wantLink: (ik) => deps.links().want(ik, true),
  })

  shares.start()
  shares.tick()
  every(clock, SHARE_TICK, shares.tick)
  // What a crash left behind, and what belonged to conversations that are not kept, goes.
  background((async () => {
    await vault.sweep(new Set(book.all().flatMap(({ part }) => part ?? [])))
    await picks.sweep(new Set(book.all().flatMap(({ source }) => (source?.staged ? [source.path] : []))))
    await lookForScanner()
  })())

  return {
    transfers,
    api: {
      ...fileApi,
      ...shareApi,
      async testScanner() {
        await lookForScanner()
        const part = vault.newPart()
        const handle = await vault.open(part)
        try {
          await handle.write(SAMPLE)
          return { verdict: await scanner.scan(vault.path(part), SAMPLE.length) }
        } finally {
          await handle.close()
          await vault.remove(part)
        }
      },
    },
    views: { transfers: transfers.views, rules: rules.views, shares: shares.views, scanner: () => scannerView },
    attachWindowBytes: (pipe) => attachDesk(pipe, {
      picks, safeName, background, room: vault.room,
      picture: async (id) => {
        const row = book.get(id)
        return row === undefined ? undefined : transfers.release.picture(row)
      },
    }),
    give: (path) => picks.add(path),
    lookForScanner,
    frame(ik, frame) {
      switch (frame.t) {
        case 'share.ls':
        case 'share.dir':
        case 'share.find':
        case 'share.get':
          return shares.take(ik, frame)
        case 'share.shares':
        case 'share.entries':
        case 'share.hits':
        case 'share.file':
        case 'share.err':
          return browsing.take(ik, frame)
        default:
          return transfers.frame(ik, frame)
      }
    },
    end(ik, end) {
      if (transfers.end(ik, end) && end.t === 'file.reject') shares.decline(ik, end.fid)
    },
    offered(buddy, frame, kept) {
      const id = transfers.offered(buddy, frame, kept)
      return id === undefined ? undefined : transfers.view(id)
    },
    linkUp: (ik) => transfers.linkUp(ik),
    linkDown(ik) {
      browsing.linkDown(ik)
      transfers.linkDown(ik)
    },
    personGone(ik) {
      shares.personGone(ik)
      rules.forget(ik)
      transfers.personGone(ik)
    },
    stop() {
      isEnding = true
      shares.close()
      scanner.close()
    },
    async close() {
      transfers.dropUnkept()
      await transfers.settled()
    },
  }
}

/** Of a folder given to one buddy: what they have fetched of it. */
function givenOf(share: B64, all: readonly Share[]): { done: number; files: number } {
  const found = all.find(({ id }) => id === share)
  return { done: found?.servedToday.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0, files: found?.fetched.reduce((sum, { files }) => sum + files, 0) ?? 0 }
}
