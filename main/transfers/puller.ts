import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { CLOSED_PULL_MEMORY, MAX_PULL } from '../../protocol/limits.ts'
import { type Bytes, equalBytes, release } from '../../protocol/wire/bytes.ts'
import { type Bulk, pieceCount, type Pull } from '../../protocol/wire/files.ts'
import type { Clock } from '../ports.ts'
import type { Have } from './have.ts'

/**
 * [T1, T5] The receiving end of one transfer while its link is up: asks for pieces whose hash is known, verifies each, writes it at its
 * place. The next pull follows only after hash and write, so that a slow disk slows the sender.
 */

/** Bytes written at once where they follow on one another, and how long the first of them waits for more, ms. */
const WRITE = 524_288
const LONGEST_GATHER = 100
/** So many bytes must be free in the window before more is asked for. */
const BURST = 1_048_576
/** [L13] The smaller of the two chunks that there are. */
const SMALLEST_CHUNK = 16_384

export interface PullerDeps {
  clock: Clock
  size: number
  piece: number
  have: Have
  handle: Pick<FileHandle, 'writev'>
  /** The hash of a piece, once it is known. */
  hashOf(piece: number): Uint8Array | undefined
  /** Numbers of pulls are the link's: none is used twice. */
  nextX(): number
  /** Bytes that may be asked for and not written. */
  window(): number
  pull(pull: Pull): void
  /** Verified and written. */
  onPiece(piece: number): void
  /** Wrong twice. */
  onBad(): void
  onComplete(): void
  /** The disk takes no more of it. */
  onDiskError(error: unknown): void
  /** Anything else that went wrong on the way. */
  onBug(error: unknown): void
}

export interface Puller {
  /** Hashes came, or there is room in the window. */
  fill(): void
  /** False: not in the order of an open pull [T5]. */
  take(message: Bulk): boolean
  /** Bytes asked for and not here yet, or not written. */
  outstanding(): number
  /** Nothing is written after this resolves. */
  stop(): Promise<void>
}

interface Open extends Pull { next: number; data: Bytes[]; isLast: boolean }
interface Work { hash: Hash; /** Where the next pull begins. */ asked: number; end: number; /** Hashed up to here. */ hashed: number; /** Bytes that are not written yet. */ left: number }

export function createPuller(deps: PullerDeps): Puller {
  const { clock, size, piece, have, handle } = deps
  const all = pieceCount(size, piece)
  const open = new Map<number, Open>()
  const closed = new Set<number>()
  /** Pieces begun: their pulls leave in order, and come back in order. */
  const work = new Map<number, Work>()
  const wrong = new Set<number>()
  let scan = 0
  let outstanding = 0
  let isStopped = false
  const writing = new Set<Promise<void>>()
  /** Whole pulls that follow on one another, to be written at once. */
  let gathered: Open[] = []
  let cancelGather = () => {}

  function next(): number | undefined {
    while (scan < all && (have.has(scan) || work.has(scan))) scan++
    for (let i = scan; i < all; i++) {
      if (have.has(i) || work.has(i)) continue
      return deps.hashOf(i) === undefined ? undefined : i
    }
    return undefined
  }

  function ask(of: Work) {
    const from = of.asked
    const to = Math.min(of.end, from + MAX_PULL)
    const x = deps.nextX()
    of.asked = to
    open.set(x, { x, from, to, next: from, data: [], isLast: false })
    outstanding += to - from
    deps.pull({ x, from, to })
  }

  /** Asked for in bursts: frames that leave together travel together. */
  function fill() {
    if (outstanding > 0 && outstanding + Math.min(BURST, deps.window() / 2) > deps.window()) return
    while (!isStopped) {
      const begun = [...work.values()].find((one) => one.asked < one.end)
      const index = begun === undefined ? next() : undefined
      if (begun === undefined && index === undefined) return
      const bytes = begun === undefined ? Math.min(piece, size - index! * piece, MAX_PULL) : Math.min(begun.end - begun.asked, MAX_PULL)
      if (outstanding > 0 && outstanding + bytes > deps.window()) return
      if (begun !== undefined) ask(begun)
      else {
        const begins = index! * piece
        const end = Math.min(size, begins + piece)
        const made: Work = { hash: createHash('sha256'), asked: begins, end, hashed: begins, left: end - begins }
        work.set(index!, made)
        ask(made)
      }
    }
  }

  function close(pull: Open) {
    open.delete(pull.x)
    closed.add(pull.x)
    clock.after(CLOSED_PULL_MEMORY, () => closed.delete(pull.x))
  }

  /** A write costs two turns of other threads, however small it is. */
  function gather(pull: Open) {
    if (gathered.length > 0 && gathered.at(-1)!.to !== pull.from) flush()
    if (gathered.length === 0) cancelGather = clock.after(LONGEST_GATHER, flush)
    gathered.push(pull)
    const coming = [...open.values()].reduce((sum, { from, to }) => sum + to - from, 0)
    // Where little more is under way, nothing is waited for.
    if (pull.to - gathered[0]!.from >= WRITE || coming < WRITE) flush()
  }

  function flush() {
    cancelGather()
    const pulls = gathered
    gathered = []
    if (pulls.length === 0) return
    const under = write(pulls).catch(deps.onBug).finally(() => writing.delete(under))
    writing.add(under)
  }

  /** Several at a time: each has its place in the file. */
  async function write(pulls: Open[]): Promise<void> {
    if (isStopped) return
    try {
      await handle.writev(pulls.flatMap(({ data }) => data), pulls[0]!.from)
    } catch (error) {
      if (!isStopped) deps.onDiskError(error)
      return
    }
    for (const { from, to, data } of pulls) {
      for (const bytes of data.splice(0)) release(bytes)
      outstanding -= to - from
      const index = Math.floor(from / piece)
      const of = work.get(index)!
      of.left -= to - from
      if (of.left === 0) finish(index, of)
    }
    fill()
  }

  function finish(index: number, { hash }: Work) {
    work.delete(index)
    if (isStopped) return
    if (equalBytes(hash.digest(), deps.hashOf(index)!)) {
      have.set(index, true)
      deps.onPiece(index)
      if (have.count() === all) deps.onComplete()
      return
    }
    if (wrong.has(index)) return deps.onBad()
    wrong.add(index)
    scan = Math.min(scan, index)
  }

  return {
    fill,
    take({ kind, x, offset, data }) {
      const pull = open.get(x)
      if (pull === undefined) return closed.has(x)
      if (offset !== pull.next) return false
      if (kind === 'data') {
        const of = work.get(Math.floor(pull.from / piece))
        // In the order of the piece, over its pulls too: the hash is of what stands in the file.
        if (of === undefined || offset !== of.hashed || offset + data.length > pull.to) return false
        // Only the last chunk before an end or an abort is small: crumbs would cost more memory than the bytes in them.
        if (pull.isLast) return false
        pull.isLast = data.length < SMALLEST_CHUNK
        of.hash.update(data)
        of.hashed += data.length
        pull.data.push(data as Bytes)
        pull.next += data.length
        return true
      }
      close(pull)
      if (kind === 'end' && offset === pull.to) {
        gather(pull)
        return true
      }
      // Given up by the sender: why, it says on the other channel. What was asked for is asked for again by the next link.
      outstanding -= pull.to - pull.from
      return kind === 'abort'
    },
    outstanding: () => outstanding,
    async stop() {
      isStopped = true
      cancelGather()
      for (const pull of [...open.values()]) close(pull)
      await Promise.all(writing)
    },
  }
}
