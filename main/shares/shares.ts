import { lstat } from 'node:fs/promises'
import { basename, resolve, sep } from 'node:path'
import type { Share } from '../../protocol/app/views.ts'
import { type ErrorCode, type Refusal, refused } from '../../protocol/errors.ts'
import type { B64, Ik, Ms } from '../../protocol/ids.ts'
import { MAX_ENTRIES, MAX_SHARES, SHARE_LIFE, SHARE_LIFE_MOST, SHARE_UNUSED } from '../../protocol/limits.ts'
import type { Content, ShareFrame } from '../../protocol/wire/peer.ts'
import type { Background } from '../background.ts'
import type { Clock } from '../ports.ts'
import type { Chance } from '../random.ts'
import type { Store } from '../store/store.ts'
import { createAnswers, type Entry } from './answers.ts'
import { createBooks, type Kept, type Why } from './books.ts'
import { createFetches, type FetchesDeps } from './fetches.ts'
import { createHandles } from './handles.ts'
import { opener } from './open.ts'
import { createReading } from './reading.ts'
import { createRequests, type ShareRequest } from './requests.ts'
import { judgeRoot } from './roots.ts'
import { createRows } from './rows.ts'
import { createTally } from './tally.ts'
import { placeOf, shareView } from './view.ts'
import { wireName } from './wire-name.ts'

/** What I share: folders, read only, with named buddies, for a while [B1]. */

export type ShareOffer = Omit<Extract<Content, { t: 'share.offer' }>, 't'>

/** How a folder that is fetched once came to its end [B8]. */
export type OnceEnd = Why | 'fetched' | 'declined'

export interface SharesDeps {
  store: Store
  clock: Clock
  chance: Chance
  background: Background
  home: string
  /** Parley's folders: profile, data. Nothing in them, and nothing that holds them, is shared. */
  ownFolders: readonly string[]
  /** Where copies are kept that were made of what a window gave: what stands there may be given to one buddy, once. */
  copies: string
  /** Names that are left out. */
  leaveOut(): readonly string[]
  send(ik: Ik, frame: ShareFrame): void
  /** Accepted, and the key is the one I know. */
  isBuddy(ik: Ik): boolean
  /** In the write that is running: becomes a numbered frame. */
  offer(ik: Ik, offer: ShareOffer): void
  /** Answers `share.file`, and serves. `busy`: too much is being hashed or waits already; nothing was answered. */
  serve: FetchesDeps['serve']
  /** `views()` has news; at most four times a second. */
  onChange(): void
  /** [B8] A folder that was dropped on a chat is over and forgotten. */
  onOnceOver(ik: Ik, share: B64, how: OnceEnd): void
  log(fact: string, details?: Record<string, number | string | boolean>): void
}

export interface Terms { with: readonly Ik[]; until: Ms; rate: number; daily: number }
type Done = { ok: true } | Refusal

export type Shares = ReturnType<typeof createShares>

const NEWS_EVERY: Ms = 250
/** What is over is looked for so often, so that an end in between has its own timer. */
const TICK: Ms = 60_000
const ok = { ok: true } as const
const isOn = (share: Kept | undefined): share is Kept => share !== undefined && share.ended === null

