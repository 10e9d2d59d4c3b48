import type { FileHandle } from 'node:fs/promises'
import type { Refusal } from '../../protocol/errors.ts'
import type { B64, Ik, Ms } from '../../protocol/ids.ts'
import { BREACHES_PER_MINUTE, PULL_WINDOW, ROOM_LEFT, TRANSFERS_IN_ALL, TRANSFERS_PER_LINK } from '../../protocol/limits.ts'
import { type Bytes, equalBytes, fromB64 } from '../../protocol/wire/bytes.ts'
import { pieceCount, pieceSize, readBulk } from '../../protocol/wire/files.ts'
import type { FileEnd, FileFrame, FileOffer } from '../../protocol/wire/peer.ts'
import { every } from '../clock.ts'
import { sha256 } from '../identity/crypto.ts'
import { codeOf } from '../store/open.ts'
import type { Transfer } from './book.ts'
import { createBreaches, type Ground, type Hand } from './ground.ts'
import { readAll, rootOf } from './hashing.ts'
import { createPuller, type Puller } from './puller.ts'
import { createSlots } from './slots.ts'

/** Files that come: asked for piece by piece while a link is up, verified, written into the vault. */

export interface IncomingDeps {
  ground: Ground
  scan(row: Transfer): void
  /** [T5] Three breaches in a minute. */
  endLink(ik: Ik): void
  /** A link is needed now. */
  want(ik: Ik): void
  /** Asks for a file out of a shared folder: each time anew, since the buddy's Parley keeps no memory of it. */
  get(row: Transfer): Promise<{ ok: true; offer: FileOffer } | Refusal>
}

export interface Incoming extends Hand {
  manifest(row: Transfer, frame: FileFrame & { t: 'file.manifest' }): void
  /** [T4] The root of an offer that had none. */
  root(row: Transfer, root: B64): void
  bulk(ik: Ik, message: Bytes): void
  linkUp(ik: Ik): void
  linkDown(ik: Ik): void
  isActive(id: string): boolean
  isChecking(id: string): boolean
  /** What its bytes are written to takes none, and not because it is full. */
  isUnwritable(id: string): boolean
  /** A person says that there is room: looked at now. */
  lookForRoom(id: string): void
  /** Whoever waits for room or a turn may have it. */
  schedule(): void
  /** Its folder's quota is used up for today. */
  waitsForQuota(id: string): boolean
  /** [T6] What they say of its end. */
  ended(row: Transfer, end: FileEnd): void
  settled(): Promise<void>
}

interface Active { id: string; ik: Ik; slot: number; puller?: Puller; handle?: FileHandle; isStopped: boolean; x: number; /** When something of it came last. */ heardAt: Ms; /** [B6] What they keep for it, out of a share. */ served?: B64 | undefined }

const HASH = 32
/** Progress is kept so often, ms: what a kill may take with it is asked for again. */
const SAVE_EVERY = 500
/** A full disk is looked at again so often. */
const ROOM_AGAIN = 2_000
/** A busy buddy is asked again after so long. */
const ASK_AGAIN = 5_000
/** Of whom nothing comes for so long makes place for others that wait, and has its turn again as much later; looked at so often, ms. */
const SILENT_FOR = 60_000
const LOOK_FOR_SILENT = 15_000
/** A quota is used up until midnight there, whenever that is. */
const QUOTA_AGAIN = 600_000

