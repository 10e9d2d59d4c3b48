import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { B64, Ik, Ms } from '../../protocol/ids.ts'
import { BREACHES_PER_MINUTE, HASHED_FIRST, MANIFEST_HASHES, OFFER_EXPIRES } from '../../protocol/limits.ts'
import { toB64 } from '../../protocol/wire/bytes.ts'
import { pieceCount, pieceSize } from '../../protocol/wire/files.ts'
import type { FileFrame, FileOffer } from '../../protocol/wire/peer.ts'
import type { Transfer } from './book.ts'
import { createBreaches, type Ground, type Hand, newFid } from './ground.ts'
import { hashSource, type Hashed, isSame } from './hashing.ts'
import { createHave, type Have } from './have.ts'
import { createPace, type Pace } from './pace.ts'
import { createServings, type Served } from './serving.ts'
import { createTurns } from './turns.ts'
import type { Meter, Serving, Source } from './source.ts'

/** Files that go: offered at once, hashed meanwhile, served as they are asked for. */

export interface OutgoingDeps {
  ground: Ground
  /** [T4] The root is known now: the offer goes again, with it. */
  onRoot(row: Transfer): void
  /** A copy of ours goes; one whose picture stands in the chat stays as long as it does. */
  dropStaged(path: string): void
  keepsStaged(row: Transfer): boolean
  endLink(ik: Ik): void
}

export interface Outgoing extends Hand {
  /** A new transfer of mine, not in the book yet. Undefined: too big. */
  make(source: Source & { path: string; staged: boolean }, of: Pick<Transfer, 'id' | 'ik' | 'kept' | 'at'>): Transfer | undefined
  /** Hashes it where that has not been done; resolves once the root is known, or can't be. */
  hash(row: Transfer): Promise<void>
  offerOf(row: Transfer): FileOffer
  accept(row: Transfer, frame: FileFrame & { t: 'file.accept' }): void
  pull(row: Transfer, frame: FileFrame & { t: 'file.pull' }): void
  /** [B6] A file out of a share: answered by `share.file`, counted by its meter. */
  serve(ik: Ik, of: { q: number; source: Source; meter: Meter; say(offer: FileOffer): void }): Serving | 'busy'
  room(ik: Ik): void
  linkUp(ik: Ik): void
  linkDown(ik: Ik): void
  /** Bytes they have, and whether it was asked for lately. */
  progress(row: Transfer): { done: number; isMoving: boolean }
  settled(): Promise<void>
}

interface Live {
  served: Served
  have: Have
  /** Sent since they said what they have. */
  sent: number
  /** Hashes told on this link, in order; undefined: not accepted on it. */
  told: number | undefined
  lastPull: Ms
  peerRate: number
}

const HASH = 32
/** Asked for so lately, ms, it counts as moving. */
const MOVES_FOR = 3_000
/** Files that are hashed at the same time: a long one does not keep a short one waiting. */
const HASHED_AT_ONCE = 2
/** [B6] Hash jobs and waiting ones of one buddy. */
const GETS_AT_ONCE = 3
/** Files of shares that one buddy has open. */
const MOST_SERVED = 8