export function createShares(deps: SharesDeps) {
  const { store, clock, background, log } = deps
  const ground = { home: deps.home, parley: deps.ownFolders, platform: process.platform }
  const rows = createRows({ store })
  const books = createBooks({ store, chance: deps.chance, now: clock.now, isBuddy: deps.isBuddy })
  const handles = createHandles({ rows, clock })
  const answers = createAnswers({ books, rows, handles })
  const tally = createTally({ store, clock, onWritten: (id) => books.used(id) })
  const reading = createReading({
    store, clock, background, books, rows, opener, log,
    leaveOut: deps.leaveOut, onNews: news, onUnreadable: endMissing,
    onRead(id) {
      const share = books.get(id)
      if (!isOn(share)) return
      offerUntold(share)
      // What was missing may have been deleted, or have arrived while the folder was read.
      if (share.once === 1 && share.files > 0) for (const ik of books.people(id)) endFetched(ik, id)
    },
  })
  const fetches = createFetches({
    clock, books, rows, handles, opener, tally, serve: deps.serve, onNews: news, onStale: reading.start,
    onWhole({ ik, share }, row) {
      if (share.once === 0) return
      store.write(() => rows.got(share.id, row))
      if (!reading.isReading(share.id)) endFetched(ik, share.id)
    },
  })
  const requests = createRequests({ clock, background, books, answers, fetches, reading, tally, send: deps.send })

  let isClosed = false
  let stopNews: (() => void) | undefined
  let isNewsDue = false
  /** The first at once, and what follows together. */
  function news() {
    isNewsDue = true
    if (stopNews !== undefined || isClosed) return
    isNewsDue = false
    stopNews = clock.after(NEWS_EVERY, () => {
      stopNews = undefined
      if (isNewsDue) news()
    })
    deps.onChange()
  }

  /** Once the folder has been read, so that the numbers are right. */
  function offerUntold({ id, name, files, bytes, until, once }: Kept) {
    for (const ik of books.untold(id)) {
      store.write(() => {
        books.tell(id, ik, true)
        deps.offer(ik, { share: id, name, files, bytes, exp: until, ...(once === 1 ? { once: true as const } : {}) })
      })
    }
  }

  const visible = (id: B64): Kept | undefined => {
    const share = books.get(id)
    return share?.why === 'forgotten' ? undefined : share
  }

  /** [B7] From this moment on nothing more leaves. */
  function end(id: B64, why: Why) {
    const share = books.get(id)
    if (!isOn(share)) return
    if (share.once === 1) {
      for (const ik of books.people(id)) onceOver(ik, id, why)
      return
    }
    store.write(() => books.end(id, why))
    fetches.stop(id)
    log('a share ended', { why })
    background(reading.clear(id))
    news()
  }

  function forget(id: B64) {
    store.write(() => books.end(id, 'forgotten'))
    fetches.stop(id)
    tally.forget(id)
    background(reading.clear(id))
    news()
  }

  function onceOver(ik: Ik, id: B64, how: OnceEnd) {
    if (!isOn(books.get(id))) return
    log('a folder for one buddy is over', { how })
    forget(id)
    deps.onOnceOver(ik, id, how)
  }

  function endFetched(ik: Ik, id: B64) {
    if (!rows.isDue(id)) onceOver(ik, id, 'fetched')
  }

  function revoke(id: B64, ik: Ik) {
    store.write(() => books.revoke(id, ik))
    fetches.stop(id, ik)
  }

  const termsFault = ({ with: people, until }: { with: readonly Ik[]; until: Ms }): ErrorCode | undefined => {
    if (people.length === 0 || !people.every(deps.isBuddy)) return 'share-no-one'
    return until > clock.now() + SHARE_LIFE_MOST ? 'share-too-long' : undefined
  }
  const hasRoom = () => books.all().filter(isOn).length < MAX_SHARES

  async function look(path: string) {
    const judged = await judgeRoot(path, ground)
    return judged.ok ? { ok: true as const, name: wireName(basename(judged.real)), place: placeOf(judged.real, deps.home), real: judged.real } : judged
  }

  async function endMissing(id: B64) {
    const share = books.get(id)
    if (isOn(share) && !(await look(share.root)).ok) end(id, 'missing')
  }

  /** [B2] Of a folder that is given once, a copy of ours in Parley's own folder is one too. */
  async function lookAt(path: string, once: boolean): ReturnType<typeof look> {
    if (!once || resolve(path) !== path || !path.startsWith(deps.copies + sep)) return look(path)
    return (await lstat(path).catch(() => undefined))?.isDirectory()
      ? { ok: true, name: wireName(basename(path)), place: '', real: path }
      : refused('share-root-missing')
  }

  /** Ends what is due. */
  async function tick() {
    for (const { id } of books.all()) {
      const share = books.get(id)
      if (!isOn(share)) continue
      const left = share.until - clock.now()
      if (left <= 0) end(id, 'expired')
      else if (share.used + SHARE_UNUSED <= clock.now()) end(id, 'unused')
      else if (left <= TICK) clock.after(left, () => books.get(id)?.until === share.until && end(id, 'expired'))
      await endMissing(id)
    }
  }

  return {
    /** Goes on with what was under way when Parley was closed. */
    start() {
      for (const share of books.all()) {
        if (share.ended !== null) background(reading.clear(share.id))
        else if (books.untold(share.id).length > 0) reading.start(share.id)
      }
    },
    /** A folder that may be shared. `place`: where it is, for people. */
    look,
    /** `isCopy`: a folder of ours, made of what a window gave. */
    async share({ path, once = false, isCopy = false, ...terms }: Terms & { path: string; once?: boolean; isCopy?: boolean }): Promise<{ ok: true; id: B64 } | Refusal> {
      const found = await lookAt(path, once && isCopy)
      if (!found.ok) return found
      const fault = termsFault(terms) ?? (hasRoom() ? undefined : 'too-many-shares')
      if (fault !== undefined) return refused(fault)
      const id = store.write(() => {
        const made = books.add({ root: found.real, name: found.name, until: terms.until, rate: terms.rate, daily: terms.daily, once: once ? 1 : 0 })
        for (const ik of terms.with) books.grant(made, ik)
        return made
      })
      log('a folder is shared', { with: terms.with.length, once })
      forgetOldest()
      reading.start(id)
      news()
      return { ok: true, id }
    },
    change(id: B64, changes: Partial<Terms>): Done {
      const share = visible(id)
      if (!isOn(share)) return refused('unknown-share')
      const people = books.people(id)
      const terms = { with: people, until: share.until, rate: share.rate, daily: share.daily, ...changes }
      const fault = termsFault(terms)
      if (fault !== undefined) return refused(fault)
      store.write(() => {
        books.change(id, terms)
        for (const ik of terms.with) books.grant(id, ik)
      })
      for (const ik of people) if (!terms.with.includes(ik)) revoke(id, ik)
      if (terms.until <= clock.now()) end(id, 'expired')
      else if (books.untold(id).length > 0) reading.start(id)
      news()
      return ok
    },
    stop(id: B64): Done {
      if (!isOn(visible(id))) return refused('unknown-share')
      end(id, 'stopped')
      return ok
    },
    /** With the same people, and offered to them anew. */
    async again(id: B64, until: Ms = clock.now() + SHARE_LIFE): Promise<Done> {
      const share = visible(id)
      if (share === undefined) return refused('unknown-share')
      if (share.ended === null) return ok
      const found = await look(share.root)
      if (!found.ok) return found
      const people = books.people(id).filter(deps.isBuddy)
      const fault = termsFault({ with: people, until }) ?? (hasRoom() ? undefined : 'too-many-shares')
      if (fault !== undefined) return refused(fault)
      store.write(() => {
        books.reopen(id)
        books.change(id, { ...share, until })
        books.used(id)
        for (const ik of people) books.tell(id, ik, false)
      })
      reading.start(id)
      news()
      return ok
    },
    /** Stopped, if it was not over. */
    forget(id: B64): Done {
      if (visible(id) === undefined) return refused('unknown-share')
      forget(id)
      return ok
    },
    views: (): Share[] => books.all().filter(({ why }) => why !== 'forgotten').map((share) => shareView(share, { home: deps.home, books, tally, reading, fetches })),
    /** What this buddy would be answered now. Without `share` the list of shares. */
    async viewAs(ik: Ik, at: { share?: B64 | undefined; dir: B64 | ''; after?: B64 | undefined }): Promise<{ ok: true; shares: ReturnType<typeof answers.shares>; entries: Entry[]; more: boolean } | Refusal> {
      if (at.share === undefined) return { ok: true, shares: answers.shares(ik, true), entries: [], more: false }
      const page = await requests.folder(ik, { share: at.share, dir: at.dir, after: at.after, max: MAX_ENTRIES })
      return typeof page === 'string' ? refused('unknown-share') : { ok: true, shares: [], entries: page.list, more: page.more }
    },
    /** A buddy asks. */
    take: (ik: Ik, frame: ShareRequest): void => requests.take(ik, frame),
    /** [B8] `file.reject` with a share's id. */
    decline(ik: Ik, id: B64) {
      const grant = books.granted(ik, id)
      if (grant?.share.once === 1) onceOver(ik, id, 'declined')
    },
    /** Removed, blocked, gone or with another key: nothing is granted any more, nor will it be again by itself. */
    personGone(ik: Ik) {
      for (const id of books.sharesOf(ik)) {
        const share = books.get(id)
        if (share?.once === 1) {
          onceOver(ik, id, 'stopped')
          continue
        }
        revoke(id, ik)
        if (books.people(id).length === 0) end(id, 'stopped')
      }
      news()
    },
    /** Each minute. */
    tick: () => background(tick()),
    isServing: fetches.isServing,
    close() {
      isClosed = true
      stopNews?.()
      reading.close()
      requests.close()
      fetches.close()
      tally.flush()
    },
  }

  /** What is over is kept to be shared again, as much of it as anybody looks through. */
  function forgetOldest() {
    for (const share of books.all().filter(({ ended, why }) => ended !== null && why !== 'forgotten').slice(MAX_SHARES)) forget(share.id)
  }
}
