import type { FileType, Transfer as TransferView } from '../../protocol/app/views.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { B64, Ik, Ms, Uuid7 } from '../../protocol/ids.ts'
import { HASHED_FIRST, OFFER_EXPIRES, PROGRESS_EVERY, ROOM_LEFT, TRANSFER_PAGE } from '../../protocol/limits.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import { pieceSize } from '../../protocol/wire/files.ts'
import type { Durable, FileEnd, FileFrame, FileOffer } from '../../protocol/wire/peer.ts'
import { every } from '../clock.ts'
import type { Buddy } from '../roster/roster.ts'
import type { Book, Transfer } from './book.ts'
import { createFolders, type FoldersDeps } from './folders.ts'
import { createGround, type GroundDeps, type Hand, payOwed } from './ground.ts'
import { createIncoming, type IncomingDeps } from './incoming.ts'
import { createOutgoing, lookAt, pathSource } from './outgoing.ts'
import type { Picked } from './picks.ts'
import { createRelease, type ReleaseDeps } from './release.ts'
import type { Meter, Serving, Source } from './source.ts'
import { createSpeed } from './speed.ts'
import { viewOf } from './view.ts'

/** Files and folders between two people: what comes from the wire, what a person asks, and what the windows see of it. */

export interface TransfersDeps extends Omit<GroundDeps, 'book' | 'onChange'> {
  book: Book
  /** Numbers an offer and puts it into the chat; says the frame's id by `named`. Inside a write. */
  offer(buddy: Buddy, row: Transfer, offer: FileOffer): void
  /** [T4] The same offer again, with its root: no item of its own. */
  offerRoot(buddy: Buddy, row: Transfer, offer: FileOffer): void
  isOnline(ik: Ik): boolean
  wantLink(ik: Ik): void
  endLink(ik: Ik): void
  judge(name: string): { type: FileType; isRisky: boolean }
  safeName(name: string): string
  endingOf(name: string): string
  /** FI2: a rule accepts it; what it uses of its day is counted. */
  isAcceptedByRule(row: Transfer): boolean
  removeStaged(path: string): void
  /** Out of a shared folder of theirs. */
  get: IncomingDeps['get']
  list: FoldersDeps['list']
  /** My folder given to one buddy is taken back [B8]. */
  endShare(share: B64): void
  /** How much of it they have. */
  given(share: B64): { done: number; files: number }
  release: Omit<ReleaseDeps, 'ground' | 'onScanned' | 'isRisky'>
  onView(view: TransferView): void
  onGone(row: Transfer): void
  /** Something to tell a person who looks elsewhere. */
  onNews(row: Transfer, what: 'offered' | 'arrived'): void
}

export interface Transfers {
  // ---------- the wire ----------
  /** A `file.offer` or a folder's `share.offer` of a buddy, inside the write that takes its frame. Its id, where it is new. */
  offered(buddy: Buddy, frame: Extract<Durable, { t: 'file.offer' | 'share.offer' }>, kept: boolean): string | undefined
  frame(ik: Ik, frame: FileFrame): void
  /** Inside a write. True: it was of a file or folder known here. */
  end(ik: Ik, end: FileEnd): boolean
  bulk(ik: Ik, message: Bytes): void
  bulkRoom(ik: Ik): void
  /** [T4] A second `share.file`. */
  rootKnown(ik: Ik, offer: FileOffer): void
  linkUp(ik: Ik): void
  linkDown(ik: Ik): void
  /** The frame that offers it. Inside the write that numbers it. */
  named(id: string, frame: Uuid7): void
  /** My offer has left this computer, or could not be delivered. */
  left(frame: Uuid7): void
  failed(frame: Uuid7): void
  /** Something of this buddy waits for a link. */
  wants(ik: Ik): boolean
  serve(ik: Ik, of: { q: number; source: Source; meter: Meter; say(offer: FileOffer): void }): Serving | 'busy'
  /** My folder that was offered: asked for, or fetched whole. */
  folderTaken(share: B64): void
  folderOver(share: B64, how: 'fetched' | 'declined' | 'ended'): void
  personGone(ik: Ik): void
  /** What stood in the chat goes with it, row and bytes. */
  chatCleared(ik: Ik): void
  /** [G2] At the end of a run: what belongs to chats that are not kept. */
  dropUnkept(): void
  presence(ik: Ik): void

