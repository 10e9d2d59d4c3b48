import type { FileHandle } from 'node:fs/promises'
import type { B64, Ik } from '../../protocol/ids.ts'
import { BULK_HEAD, PULL_WINDOW } from '../../protocol/limits.ts'
import { type Bytes, release } from '../../protocol/wire/bytes.ts'
import { type Pull, pullFault, writeBulkHead } from '../../protocol/wire/files.ts'
import type { Clock } from '../ports.ts'
import { isSame, readAll } from './hashing.ts'
import type { Pace } from './pace.ts'
import type { Source } from './source.ts'

/**
 * [T1] The sending end: answers pulls, one after the other for each link, transfers in turn. Bytes are read only when the link page
 * takes them, so that a slow peer costs no memory here.
 */

export interface Served {
  fid: B64
  source: Source
  piece: number
  /** Bytes a second; those of the peer's wish, of the share and of the user are all kept. */
  paces: readonly Pace[]
  /** [B6] So many of these may leave. */
  take(bytes: number): number
  onSent(bytes: number): void
  /** [T7] What was offered is not there any more. */
  onFault(why: 'changed' | 'missing' | 'unreadable'): void
  /** The quota of the share ends here. */
  onQuota(): void
}

export interface ServingDeps {
  clock: Clock
  chunk(ik: Ik): number
  room(ik: Ik): number
  /** The bytes are copied before it returns. */
  send(ik: Ik, message: Bytes): void
  background(work: Promise<unknown>): void
}

export interface Servings {
  /** A pull of theirs. False: not one that may be asked [T5]. */
  pull(ik: Ik, served: Served, pull: Pull): boolean
  /** The page takes more, or the link is gone. */
  room(ik: Ik): void
  /** Open pulls of it end, in mid-way. */
  stop(ik: Ik, fid: B64): void
  linkDown(ik: Ik): void
  settled(): Promise<void>
}

/** Bytes read at once, and how many such stretches are read ahead. */
const READ = 524_288
const READ_AHEAD = 2
/** A pace that is waited for is asked again after so long, ms: its rate may have been changed. */
const PACE_AGAIN = 1_000
/** A source is looked at so often, ms; whatever changes in between, the receiver's hashes find. */
const LOOK_EVERY = 250
/** A peer that asks for so much more than the window keeps no order. */
const MOST_ASKED = 2 * PULL_WINDOW

interface Job {
  served: Served
  pulls: Pull[]
  /** How far the first of them is read. */
  at: number | undefined
  isStopped: boolean
  handle?: FileHandle
  opening?: Promise<boolean>
  /** Reads under way; a handle is closed after the last. */
  reading: number
  /** When the source was last looked at. */
  seenAt: number
  aborted: Set<number>
}
/** What is read at once: of one pull, or of several that follow on one another. */
interface Stretch { job: Job; at: number; to: number; parts: Part[]; chunk: number }
interface Part { x: number; at: number; to: number; isLast: boolean }
interface Lane { jobs: Job[]; asked: number; isRunning: boolean; wake: (() => void) | undefined }

