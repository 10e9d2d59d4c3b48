import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { B64, Ik, Uuid7 } from '../../protocol/ids.ts'
import { BULK_HEAD, MAX_CHUNK, OFFER_EXPIRES } from '../../protocol/limits.ts'
import { type Bytes, toB64 } from '../../protocol/wire/bytes.ts'
import { pieceCount, pieceSize, writeBulkHead } from '../../protocol/wire/files.ts'
import type { Durable, FileFrame, FileOffer } from '../../protocol/wire/peer.ts'
import { createBackground } from '../background.ts'
import { createChance } from '../random.ts'
import type { Buddy } from '../roster/roster.ts'
import { random, tempDir } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import { createVault } from '../vault/vault.ts'
import { createBook } from './book.ts'
import { rootOf } from './hashing.ts'
import { createTransfers, type TransfersDeps } from './transfers.ts'

export const ben = 'ben' as Ik
export const chen = 'chen' as Ik
export const dora = 'dora' as Ik
export const day = 86_400_000

interface Said { to: Ik; t: string; fid: B64; why?: string; on?: boolean; root?: B64 }

/** One side's transfers over a real store and vault; the test is the buddies. Time goes when told, and timers fire as it passes. */
export function scene(t: TestContext, more: Partial<TransfersDeps> = {}) {
  const here = testStore()
  const temp = tempDir()
  let due: { at: number; act(): void }[] = []
  const clock = {
    now: () => here.clock.now,
    after(ms: number, act: () => void) {
      const one = { at: here.clock.now + ms, act }
      due.push(one)
      return () => void (due = due.filter((other) => other !== one))
    },
  }
  const bugs: unknown[] = []
  const background = createBackground((error) => bugs.push(error))
  const book = createBook({ store: here.store })
  const vault = createVault({ folder: join(temp.path, 'vault'), random, log: () => undefined })
  const nothing = () => undefined
  const up = new Set<Ik>()
  const said: Said[] = []
  const pulls: (FileFrame & { t: 'file.pull' })[] = []
  const notices: Said[] = []
  const news: string[] = []
  const disk = { room: 1e12, asked: 0, onLook: nothing as () => void, onSync: nothing as () => void, writeError: undefined as Error | undefined }
  const buddies = new Map([ben, chen, dora].map((ik) => [ik, { ik, state: 'accepted', connect: 'direct', mine: { mode: 'disk', rev: 1 } } as Buddy]))
  const transfers = createTransfers({
    store: here.store, clock, chance: createChance(random), background, book,
    parts: {
      ...vault,
      async open(part) {
        const handle = await vault.open(part)
        const datasync = handle.datasync.bind(handle)
        handle.datasync = () => {
          disk.onSync()
          return datasync()
        }
        const writev = handle.writev.bind(handle)
        handle.writev = ((...given: Parameters<typeof writev>) => (disk.writeError === undefined ? writev(...given) : Promise.reject(disk.writeError))) as typeof handle.writev
        return handle
      },
      async room() {
        disk.asked++
        // A loop without end fails, and does not hang.
        if (disk.asked > 1_000) throw new Error('looked at again and again')
        disk.onLook()
        return disk.room
      },
    },
    buddy: (ik) => buddies.get(ik), isOnline: () => true,
    links: {
      isUp: (ik) => up.has(ik), chunk: () => MAX_CHUNK, bulkRoom: () => 1_048_576, sendBulk: nothing, used: nothing,
      send(ik, frame) {
        const one = JSON.parse(Buffer.from(frame).toString())
        if (one.t === 'file.pull') pulls.push(one)
        else said.push({ to: ik, ...one })
      },
    },
    notice: (to, end) => void notices.push({ to, ...end }), limits: () => ({ up: 0, down: 0 }), isEnding: () => false, log: nothing,
    offer: nothing, offerRoot: nothing, wantLink: nothing, endLink: nothing, judge: () => ({ type: 'text', isRisky: false }), safeName: (name) => name, endingOf: () => '',
    isAcceptedByRule: () => false, removeStaged: nothing, endShare: nothing, given: () => ({ done: 0, files: 0 }), onView: nothing, onGone: nothing,
    onNews: (row, what) => void news.push(`${row.name} ${what}`),
    get: async () => ({ ok: false, code: 'share-gone' }), list: async () => ({ ok: false, code: 'share-gone' }),
    release: {
      out: { pathOf: vault.path, release: vault.release, releaseAs: vault.releaseAs, releaseFolder: vault.releaseFolder },
      scan: async () => ({ is: 'clean' }), pictureOf: nothing, downloads: temp.path, dialogs: { pickSave: async () => null }, desktop: { open: async () => true, reveal: async () => true },
    },
    ...more,
  })

  /** What was begun is done. */
  const settle = () => background.settled()
  /** For what the disk does beside it. */
  async function until(isSo: () => boolean) {
    for (let tries = 0; !isSo(); tries++) {
      assert.ok(tries < 100_000, 'it never came to that')
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  /** At once, however long it is: what is due meanwhile happens at its end. */
  async function pass(ms: number) {
    here.clock.pass(ms)
    const now = due.filter(({ at }) => at <= here.clock.now)
    due = due.filter(({ at }) => at > here.clock.now)
    for (const { act } of now) act()
    await settle()
  }
  let n = 0
  t.after(async () => {
    await transfers.settled()
    await background.settled()
    here.close()
    temp.remove()
    assert.deepEqual(bugs, [])
  })
  return {
    store: here.store, book, vault, transfers, up, said, pulls, notices, news, disk, buddies, settle, pass, until,
    /** Says it is offered; its id. */
    offer(from: Ik, f: Partial<FileOffer>): string {
      n++
      const whole = { fid: `fid-${n}` as B64, name: `${n}.txt`, size: 10, piece: pieceSize(f.size ?? 10)!, root: null, exp: here.clock.now + OFFER_EXPIRES, ...f }
      const frame = { t: 'file.offer', id: `frame-${n}` as Uuid7, f: whole } as Extract<Durable, { t: 'file.offer' }>
      return here.store.write(() => transfers.offered(buddies.get(from)!, frame, true)!)
    },
    /** The hashes of this file, and what is asked for of it; at most so many pieces. */
    async serve(fid: B64, file: Bytes, most = Number.MAX_SAFE_INTEGER) {
      const row = book.all().find((one) => one.fid === fid)!
      const { have } = book.pieces(row)
      transfers.frame(row.ik, { t: 'file.manifest', fid, from: 0, hashes: toB64(sumsOf(file).hashes) })
      for (const wanted = Math.min(pieceCount(file.length, row.piece), have.count() + most); have.count() < wanted;) {
        const before = have.count()
        await until(() => pulls.some((pull) => pull.fid === fid))
        const [{ x, from, to }] = pulls.splice(pulls.findIndex((pull) => pull.fid === fid), 1) as [(typeof pulls)[number]]
        const say = (kind: 'data' | 'end', offset: number, data: Bytes = new Uint8Array(0)) => {
          const message: Bytes = new Uint8Array(BULK_HEAD + data.length)
          writeBulkHead(message, { kind, x, offset })
          message.set(data, BULK_HEAD)
          transfers.bulk(row.ik, message)
        }
        for (let offset = from; offset < to; offset += MAX_CHUNK) say('data', offset, file.slice(offset, Math.min(to, offset + MAX_CHUNK)))
        say('end', to)
        await until(() => have.count() > before)
      }
      await settle()
    },
  }
}

/** [T2] Of a file of theirs. */
export function sumsOf(file: Bytes) {
  const piece = pieceSize(file.length)!
  const hashes = new Uint8Array(Buffer.concat(Array.from({ length: Math.ceil(file.length / piece) }, (_, i) => createHash('sha256').update(file.subarray(i * piece, (i + 1) * piece)).digest())))
  return { hashes, root: rootOf(file.length, piece, hashes) }
}
