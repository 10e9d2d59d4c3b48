import type { B64, Ik } from '../../protocol/ids.ts'
import { FINDS_PER_MINUTE, WAITING_GETS } from '../../protocol/limits.ts'
import type { ShareFrame } from '../../protocol/wire/peer.ts'
import type { Background } from '../background.ts'
import { createBucket } from '../bucket.ts'
import type { Clock } from '../ports.ts'
import type { Answers, Entry, Page } from './answers.ts'
import type { Books } from './books.ts'
import type { Fetches } from './fetches.ts'
import type { Reading } from './reading.ts'
import type { Tally } from './tally.ts'

/** What buddies ask of my shares: one answer after the other for each of them. */

export type ShareRequest = Extract<ShareFrame, { t: 'share.ls' | 'share.dir' | 'share.find' | 'share.get' }>
type Answer = Exclude<ShareFrame, ShareRequest>

export interface RequestsDeps {
  clock: Clock
  background: Background
  books: Books
  answers: Answers
  fetches: Fetches
  reading: Reading
  tally: Tally
  send(ik: Ik, frame: ShareFrame): void
}

/** Requests of one buddy that wait for their turn: more than anybody has under way who waits for answers. */
const MAX_WAITING = 16

interface Line { waiting: number; gets: number; last: Promise<void>; finds: ReturnType<typeof createBucket> }

export function createRequests({ clock, background, books, answers, fetches, reading, tally, send }: RequestsDeps) {
  const lines = new Map<Ik, Line>()
  let isClosed = false
  const lineOf = (ik: Ik): Line => {
    const known = lines.get(ik) ?? { waiting: 0, gets: 0, last: Promise.resolve(), finds: createBucket(clock, { burst: FINDS_PER_MINUTE, perSecond: FINDS_PER_MINUTE / 60 }) }
    lines.set(ik, known)
    return known
  }
  const err = (q: number, code: 'gone' | 'busy' | 'limit', after?: number): Answer => ({ t: 'share.err', q, code, ...(after === undefined ? {} : { after }) })

  /** [B3, B5] Also what the owner sees who looks through a buddy's eyes. */
  async function folder(ik: Ik, { share, ...at }: { share: B64; dir: B64 | ''; after?: B64 | undefined; max: number }): Promise<Page<Entry> | 'gone' | 'busy'> {
    if (books.granted(ik, share) === undefined) return 'gone'
    // The pages of one look are of one state.
    if (at.after === undefined && !(await reading.fresh(share))) return books.granted(ik, share) === undefined ? 'gone' : 'busy'
    const grant = books.granted(ik, share)
    return grant === undefined ? 'gone' : answers.folder(grant, at)
  }

  async function answer(ik: Ik, frame: ShareRequest): Promise<Answer | undefined> {
    const { q } = frame
    switch (frame.t) {
      case 'share.ls': return { t: 'share.shares', q, list: answers.shares(ik) }
      case 'share.dir': {
        const page = await folder(ik, frame)
        if (typeof page === 'string') return err(q, page)
        tally.look(frame.share, ik)
        return { t: 'share.entries', q, ...page }
      }
      case 'share.find': {
        const granted = frame.share === undefined ? books.grantedTo(ik).filter(({ share }) => share.once === 0) : [books.granted(ik, frame.share)]
        const grants = granted.filter((grant) => grant !== undefined)
        if (frame.share !== undefined && grants.length === 0) return err(q, 'gone')
        for (const { share } of grants) {
          reading.refresh(share.id)
          tally.look(share.id, ik)
        }
        const page = await answers.find(grants, frame)
        return { t: 'share.hits', q, ...page }
      }
      case 'share.get': {
        const grant = books.granted(ik, frame.share)
        const became = grant === undefined ? 'gone' : await fetches.get(grant, frame)
        if (became === 'served') return undefined
        return became === 'limit' ? err(q, 'limit', tally.untilMidnight()) : err(q, became)
      }
      default: return frame satisfies never
    }
  }

  async function inTurn(ik: Ik, line: Line, frame: ShareRequest) {
    await line.last.catch(() => undefined)
    try {
      if (isClosed) return
      const said = await answer(ik, frame)
      if (said !== undefined && !isClosed) send(ik, said)
    } catch (error) {
      if (!isClosed) send(ik, err(frame.q, 'busy'))
      throw error
    } finally {
      line.waiting--
      if (frame.t === 'share.get') line.gets--
    }
  }

  return {
    folder,
    take(ik: Ik, frame: ShareRequest) {
      const line = lineOf(ik)
      if (frame.t === 'share.find' && !line.finds.take()) return send(ik, err(frame.q, 'limit', Math.ceil(line.finds.wait() / 1000)))
      if (line.waiting >= MAX_WAITING || (frame.t === 'share.get' && line.gets > WAITING_GETS)) return send(ik, err(frame.q, 'busy'))
      line.waiting++
      if (frame.t === 'share.get') line.gets++
      line.last = inTurn(ik, line, frame)
      background(line.last)
    },
    close: () => void (isClosed = true),
  }
}