  // ---------- a person ----------
  send(buddy: Buddy, picked: Picked): Promise<void>
  sendFolder(buddy: Buddy, of: { share: B64; name: string; files: number; bytes: number; exp: Ms; kept: boolean }): string
  accept(id: string): Promise<void>
  reject(id: string): void
  pause(id: string, on: boolean): void
  pauseAll(on: boolean): void
  cancel(id: string): void
  remove(id: string): void
  askAgain(id: string): void
  offerAgain(id: string): Promise<void>
  clearFinished(): void
  fetch(ik: Ik, of: { share: B64; e: string; name: string; kind: 'f' | 'd'; size: number; kept: boolean; files?: number }): void
  release: ReturnType<typeof createRelease>
  must(id: string): Transfer

  // ---------- the windows ----------
  view(id: string): TransferView | undefined
  views(): TransferView[]
  /** Names of what is still on its way out. */
  outgoingNames(): string[]
  refreshRoom(): Promise<void>
  isMoving(): boolean
  settled(): Promise<void>
}

const TICK: Ms = 60_000
/** Offers of one buddy that wait for an answer: more than anybody reads. */
const MOST_OFFERS = 200

export function createTransfers(deps: TransfersDeps): Transfers {
  const { book, store, clock } = deps
  const speed = createSpeed()
  let room = Number.MAX_SAFE_INTEGER
  const changed = new Map<string, () => void>()

  // ---------- what moves is told four times a second, all else at once ----------
  const lastAt = new Map<string, string>()
  function tell(id: string) {
    changed.get(id)?.()
    changed.delete(id)
    const view = transfers.view(id)
    if (view !== undefined) deps.onView(view)
  }
  function onChange(id: string) {
    const row = book.get(id)
    if (row === undefined || row.served) return
    if (row.parent !== undefined) {
      folders.childChanged(row.parent)
      return onChange(row.parent)
    }
    const at = JSON.stringify(row.stage)
    if (lastAt.get(id) !== at) {
      lastAt.set(id, at)
      return tell(id)
    }
    if (!changed.has(id)) changed.set(id, clock.after(PROGRESS_EVERY, () => tell(id)))
  }

  const ground = createGround({ ...deps, onChange }, (row) => (row.folder !== undefined ? folderHand : row.mine ? outgoing : incoming))
  const outgoing = createOutgoing({
    ground, endLink: deps.endLink, dropStaged: deps.removeStaged, keepsStaged: (row) => row.picture !== undefined,
    onRoot(row) {
      const buddy = deps.buddy(row.ik)
      if (buddy?.state === 'accepted') deps.offerRoot(buddy, row, outgoing.offerOf(row))
    },
  })
  const incoming = createIncoming({ ground, endLink: deps.endLink, want: deps.wantLink, get: deps.get, scan: (row) => release.scan(row) })
  const folders = createFolders({
    ground, list: deps.list, safeName: deps.safeName, isLinkUp: (ik) => deps.links.isUp(ik), schedule: () => incoming.schedule(),
    onComplete: (row) => release.judgeFolder(row),
  })
  const release = createRelease({
    ...deps.release, ground, isRisky: (name) => deps.judge(name).isRisky,
    onScanned(row) {
      onChange(row.id)
      if (row.parent === undefined) deps.onNews(row, 'arrived')
    },
  })

  /** A folder is a row over the files in it: what happens to it happens to them. */
  const folderHand: Hand = {
    start(row) {
      if (row.mine) return
      folders.start(row)
      if (!deps.links.isUp(row.ik)) deps.wantLink(row.ik)
      incoming.schedule()
    },
    stop: (row) => book.childrenOf(row.id).forEach((child) => incoming.stop(child)),
    scan: () => undefined,
    drop(row) {
      if (row.mine) return deps.endShare(row.folder!.share)
      store.write(() => {
        for (const child of book.childrenOf(row.id)) {
          incoming.drop(child)
          book.drop(child.id)
        }
      })
    },
    reset: () => undefined,
    done: () => undefined,
  }

  const must = (id: string): Transfer => {
    const row = book.get(id)
    if (row === undefined || row.parent !== undefined || row.served) throw new Refused('unknown-transfer')
    return row
  }
  const isShown = (row: Transfer) => row.parent === undefined && !row.served

  function take(row: Transfer): string {
    book.put(row)
    store.after(() => {
      onChange(row.id)
      ground.background(acceptOrTell(row))
    })
    return row.id
  }
  /** FI2: a rule accepts it where there is room: for what it can't take it counts nothing, and a person is told. */
  async function acceptOrTell(row: Transfer): Promise<void> {
    await transfers.refreshRoom()
    if (book.get(row.id)?.stage.at !== 'offered') return
    if (row.folder === undefined && hasRoomFor(row) && deps.isAcceptedByRule(row)) ground.apply(row.id, { on: 'accept' })
    else deps.onNews(row, 'offered')
  }
  const hasRoomFor = ({ size }: Transfer) => size + ROOM_LEFT <= room

  /** False: it can't be read, and nothing is left of it. */
  async function offerNow(buddy: Buddy, row: Transfer): Promise<boolean> {
    // [T4] A short one is hashed first; a long one is offered at once.
    if (row.size <= HASHED_FIRST) await outgoing.hash(row)
    const ready = book.get(row.id)
    if (ready?.stage.at !== 'offered') {
      if (ready !== undefined) transfers.remove(row.id)
      return false
    }
    store.write(() => {
      deps.offer(buddy, ready, outgoing.offerOf(ready))
      store.after(() => tell(row.id))
    })
    if (row.size > HASHED_FIRST) ground.background(outgoing.hash(ready))
    return true
  }

  /** Sent, and a kill came before it was offered: it stands in no chat, and nothing else would offer it. */
  function offerUnsaid() {
    for (const row of book.all()) {
      if (!row.mine || row.stage.at !== 'offered' || row.item !== undefined || row.source === undefined || row.served) continue
      const buddy = deps.buddy(row.ik)
      if (buddy?.state === 'accepted' && buddy.changed === undefined) ground.background(offerNow(buddy, row))
    }
  }

  function expire() {
    const now = ground.now()
    for (const row of book.all()) {
      // [9.2] What moves goes on, however long it takes.
      const stoodSince = Math.max(row.stateAt, row.movedAt ?? 0)
      const isOver = row.stage.at === 'offered' ? row.exp < now : row.stage.at === 'wanted' && row.parent === undefined && Math.max(row.exp, stoodSince + OFFER_EXPIRES) < now
      if (isOver) ground.apply(row.id, { on: 'expire' })
    }
  }

  const viewDeps = {
    book, incoming, outgoing, folders, speed, judge: deps.judge, endingOf: deps.endingOf, isRisky: (row: Transfer) => release.isRisky(row),
    buddy: deps.buddy, isUp: (ik: Ik) => deps.links.isUp(ik), isOnline: deps.isOnline, room: () => room, now: () => ground.now(),
    given: (row: Transfer) => deps.given(row.folder!.share),
  }

  const transfers: Transfers = {
    release, must,
    offered(buddy, frame, kept) {
      const now = ground.now()
      if (book.all().filter((row) => row.ik === buddy.ik && !row.mine && row.stage.at === 'offered').length >= MOST_OFFERS) return undefined
      const common = {
        id: deps.chance.uuid7(now), ik: buddy.ik, mine: false, kept, stage: { at: 'offered' } as const, at: now, stateAt: now, cleared: false, hasLeft: true, item: frame.id,
      }
      if (frame.t === 'share.offer') {
        const { share, name, files, bytes, exp = now + OFFER_EXPIRES } = frame
        if (book.byFid(buddy.ik, share, false) !== undefined) return undefined
        return take({ ...common, fid: share, name: deps.safeName(name), size: bytes, piece: 1, root: null, exp, folder: { share, dir: '', once: true, files, bytes, isListed: false } })
      }
      const { fid, name, size, piece, root, exp, mtime } = frame.f
      const known = book.byFid(buddy.ik, fid, false)
      if (known?.folder !== undefined) return undefined
      // [T3] A root may become known, once; any other difference is another file.
      if (known !== undefined && known.size === size && known.piece === piece && (known.root === null || known.root === root)) {
        if (known.root === null && root !== null) store.after(() => incoming.root(book.get(known.id)!, root))
        return undefined
      }
      // [T2]
      if (piece !== pieceSize(size)) return undefined
      return take({ ...common, fid, name: deps.safeName(name), size, piece, root, exp: Math.min(exp, now + OFFER_EXPIRES), ...(mtime === undefined ? {} : { mtime }) })
    },
    frame(ik, frame) {
      const isForSender = frame.t === 'file.accept' || frame.t === 'file.pull' || frame.t === 'file.done'
      const row = frame.t === 'file.pause' ? (book.byFid(ik, frame.fid, true) ?? book.byFid(ik, frame.fid, false)) : book.byFid(ik, frame.fid, isForSender)
      if (row === undefined) {
        if (isForSender) ground.say(ik, { t: 'file.stop', fid: frame.fid, why: 'gone' })
        return
      }
      // A folder has no bytes of its own.
      if (row.folder !== undefined && frame.t !== 'file.pause') return
      switch (frame.t) {
        case 'file.accept': return outgoing.accept(row, frame)
        case 'file.pull': return outgoing.pull(row, frame)
        case 'file.manifest': return incoming.manifest(row, frame)
        case 'file.pause': return void ground.apply(row.id, { on: 'pause', by: 'them', is: frame.on })
        case 'file.done':
          if (frame.root === row.root) ground.apply(row.id, { on: 'complete' })
      }
    },
    end(ik, end) {
      const rows = [book.byFid(ik, end.fid, true), book.byFid(ik, end.fid, false)].filter((row) => row !== undefined)
      for (const row of rows) {
        if (row.mine || row.folder !== undefined) ground.apply(row.id, { on: 'told', end })
        else incoming.ended(row, end)
      }
      return rows.length > 0
    },
    bulk: (ik, message) => incoming.bulk(ik, message),
    bulkRoom: (ik) => outgoing.room(ik),
    rootKnown(ik, offer) {
      const row = book.byFid(ik, offer.fid, false)
      if (row !== undefined && row.folder === undefined && row.root === null && offer.root !== null && offer.size === row.size) incoming.root(row, offer.root)
    },
    linkUp(ik) {
      payOwed(ground, ik)
      for (const row of book.all()) {
        if (row.ik !== ik || row.stage.at !== 'wanted') continue
        if (row.stage.pausedByMe) ground.say(ik, { t: 'file.pause', fid: row.fid, on: true })
        // [T7] Resumed there while there was no link, it would never be told: who still pauses says so again.
        if (row.stage.pausedByThem) ground.apply(row.id, { on: 'pause', by: 'them', is: false })
      }
      outgoing.linkUp(ik)
      folders.linkUp(ik)
      incoming.linkUp(ik)
      transfers.presence(ik)
    },
    linkDown(ik) {
      outgoing.linkDown(ik)
      incoming.linkDown(ik)
      transfers.presence(ik)
    },
    named: (id, item) => void book.change(id, { item }),
    left(frame) {
      const row = book.byItem(frame)
      if (row === undefined || row.hasLeft) return
      book.change(row.id, { hasLeft: true })
      store.after(() => tell(row.id))
      // The root was found before the offer left.
      if (row.folder === undefined && row.root !== null && row.size > HASHED_FIRST) {
        const buddy = deps.buddy(row.ik)
        if (buddy?.state === 'accepted') deps.offerRoot(buddy, row, outgoing.offerOf(row))
      }
    },
    failed(frame) {
      const row = book.byItem(frame)
      if (row !== undefined) ground.apply(row.id, { on: 'told', end: { t: 'file.reject', why: 'policy' } })
    },
    wants: (ik) => book.all().some((row) => row.ik === ik && row.stage.at === 'wanted' && !row.served && !row.stage.pausedByMe && !row.stage.pausedByThem && !row.stage.isFull && row.parent === undefined),
    serve: (ik, of) => outgoing.serve(ik, of),
    folderTaken(share) {
      const row = book.all().find((one) => one.mine && one.folder?.share === share)
      if (row === undefined) return
      ground.apply(row.id, { on: 'accept' })
      onChange(row.id)
    },
    folderOver(share, how) {
      const row = book.all().find((one) => one.mine && one.folder?.share === share)
      if (row === undefined) return
      if (how === 'fetched') ground.apply(row.id, { on: 'complete' })
      else ground.apply(row.id, { on: 'told', end: how === 'declined' ? { t: 'file.reject', why: 'user' } : { t: 'file.stop', why: 'gone' } })
    },
    personGone(ik) {
      for (const row of book.all()) if (row.ik === ik && row.parent === undefined) ground.apply(row.id, { on: 'told', end: { t: 'file.stop', why: 'gone' } })
    },
    chatCleared(ik) {
      for (const row of book.all()) if (row.ik === ik && row.item !== undefined) transfers.remove(row.id)
    },
    dropUnkept() {
      for (const row of book.all()) if (!row.kept && isShown(row)) transfers.remove(row.id)
    },
    presence(ik) {
      for (const row of book.all()) if (row.ik === ik && isShown(row) && (row.stage.at === 'wanted' || row.stage.at === 'offered')) tell(row.id)
    },

    async send(buddy, { path, name, size, mtime, staged }) {
      const source = { ...pathSource(path, { size, mtime }), path, staged, name: deps.safeName(name) }
      const now = ground.now()
      const kept = buddy.mine.mode === 'disk' || buddy.mine.mode === 'archive'
      const made = outgoing.make(source, { id: deps.chance.uuid7(now), ik: buddy.ik, kept, at: now })
      if (made === undefined) throw new Refused('file-too-big')
      const picture = await release.pictureAt(path, size)
      const row: Transfer = picture === undefined ? made : { ...made, picture }
      book.put(row)
      if (!(await offerNow(buddy, row))) throw new Refused('unreadable-file')
    },
    sendFolder(buddy, { share, name, files, bytes, exp, kept }) {
      const now = ground.now()
      const row: Transfer = {
        id: deps.chance.uuid7(now), ik: buddy.ik, fid: share, mine: true, kept, stage: { at: 'offered' }, at: now, stateAt: now, name, size: bytes, piece: 1, root: null,
        exp, cleared: false, hasLeft: false, folder: { share, dir: '', once: true, files, bytes, isListed: true },
      }
      book.put(row)
      store.after(() => tell(row.id))
      return row.id
    },
    async accept(id) {
      const row = must(id)
      if (row.stage.at !== 'offered' || row.mine) throw new Refused('unknown-transfer')
      await transfers.refreshRoom()
      if (!hasRoomFor(row)) throw new Refused('no-room')
      ground.apply(id, { on: 'accept' })
    },
    reject: (id) => void ground.apply(must(id).id, { on: 'reject' }),
    pause(id, on) {
      const row = must(id)
      ground.apply(id, { on: 'pause', by: 'me', is: on })
      if (!on) incoming.lookForRoom(id)
      // They hear of it on a link only.
      if (!on && row.mine && !deps.links.isUp(row.ik)) deps.wantLink(row.ik)
    },
    pauseAll(on) {
      for (const row of book.all()) if (isShown(row)) ground.apply(row.id, { on: 'pause', by: 'me', is: on })
    },
    cancel: (id) => void ground.apply(must(id).id, { on: 'cancel' }),
    remove(id) {
      const row = must(id)
      if (row.stage.at === 'offered' || row.stage.at === 'wanted') ground.apply(id, { on: row.mine || row.stage.at === 'wanted' ? 'cancel' : 'reject' })
      // What was saved is the person's own now; what lies in the vault goes.
      const hand = row.folder !== undefined ? folderHand : row.mine ? undefined : incoming
      if (!(row.mine && row.folder !== undefined)) hand?.drop(row)
      if (row.source?.staged) deps.removeStaged(row.source.path)
      store.write(() => {
        book.drop(id)
        store.after(() => deps.onGone(row))
      })
      speed.forget(id)
      lastAt.delete(id)
    },
    askAgain: (id) => void ground.apply(must(id).id, { on: 'again' }),
    async offerAgain(id) {
      const row = must(id)
      if (!row.mine || row.source === undefined || row.folder !== undefined) throw new Refused('unknown-transfer')
      const now = await lookAt(row.source.path)
      if (now === undefined || !now.isFile) throw new Refused('unreadable-file')
      const buddy = deps.buddy(row.ik)
      if (buddy?.state !== 'accepted') throw new Refused('unknown-buddy')
      if (buddy.changed !== undefined) throw new Refused('key-changed')
      await transfers.send(buddy, { ...row.source, ...now, name: row.name })
    },
    clearFinished() {
      for (const row of book.all()) {
        if (!isShown(row) || row.cleared || row.stage.at === 'offered' || row.stage.at === 'wanted' || row.stage.at === 'scanning') continue
        // What nobody has taken out of the vault yet is not finished.
        if (row.stage.at === 'arrived' && row.stage.saved === undefined && row.stage.verdict.is !== 'infected') continue
        store.write(() => book.change(row.id, { cleared: true }))
        tell(row.id)
      }
    },
    fetch(ik, { share, e, name, kind, size, kept, files }) {
      const now = ground.now()
      const common = {
        id: deps.chance.uuid7(now), ik, fid: deps.chance.b64(16), mine: false, kept, at: now, stateAt: now, name: deps.safeName(name), size, root: null,
        exp: now + OFFER_EXPIRES, cleared: false, hasLeft: true, stage: { at: 'wanted', pausedByMe: false, pausedByThem: false, isFull: false } as const,
      }
      store.write(() => {
        if (kind === 'f') book.put({ ...common, piece: pieceSize(size) ?? 1, entry: { share, e } })
        else book.put({ ...common, piece: 1, folder: { share, dir: e, once: false, files: files ?? 0, bytes: size, isListed: false } })
        store.after(() => {
          const row = book.get(common.id)!
          tell(row.id)
          if (row.folder === undefined) incoming.start(row)
          else folderHand.start(row)
        })
      })
    },

    view(id) {
      const row = book.get(id)
      return row === undefined || !isShown(row) ? undefined : viewOf(row, viewDeps)
    },
    views: () => book.all().filter(isShown).sort((a, b) => b.at - a.at).slice(0, TRANSFER_PAGE).map((row) => viewOf(row, viewDeps)),
    outgoingNames: () => book.all().filter((row) => row.mine && isShown(row) && (row.stage.at === 'wanted' || (row.stage.at === 'offered' && !row.hasLeft))).map(({ name }) => name),
    async refreshRoom() {
      const before = room
      room = await deps.parts.room().catch(() => room)
      // *Accept* may be off for want of it.
      if (room !== before) for (const row of book.all()) if (!row.mine && isShown(row) && row.stage.at === 'offered') tell(row.id)
    },
    isMoving: () => book.all().some((row) => isShown(row) && transfers.view(row.id)?.state.at === 'moving'),
    async settled() {
      await Promise.all([incoming.settled(), outgoing.settled()])
    },
  }

  every(clock, TICK, () => {
    expire()
    ground.background(transfers.refreshRoom())
  })
  // What an earlier run had begun: scans that were cut short are made again; what was mine is hashed on when it is asked for.
  clock.after(0, () => {
    ground.background(transfers.refreshRoom())
    expire()
    for (const row of book.all()) if (!row.mine && row.stage.at === 'scanning' && row.folder === undefined) release.scan(row)
    offerUnsaid()
  })
  return transfers
}