export function createIncoming({ ground, ...deps }: IncomingDeps): Incoming {
  const { book, clock, links, parts } = ground
  const active = new Map<string, Active>()
  const slots = createSlots(clock)
  /** Who got a place last. */
  let last: Ik | undefined
  /** Verified in this run: their bytes were written by it. */
  const trusted = new Set<string>()
  const checking = new Set<string>()
  const breach = createBreaches(clock, { most: BREACHES_PER_MINUTE, within: 60_000 })
  const ending = new Set<Promise<unknown>>()
  /** Of this run: a new try may find it mended. */
  const unwritable = new Set<string>()

  /** [B6] Refused for now: until when, and whether the quota is why. */
  const refused = new Map<string, { until: Ms; isQuota: boolean }>()

  const isGoing = ({ stage }: Transfer) => stage.at === 'wanted' && !stage.pausedByMe && !stage.pausedByThem && !stage.isFull
  function canRun(row: Transfer): boolean {
    if (row.mine || row.folder !== undefined || !isGoing(row)) return false
    if ((refused.get(row.id)?.until ?? 0) > ground.now()) return false
    const parent = row.parent === undefined ? undefined : book.get(row.parent)
    return parent === undefined || isGoing(parent)
  }
  const activeWith = (ik: Ik) => [...active.values()].filter((one) => one.ik === ik).length

  /** Buddies in turn, their files in order, as far as there are places. A link that is full is not looked through. */
  function schedule() {
    for (const [ik, rows] of inTurn([...book.wanted()])) {
      if (links.isUp(ik)) startAsManyAsFit(ik, rows)
      else for (const row of rows) {
        if (active.has(row.id) || !canRun(row)) continue
        deps.want(ik)
        break
      }
    }
  }

  function inTurn<T>(wanted: (readonly [Ik, T])[]): (readonly [Ik, T])[] {
    const next = wanted.findIndex(([ik]) => ik === last) + 1
    return [...wanted.slice(next), ...wanted.slice(0, next)]
  }

  function startAsManyAsFit(ik: Ik, rows: Iterable<Transfer>) {
    let places = Math.min(TRANSFERS_PER_LINK - activeWith(ik), TRANSFERS_IN_ALL - active.size)
    if (places <= 0) return
    for (const row of rows) {
      if (active.has(row.id) || !canRun(row)) continue
      const one: Active = { id: row.id, ik, slot: slots.take(ik, row.id), isStopped: false, x: 0, heardAt: ground.now() }
      active.set(row.id, one)
      unwritable.delete(row.parent ?? row.id)
      last = ik
      ground.background(begin(one).catch((error: unknown) => fail(one, error)))
      if (--places === 0) return
    }
  }

  async function begin(one: Active): Promise<void> {
    let row = book.get(one.id)!
    if (row.entry !== undefined) {
      const bound = await bind(one, row)
      if (bound === undefined) return
      row = bound
    }
    const part = row.part ?? parts.newPart()
    if (row.part === undefined) ground.store.write(() => book.change(row.id, { part }))
    try {
      const handle = await parts.open(part)
      if (one.isStopped) return void (await handle.close())
      one.handle = handle
      await verifyOld(row, one)
    } catch (error) {
      return one.isStopped ? undefined : onDiskError(one, error)
    }
    if (one.isStopped) return
    // Sizes are what the other side says: what there is room for is looked at before a byte comes.
    const isRoom = await hasRoom(row)
    if (one.isStopped) return
    if (!isRoom) return onDiskError(one, Object.assign(new Error('no room'), { code: 'ENOSPC' }))
    const { have } = book.pieces(row)
    // The limit is for all files together: who begins now has its part of it.
    const { down } = ground.limits()
    one.puller = createPuller({
      clock, size: row.size, piece: row.piece, have, handle: one.handle,
      hashOf: (piece) => hashOf(row.id, piece),
      nextX: () => slots.x(one.slot, one.x++),
      window: () => PULL_WINDOW / Math.max(1, activeWith(one.ik)),
      pull: (pull) => ground.say(one.ik, { t: 'file.pull', fid: row.fid, ...pull }),
      onPiece() {
        saveLater(row.id)
        ground.moved(row)
      },
      onBad: () => ground.apply(row.id, { on: 'bad' }),
      onComplete: () => complete(row.id),
      onDiskError: (error) => onDiskError(one, error),
      onBug: (error) => fail(one, error),
    })
    ground.say(one.ik, { t: 'file.accept', fid: row.fid, have: have.ranges(256), ...(down === 0 ? {} : { rate: Math.ceil(down / active.size) }) })
    ground.onChange(row.id)
    if (mayPull(row.id)) one.puller.fill()
    complete(row.id)
  }

  /** What went wrong here is told, and the transfer tries again a little later. */
  function fail(one: Active, error: unknown) {
    ground.background(Promise.reject(error))
    // Before its place is free: else it would be the first to have it again, at once.
    refuse(one.id, ROOM_AGAIN)
    deactivate(one.id)
  }

  /** [B6] Out of a share: under the name that it has there now. Other bytes than those that are half here begin anew. */
  async function bind(one: Active, row: Transfer): Promise<Transfer | undefined> {
    const got = await deps.get(row)
    if (got.ok) one.served = got.offer.fid
    if (one.isStopped) return void letGo(one)
    if (!got.ok) {
      deactivate(row.id)
      if (got.code === 'share-gone') ground.apply(row.id, { on: 'told', end: { t: 'file.stop', why: 'gone' } })
      else if (got.code === 'share-limit') refuse(row.id, QUOTA_AGAIN, true)
      else refuse(row.id, ASK_AGAIN)
      return undefined
    }
    refused.delete(row.id)
    const { fid, size, piece, root, mtime = 0 } = got.offer
    if (piece !== pieceSize(size)) return void ground.apply(row.id, { on: 'bad' })
    // More than was listed is not what was asked for.
    if (size > row.size) return void ground.apply(row.id, { on: 'told', end: { t: 'file.stop', why: 'changed' } })
    const isSame = row.size === size && row.mtime === mtime && (root === null || row.root === null || root === row.root)
    if (!isSame) beginAnew(row.id)
    ground.store.write(() => book.change(row.id, { fid, size, piece, root: root ?? (isSame ? row.root : null), mtime }))
    return book.get(row.id)
  }

  /** It is asked for anew when it goes on: what they keep for it counts there as one that is open. */
  function letGo({ ik, served }: Active) {
    if (served !== undefined) ground.say(ik, { t: 'file.stop', fid: served, why: 'superseded' })
  }

  /** A place is not held by who sends nothing, where others wait for it. */
  function makePlace() {
    const now = ground.now()
    const one = [...active.values()].find((one) => now - one.heardAt >= SILENT_FOR && !checking.has(one.id) && isAwaited(one))
    if (one === undefined) return
    ground.log('nothing came for long: another has its turn')
    refuse(one.id, SILENT_FOR)
    deactivate(one.id)
  }
  /** Another could run in its place. */
  function isAwaited(one: Active): boolean {
    for (const [ik, rows] of book.wanted()) {
      if (!links.isUp(ik) || (ik !== one.ik && activeWith(ik) >= TRANSFERS_PER_LINK)) continue
      for (const row of rows) if (!active.has(row.id) && canRun(row)) return true
    }
    return false
  }

  function refuse(id: string, ms: Ms, isQuota = false) {
    refused.set(id, { until: ground.now() + ms, isQuota })
    clock.after(ms + 1, schedule)
    ground.onChange(id)
  }

  /** Pieces of an earlier run are read again: a power cut may have kept the mark and lost the bytes. */
  async function verifyOld(row: Transfer, one: Active): Promise<void> {
    const { have } = book.pieces(row)
    if (trusted.has(row.id) || have.count() === 0) return void trusted.add(row.id)
    checking.add(row.id)
    ground.onChange(row.id)
    try {
      const block = Buffer.allocUnsafe(row.piece)
      for (let i = 0; i < pieceCount(row.size, row.piece); i++) {
        if (one.isStopped) return
        if (!have.has(i)) continue
        const wanted = hashOf(row.id, i)
        const length = Math.min(row.piece, row.size - i * row.piece)
        const isThere = (await readAll(one.handle!, block, length, i * row.piece)) === length
        if (wanted === undefined || !isThere || !equalBytes(sha256(block.subarray(0, length)), wanted)) have.set(i, false)
      }
      trusted.add(row.id)
    } finally {
      checking.delete(row.id)
      ground.onChange(row.id)
    }
  }

  function hashOf(id: string, piece: number): Uint8Array | undefined {
    const row = book.get(id)
    if (row === undefined) return undefined
    const { hashes, known } = book.pieces(row)
    return piece < known ? hashes.subarray(piece * HASH, (piece + 1) * HASH) : undefined
  }

  /** [T4] With a root, only once all hashes are here and fit it. */
  function mayPull(id: string): boolean {
    const row = book.get(id)!
    const { known } = book.pieces(row)
    return row.root === null ? known > 0 : known === pieceCount(row.size, row.piece)
  }

  function complete(id: string) {
    const row = book.get(id)
    if (row === undefined || row.root === null || row.stage.at !== 'wanted') return
    const { have, hashes, known } = book.pieces(row)
    const all = pieceCount(row.size, row.piece)
    if (have.count() < all || known < all) return
    // The root is of what was really received, piece by piece.
    if (rootOf(row.size, row.piece, hashes) !== row.root) return void ground.apply(id, { on: 'bad' })
    ground.background(syncAndComplete(row))
  }
  /** The bytes before it is said, here and to them, that all are here. */
  async function syncAndComplete({ id, part }: Transfer): Promise<void> {
    const one = active.get(id)
    // `file.done` ends it.
    if (one !== undefined) one.served = undefined
    try {
      // What is not under way was synced as it stopped.
      await (one?.handle?.datasync() ?? Promise.allSettled([...ending]))
    } catch (error) {
      if (one?.isStopped === false) onDiskError(one, error)
      return
    }
    // Begun anew meanwhile: with another part.
    if (book.get(id)?.part === part) ground.apply(id, { on: 'complete' })
  }

  const saves = new Map<string, () => void>()
  function saveLater(id: string) {
    if (saves.has(id)) return
    saves.set(id, clock.after(SAVE_EVERY, () => ground.background(syncAndSave(id))))
  }
  /** The bytes before their marks; and in small steps, so that a commit beside it does not wait for megabytes of them. */
  async function syncAndSave(id: string): Promise<void> {
    const one = active.get(id)
    await one?.handle?.datasync().catch(() => undefined)
    if (active.get(id) === one) save(id)
  }
  function save(id: string) {
    saves.get(id)?.()
    saves.delete(id)
    const row = book.get(id)
    if (row !== undefined) book.savePieces(row)
  }

  function onDiskError(one: Active, error: unknown) {
    const isFull = codeOf(error) === 'disk-full'
    ground.log('part could not be written', { full: isFull })
    if (isFull) {
      if (ground.apply(one.id, { on: 'full', is: true })) lookLater(one.id)
      return
    }
    // Waiting mends nothing here: it is for a person to look, and to go on. In a folder that is the whole of it.
    const shown = book.get(one.id)!.parent ?? one.id
    unwritable.add(shown)
    ground.apply(shown, { on: 'pause', by: 'me', is: true })
  }

  const missing = (row: Transfer) => row.size - book.pieces(row).have.bytes()
  /** Of all that is missing, beside what the others that are under way will take. */
  async function hasRoom(row: Transfer): Promise<boolean> {
    const room = await parts.room().catch(() => 0)
    const others = [...active.values()].reduce((sum, { id, puller }) => sum + (id === row.id || puller === undefined ? 0 : missing(book.get(id)!)), 0)
    return room >= missing(row) + others + ROOM_LEFT
  }
  const lookLater = (id: string) => clock.after(ROOM_AGAIN, () => ground.background(lookForRoom(id)))

  async function lookForRoom(id: string, again = true): Promise<void> {
    const row = book.get(id)
    if (row?.stage.at !== 'wanted' || !row.stage.isFull) return
    if (await hasRoom(row)) ground.apply(id, { on: 'full', is: false })
    else if (again) lookLater(id)
    ground.onChange(id)
  }

  function deactivate(id: string) {
    const one = active.get(id)
    if (one === undefined) return
    one.isStopped = true
    active.delete(id)
    letGo(one)
    // Pulls that are open are answered for a while yet.
    slots.over(one.ik, one.slot)
    const end = (async () => {
      await one.puller?.stop()
      await one.handle?.datasync().catch(() => undefined)
      await one.handle?.close()
      save(id)
    })()
    ending.add(end)
    ground.background(end.finally(() => ending.delete(end)))
    clock.after(0, schedule)
  }

  function remove(row: Transfer) {
    deactivate(row.id)
    forgetBytes(row)
  }
  /** In a part of its own: the old one may be longer, and would keep its end. */
  function beginAnew(id: string) {
    const row = book.get(id)!
    forgetBytes(row)
    const { part: _, ...rest } = row
    ground.store.write(() => book.put(rest))
  }
  function forgetBytes({ id, part }: Transfer) {
    trusted.delete(id)
    saves.get(id)?.()
    saves.delete(id)
    book.forgetPieces(id)
    if (part === undefined) return
    ground.background((async () => {
      await Promise.allSettled([...ending])
      await parts.remove(part)
    })())
  }

  const incoming: Incoming = {
    start: schedule,
    stop: (row) => deactivate(row.id),
    scan: deps.scan,
    done(row) {
      save(row.id)
      ground.say(row.ik, { t: 'file.done', fid: row.fid, root: row.root! })
    },
    drop: remove,
    reset(row) {
      deactivate(row.id)
      beginAnew(row.id)
    },
    manifest(row, { from, hashes }) {
      const one = active.get(row.id)
      if (one === undefined) return
      const held = book.pieces(row)
      const bytes = fromB64(hashes)
      const all = pieceCount(row.size, row.piece)
      if (from > held.known || from * HASH + bytes.length > all * HASH) return
      // What is known already must be the same: else it is another file than the one of which pieces are here.
      const repeated = Math.min(bytes.length, (held.known - from) * HASH)
      if (!equalBytes(bytes.subarray(0, repeated), held.hashes.subarray(from * HASH, from * HASH + repeated))) return void ground.apply(row.id, { on: 'bad' })
      held.hashes.set(bytes, from * HASH)
      if (from + bytes.length / HASH > held.known) one.heardAt = ground.now()
      held.known = Math.max(held.known, from + bytes.length / HASH)
      if (held.known === all && row.root !== null && rootOf(row.size, row.piece, held.hashes) !== row.root) return void ground.apply(row.id, { on: 'bad' })
      if (mayPull(row.id)) one.puller?.fill()
    },
    root(row, root) {
      ground.store.write(() => book.change(row.id, { root }))
      // Room for its hashes is taken once it is wanted: anybody may offer a great deal.
      if (row.stage.at !== 'wanted') return
      const { known, hashes } = book.pieces(row)
      if (known === pieceCount(row.size, row.piece) && known > 0 && rootOf(row.size, row.piece, hashes) !== root) return void ground.apply(row.id, { on: 'bad' })
      complete(row.id)
    },
    bulk(ik, message) {
      const read = readBulk(message)
      const id = read.ok ? slots.whose(ik, read.value.x) : undefined
      // [T5] Of a pull that is over: discarded.
      if (read.ok && id === null) return
      const one = id == null ? undefined : active.get(id)
      if (read.ok && one?.puller?.take(read.value) === true) {
        one.heardAt = ground.now()
        return
      }
      ground.log('data out of order', { known: one !== undefined })
      if (one !== undefined) ground.apply(one.id, { on: 'bad' })
      if (breach(ik)) deps.endLink(ik)
    },
    linkUp: schedule,
    linkDown(ik) {
      for (const one of [...active.values()]) if (one.ik === ik) deactivate(one.id)
      slots.linkDown(ik)
    },
    isActive: (id) => active.has(id),
    isChecking: (id) => checking.has(id),
    isUnwritable: (id) => unwritable.has(id),
    lookForRoom: (id) => ground.background(lookForRoom(id, false)),
    schedule,
    waitsForQuota: (id) => refused.get(id)?.isQuota === true,
    ended(row, end) {
      // Out of a share it is asked for anew: the answer says whether the folder is gone, or its Parley was only started again.
      if (row.entry !== undefined && end.t === 'file.stop' && end.why === 'gone' && active.has(row.id)) deactivate(row.id)
      else ground.apply(row.id, { on: 'told', end })
    },
    async settled() {
      for (const id of [...active.keys()]) deactivate(id)
      while (ending.size > 0) await Promise.allSettled([...ending])
    },
  }
  every(clock, LOOK_FOR_SILENT, makePlace)
  // A disk that was full when Parley ended is looked at again.
  for (const { id, stage } of book.all()) if (stage.at === 'wanted' && stage.isFull) clock.after(0, () => ground.background(lookForRoom(id)))
  return incoming
}