export function createServings({ clock, ...deps }: ServingDeps): Servings {
  const lanes = new Map<Ik, Lane>()
  const running = new Set<Promise<void>>()
  const laneOf = (ik: Ik): Lane => {
    const known = lanes.get(ik) ?? { jobs: [], asked: 0, isRunning: false, wake: undefined }
    lanes.set(ik, known)
    return known
  }

  /** Reads ahead of what the page takes: the disk's time and the channel's pass at once. */
  async function run(ik: Ik, lane: Lane): Promise<void> {
    if (lane.isRunning) return
    lane.isRunning = true
    const ahead: { stretch: Stretch; messages: Promise<Bytes[][] | undefined> }[] = []
    try {
      for (;;) {
        for (let stretch = ahead.length < READ_AHEAD ? next(ik, lane) : undefined; stretch !== undefined; stretch = ahead.length < READ_AHEAD ? next(ik, lane) : undefined) {
          ahead.push({ stretch, messages: load(ik, stretch) })
        }
        const first = ahead.shift()
        if (first === undefined) {
          const waits = lane.jobs.filter(({ pulls }) => pulls.length > 0).map(waitOf)
          if (waits.length === 0) return
          await later(lane, Math.min(PACE_AGAIN, ...waits))
          continue
        }
        await send(ik, lane, first.stretch, await first.messages)
      }
    } finally {
      lane.isRunning = false
    }
  }

  const waitOf = ({ served }: Job): number => Math.max(0, ...served.paces.map((pace) => pace.wait()))

  /** Bytes read at once, in whole chunks: of what keeps a pace no more than may go in one. */
  function stretchOf({ served }: Job, chunk: number): number {
    const most = Math.min(READ, ...served.paces.map((pace) => pace.burst()))
    return Math.max(chunk, most - (most % chunk))
  }

  /** The next bytes to read, transfers in turn. One that must wait for its pace keeps no other waiting. */
  function next(ik: Ik, lane: Lane): Stretch | undefined {
    const job = lane.jobs.find((one) => one.pulls.length > 0 && waitOf(one) === 0)
    if (job === undefined) return undefined
    const chunk = deps.chunk(ik)
    const at = job.at ?? job.pulls[0]!.from
    const most = at + stretchOf(job, chunk)
    const parts: Part[] = []
    for (let from = at; from < most && job.pulls[0] !== undefined && from === (job.at ?? job.pulls[0].from);) {
      const pull = job.pulls[0]
      const to = Math.min(pull.to, most)
      const isLast = to === pull.to
      parts.push({ x: pull.x, at: from, to, isLast })
      job.at = isLast ? undefined : to
      if (isLast) {
        job.pulls.shift()
        lane.asked -= pull.to - pull.from
      }
      from = to
    }
    const to = parts.at(-1)!.to
    for (const pace of job.served.paces) pace.took(to - at)
    // The others' turn comes next.
    if (job.at === undefined) lane.jobs.push(...lane.jobs.splice(lane.jobs.indexOf(job), 1))
    job.reading++
    return { job, at, to, parts, chunk }
  }

  async function load(ik: Ik, stretch: Stretch): Promise<Bytes[][] | undefined> {
    const { job } = stretch
    try {
      return lanes.get(ik) !== undefined && (await prepare(job)) ? await read(stretch) : undefined
    } finally {
      job.reading--
      if (job.isStopped && job.reading === 0) await job.handle?.close()
    }
  }

  async function send(ik: Ik, lane: Lane, { job, parts }: Stretch, messages: Bytes[][] | undefined): Promise<void> {
    for (const [i, part] of parts.entries()) await sendPart(ik, lane, job, part, messages?.[i])
  }

  async function sendPart(ik: Ik, lane: Lane, job: Job, { x, at, to, isLast }: Part, messages: Bytes[] | undefined): Promise<void> {
    const { served } = job
    const abort = (offset: number) => {
      // Once for each pull, and nothing more of it.
      if (lanes.get(ik) === lane && !job.aborted.has(x)) say(ik, 'abort', x, offset)
      job.aborted.add(x)
    }
    if (messages === undefined || job.aborted.has(x)) return abort(at)
    for (const message of messages) {
      const length = message.length - BULK_HEAD
      if (!(await mayLeave(ik, lane, job, message.length))) return abort(at)
      const allowed = served.take(length)
      if (allowed > 0) deps.send(ik, allowed < length ? message.subarray(0, BULK_HEAD + allowed) : message)
      release(message)
      served.onSent(allowed)
      at += allowed
      if (allowed < length) {
        abort(at)
        return served.onQuota()
      }
    }
    if (isLast) say(ik, 'end', x, to)
  }

  async function prepare(job: Job): Promise<boolean> {
    if (job.isStopped) return false
    if (job.handle === undefined && !(await (job.opening ??= openSource(job)))) return false
    if (job.isStopped) return false
    if (clock.now() - job.seenAt < LOOK_EVERY) return true
    job.seenAt = clock.now()
    if (await isSame(job.handle!, job.served.source).catch(() => false)) return !job.isStopped
    job.served.onFault('changed')
    return false
  }

  async function openSource(job: Job): Promise<boolean> {
    const opened = await job.served.source.open()
    if (opened.ok) job.handle = opened.handle
    else job.served.onFault(opened.why)
    return opened.ok
  }

  /** The messages of a stretch, for each of its parts, each with its head already before it: the bytes are read to where they stay. */
  async function read({ job, at, to, parts, chunk }: Stretch): Promise<Bytes[][] | undefined> {
    const messages = parts.map((part) => {
      const made: Bytes[] = []
      for (let offset = part.at; offset < part.to; offset += chunk) {
        const message: Bytes = new Uint8Array(BULK_HEAD + Math.min(chunk, part.to - offset))
        writeBulkHead(message, { kind: 'data', x: part.x, offset })
        made.push(message)
      }
      return made
    })
    const views = messages.flat().map((message) => message.subarray(BULK_HEAD))
    try {
      const { bytesRead } = await job.handle!.readv(views, at)
      if (bytesRead === to - at) return messages
      // Fewer at once than asked for: one by one, and what is still missing is not there.
      let offset = at
      for (const view of views) {
        if ((await readAll(job.handle!, view, view.length, offset)) < view.length) {
          job.served.onFault('changed')
          return undefined
        }
        offset += view.length
      }
      return messages
    } catch {
      job.served.onFault('unreadable')
      return undefined
    }
  }

  /** Waits for room in the page. False: it is over meanwhile. */
  async function mayLeave(ik: Ik, lane: Lane, job: Job, length: number): Promise<boolean> {
    for (;;) {
      if (job.isStopped || lanes.get(ik) !== lane) return false
      if (deps.room(ik) >= length) return true
      await later(lane)
    }
  }

  const later = (lane: Lane, ms?: number) => new Promise<void>((resolve) => {
    const cancel = ms === undefined ? () => undefined : clock.after(ms, () => lane.wake?.())
    lane.wake = () => {
      lane.wake = undefined
      cancel()
      resolve()
    }
  })

  function say(ik: Ik, kind: 'end' | 'abort', x: number, offset: number) {
    const message: Bytes = new Uint8Array(BULK_HEAD)
    writeBulkHead(message, { kind, x, offset })
    deps.send(ik, message)
  }

  function end(lane: Lane, job: Job) {
    job.isStopped = true
    lane.asked -= job.pulls.splice(0).reduce((sum, { from, to }) => sum + to - from, 0)
    lane.jobs = lane.jobs.filter((one) => one !== job)
    lane.wake?.()
    if (job.reading === 0 && job.handle !== undefined) deps.background(job.handle.close())
  }

  return {
    pull(ik, served, pull) {
      const lane = laneOf(ik)
      if (pullFault(pull, { size: served.source.size, piece: served.piece }) !== undefined) return false
      if (lane.asked + pull.to - pull.from > MOST_ASKED) return false
      lane.asked += pull.to - pull.from
      const job = lane.jobs.find((one) => one.served.fid === served.fid)
      if (job === undefined) lane.jobs.push({ served, pulls: [pull], at: undefined, isStopped: false, reading: 0, seenAt: 0, aborted: new Set() })
      else job.pulls.push(pull)
      // All that was asked for before may be waiting for its pace.
      lane.wake?.()
      const work: Promise<void> = run(ik, lane).finally(() => running.delete(work))
      running.add(work)
      deps.background(work)
      return true
    },
    room: (ik) => lanes.get(ik)?.wake?.(),
    stop(ik, fid) {
      const lane = lanes.get(ik)
      for (const job of lane?.jobs ?? []) if (job.served.fid === fid) end(lane!, job)
    },
    linkDown(ik) {
      const lane = lanes.get(ik)
      if (lane === undefined) return
      lanes.delete(ik)
      for (const job of [...lane.jobs]) end(lane, job)
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled([...running])
    },
  }
}