export function createOutgoing({ ground, ...deps }: OutgoingDeps): Outgoing {
  const { book, clock, links } = ground
  const lives = new Map<string, Live>()
  const sources = new Map<string, Source>()
  const meters = new Map<string, Meter>()
  const sharePaces = new Map<B64, Pace>()
  const hashing = new Map<string, Promise<void>>()
  const upload = createPace(clock, () => ground.limits().up)
  const breach = createBreaches(clock, { most: BREACHES_PER_MINUTE, within: 60_000 })
  const serving = createServings({
    clock, background: ground.background,
    chunk: (ik) => links.chunk(ik), room: (ik) => links.bulkRoom(ik), send: ground.sendBulk,
  })

  const sourceOf = (row: Transfer): Source => {
    const known = sources.get(row.id)
    if (known !== undefined) return known
    const made = pathSource(row.source!.path, row.source!)
    sources.set(row.id, made)
    return made
  }

  /** Everybody who fetches from a share has one pace together, and it goes on from file to file. */
  function paceOf(meter: Meter): Pace {
    const known = sharePaces.get(meter.share) ?? createPace(clock, () => meter.rate)
    sharePaces.set(meter.share, known)
    return known
  }

  function liveOf(row: Transfer): Live {
    const known = lives.get(row.id)
    if (known !== undefined) return known
    const meter = meters.get(row.id)
    const live: Live = { have: createHave(row.size, row.piece), sent: 0, told: undefined, lastPull: 0, peerRate: 0, served: undefined as never }
    const paces: Pace[] = [upload, createPace(clock, () => live.peerRate)]
    if (meter !== undefined) paces.push(paceOf(meter))
    live.served = {
      fid: row.fid, source: sourceOf(row), piece: row.piece, paces,
      take: (bytes) => meter?.take(bytes) ?? bytes,
      onSent(bytes) {
        live.sent += bytes
        ground.moved(row)
      },
      onFault: (why) => ground.apply(row.id, { on: 'source', why }),
      // They ask anew, and hear when it goes on.
      onQuota: () => endServed(row.id),
    }
    lives.set(row.id, live)
    return live
  }

  /** Own offers and files of shares wait in lines of their own. */
  const ownTurn = createTurns(HASHED_AT_ONCE)
  const servedTurn = createTurns(1)

  async function hashNow(id: string): Promise<void> {
    const row = book.get(id)
    if (row === undefined || !isOpen(row)) return
    const held = book.pieces(row)
    const all = pieceCount(row.size, row.piece)
    const isStopped = () => {
      const now = book.get(id)
      return now === undefined || !isOpen(now) || ground.isEnding()
    }
    const result: Hashed = await hashSource(sourceOf(row), row.piece, {
      isStopped,
      onHashes(from, hashes) {
        held.hashes.set(hashes, from * HASH)
        held.known = Math.max(held.known, from + hashes.length / HASH)
        meters.get(id)?.onHashed(Math.min(row.size - from * row.piece, (hashes.length / HASH) * row.piece))
        tellHashes(id)
      },
    })
    if (!result.ok) {
      if (result.why !== 'stopped') ground.apply(id, { on: 'source', why: result.why })
      return
    }
    held.known = all
    meters.get(id)?.onSums(result)
    const after = book.get(id)
    if (after === undefined || after.root === result.root) return
    ground.store.write(() => {
      const next = book.change(id, { root: result.root })
      if (next.kept) book.savePieces(next)
      if (next.hasLeft) deps.onRoot(next)
    })
    tellHashes(id)
  }

  const isOpen = ({ stage }: Transfer) => stage.at === 'offered' || stage.at === 'wanted'

  /** What is known and was not told on this link. */
  function tellHashes(id: string) {
    const row = book.get(id)
    const live = lives.get(id)
    if (row === undefined || live?.told === undefined) return
    const { hashes, known } = book.pieces(row)
    while (live.told < known) {
      const upTo = Math.min(known, live.told + MANIFEST_HASHES)
      ground.say(row.ik, { t: 'file.manifest', fid: row.fid, from: live.told, hashes: toB64(hashes.subarray(live.told * HASH, upTo * HASH)) })
      live.told = upTo
    }
  }

  /** [T6] The share is over, or its quota is. */
  function endServed(id: string) {
    const row = book.get(id)
    if (row === undefined) return
    ground.say(row.ik, { t: 'file.stop', fid: row.fid, why: 'gone' })
    ground.apply(id, { on: 'told', end: { t: 'file.stop', why: 'gone' } })
  }

  function forget(row: Transfer) {
    serving.stop(row.ik, row.fid)
    lives.delete(row.id)
    sources.delete(row.id)
    book.forgetPieces(row.id)
    meters.get(row.id)?.onEnd(row.stage.at === 'sent')
    meters.delete(row.id)
    if (row.source?.staged && !(row.stage.at === 'sent' && deps.keepsStaged(row))) deps.dropStaged(row.source.path)
    // What was asked for out of a share leaves no trace here but in the share's own record.
    if (row.served) ground.store.write(() => book.drop(row.id))
  }

  const outgoing: Outgoing = {
    make(source, of) {
      const piece = pieceSize(source.size)
      if (piece === undefined) return undefined
      const { path, staged, name, size, mtime } = source
      const row: Transfer = {
        ...of, fid: newFid(ground.chance), mine: true, stage: { at: 'offered' }, stateAt: of.at, name, size, piece, root: null,
        exp: of.at + OFFER_EXPIRES, cleared: false, hasLeft: false, source: { path, size, mtime, staged },
      }
      sources.set(row.id, source)
      return row
    },
    hash(row) {
      const { known } = book.pieces(row)
      if (row.root !== null && known === pieceCount(row.size, row.piece)) return Promise.resolve()
      const under = hashing.get(row.id)
      if (under !== undefined) return under
      const work = (row.served ? servedTurn : ownTurn)(() => hashNow(row.id)).finally(() => hashing.delete(row.id))
      hashing.set(row.id, work)
      return work
    },
    offerOf: (row) => ({ fid: row.fid, name: row.name, size: row.size, ...(row.source === undefined ? {} : { mtime: row.source.mtime }), piece: row.piece, root: row.root, exp: row.exp }),
    accept(row, { have, rate }) {
      if (row.stage.at === 'offered') ground.apply(row.id, { on: 'accept' })
      const now = book.get(row.id)
      if (now?.stage.at !== 'wanted') return ground.say(row.ik, { t: 'file.stop', fid: row.fid, why: 'gone' })
      if (now.stage.pausedByMe) return ground.say(row.ik, { t: 'file.pause', fid: row.fid, on: true })
      if (now.stage.pausedByThem) ground.apply(row.id, { on: 'pause', by: 'them', is: false })
      serving.stop(row.ik, row.fid)
      const live = liveOf(now)
      live.have = createHave(row.size, row.piece)
      live.have.take(have ?? [])
      live.sent = 0
      live.told = 0
      live.peerRate = rate ?? 0
      live.lastPull = ground.now()
      tellHashes(row.id)
      ground.background(outgoing.hash(now))
      ground.onChange(row.id)
    },
    pull(row, { x, from, to }) {
      if (row.stage.at !== 'wanted') return ground.say(row.ik, { t: 'file.stop', fid: row.fid, why: 'gone' })
      const live = lives.get(row.id)
      // Sent before my pause reached them.
      if (row.stage.pausedByMe || live?.told === undefined) return
      live.lastPull = ground.now()
      if (serving.pull(row.ik, live.served, { x, from, to })) return
      ground.log('pull out of order')
      ground.apply(row.id, { on: 'source', why: 'unreadable' })
      if (breach(row.ik)) deps.endLink(row.ik)
    },
    serve(ik, { source, meter, say }) {
      const open = book.all().filter((row) => row.served && row.ik === ik)
      if (open.length >= MOST_SERVED || open.filter((row) => row.root === null).length >= GETS_AT_ONCE) return 'busy'
      const at = ground.now()
      const row = outgoing.make({ ...source, path: '', staged: false }, { id: ground.chance.b64(16), ik, kept: false, at })
      if (row === undefined) return 'busy'
      meters.set(row.id, meter)
      const made: Transfer = { ...row, served: true, hasLeft: false, root: meter.known?.root ?? null }
      book.put(made)
      if (meter.known !== undefined) {
        const pieces = book.pieces(made)
        pieces.hashes.set(meter.known.hashes)
        pieces.known = pieceCount(row.size, row.piece)
      }
      const tell = () => {
        const now = book.get(row.id)
        if (now !== undefined) say(outgoing.offerOf(now))
      }
      ground.background((async () => {
        if (made.root === null && source.size > HASHED_FIRST) tell()
        await outgoing.hash(made)
        tell()
      })())
      return { stop: () => endServed(row.id) }
    },
    // Theirs to ask.
    start: () => undefined,
    stop(row) {
      serving.stop(row.ik, row.fid)
    },
    scan: () => undefined,
    drop: forget,
    reset: () => undefined,
    done: () => undefined,
    room: (ik) => serving.room(ik),
    linkUp(ik) {
      for (const row of book.all()) if (row.mine && row.ik === ik && row.stage.at === 'wanted') ground.onChange(row.id)
    },
    linkDown(ik) {
      serving.linkDown(ik)
      // What came out of a share is asked for anew on the next link.
      for (const row of book.all()) if (row.served && row.ik === ik) ground.apply(row.id, { on: 'told', end: { t: 'file.stop', why: 'gone' } })
      for (const row of book.all()) {
        const live = row.ik === ik && row.mine ? lives.get(row.id) : undefined
        if (live === undefined) continue
        live.told = undefined
        ground.onChange(row.id)
      }
    },
    progress(row) {
      const live = lives.get(row.id)
      if (live === undefined) return { done: 0, isMoving: false }
      return { done: Math.min(row.size, live.have.bytes() + live.sent), isMoving: live.told !== undefined && ground.now() - live.lastPull < MOVES_FOR }
    },
    settled: () => serving.settled(),
  }
  return outgoing
}

/** A file of the user's own. Links are followed: the user chose it. */
export function pathSource(path: string, of: { size: number; mtime: Ms }): Source {
  return {
    name: basename(path), size: of.size, mtime: of.mtime,
    async open() {
      try {
        const handle = await open(path, 'r')
        if (await isSame(handle, of)) return { ok: true, handle }
        await handle.close()
        return { ok: false, why: 'changed' }
      } catch (error) {
        return { ok: false, why: (error as { code?: string }).code === 'ENOENT' ? 'missing' : 'unreadable' }
      }
    },
  }
}

/** What stands at this path now. */
export async function lookAt(path: string): Promise<{ size: number; mtime: Ms; isFolder: boolean; isFile: boolean } | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? undefined : { size: found.size, mtime: Math.floor(found.mtimeMs), isFolder: found.isDirectory(), isFile: found.isFile() }
}
