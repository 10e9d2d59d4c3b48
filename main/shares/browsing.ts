import type { FileType, ShareEntry, ShareHit, TheirShare } from '../../protocol/app/views.ts'
import { type Refusal, refused } from '../../protocol/errors.ts'
import type { B64, Ik } from '../../protocol/ids.ts'
import { MAX_ENTRIES, MAX_HITS, SHARE_REQUEST_WITHIN } from '../../protocol/limits.ts'
import type { FileOffer, ShareFrame } from '../../protocol/wire/peer.ts'
import type { Clock } from '../ports.ts'
import type { Entry } from './answers.ts'
import type { ShareRequest } from './requests.ts'

/** Looking into what buddies share. Names are theirs: text to be shown, never a path. */

/** What a name says of the file: the part that is never cut, and its type. */
export type Judge = (name: string) => { type: FileType; ending: string }

/** An answer to something asked. */
export type ShareAnswer = Exclude<ShareFrame, ShareRequest>

export interface BrowsingDeps {
  clock: Clock
  judge: Judge
  isUp(ik: Ik): boolean
  send(ik: Ik, frame: ShareRequest): void
  /** [B6] The root of a file that was offered without one. */
  onAgain(ik: Ik, q: number, offer: FileOffer): void
}

export type Browsing = ReturnType<typeof createBrowsing>

type Unasked = ShareRequest extends infer R ? (R extends ShareRequest ? Omit<R, 'q'> : never) : never
interface Asked { ik: Ik; wants: ShareAnswer['t']; settle(answer: ShareAnswer | Refusal): void }

const WANTS = { 'share.ls': 'share.shares', 'share.dir': 'share.entries', 'share.find': 'share.hits', 'share.get': 'share.file' } as const
type AnswerTo<R extends Unasked> = Extract<ShareAnswer, { t: (typeof WANTS)[R['t']] }>

export function createBrowsing({ clock, judge, isUp, send, onAgain }: BrowsingDeps) {
  const asked = new Map<number, Asked>()
  /** Fetches that wait for a root, by their number. */
  const rootless = new Map<number, { ik: Ik; fid: B64 }>()
  /** What their shares are called, as they said last. */
  const names = new Map<Ik, Map<B64, string>>()
  let q = 0

  /** Each number is asked once in a run. */
  function ask<R extends Unasked>(ik: Ik, request: R): Promise<{ ok: true; q: number; said: AnswerTo<R> } | Refusal> {
    if (!isUp(ik)) return Promise.resolve(refused('not-connected'))
    const mine = ++q
    return new Promise((resolve) => {
      const stop = clock.after(SHARE_REQUEST_WITHIN, () => settle(refused('share-busy')))
      const settle = (answer: ShareAnswer | Refusal) => {
        stop()
        asked.delete(mine)
        resolve('ok' in answer ? answer : { ok: true, q: mine, said: answer as AnswerTo<R> })
      }
      asked.set(mine, { ik, wants: WANTS[request.t], settle })
      send(ik, { ...request, q: mine } as ShareRequest)
    })
  }

  const viewOf = ({ e, name, k, s, m }: Entry): ShareEntry => ({ e, name, kind: k, size: s, at: m, ...judge(name) })

  async function shares(ik: Ik): Promise<{ ok: true; shares: TheirShare[] } | Refusal> {
    const answer = await ask(ik, { t: 'share.ls' })
    if (!answer.ok) return answer
    names.set(ik, new Map(answer.said.list.map(({ share, name }) => [share, name])))
    return { ok: true, shares: answer.said.list }
  }

  /** What this buddy has by that name, each with what its share is called. */
  async function findOf(ik: Ik, text: string): Promise<{ hits: ShareHit[]; more: boolean } | undefined> {
    const answer = await ask(ik, { t: 'share.find', text, max: MAX_HITS })
    if (!answer.ok) return undefined
    const { list, more } = answer.said
    if (list.some(({ share }) => names.get(ik)?.has(share) !== true)) await shares(ik)
    return { hits: list.map((hit) => ({ ...viewOf(hit), ik, share: hit.share, shareName: names.get(ik)?.get(hit.share) ?? '', dir: hit.dir })), more }
  }

  return {
    shares,
    /** A page of a folder; the shared one is ''. `after`: `e` of the last entry of the page before. */
    async folder(ik: Ik, share: B64, dir: B64 | '', after?: B64): Promise<{ ok: true; entries: ShareEntry[]; more: boolean } | Refusal> {
      const answer = await ask(ik, { t: 'share.dir', share, dir, max: MAX_ENTRIES, ...(after === undefined ? {} : { after }) })
      return answer.ok ? { ok: true, entries: answer.said.list.map(viewOf), more: answer.said.more } : answer
    },
    /** Asks all of these who are there. `failed`: of those asked, how many did not answer. */
    async find(iks: readonly Ik[], text: string): Promise<{ hits: ShareHit[]; more: boolean; asked: number; failed: number }> {
      const there = iks.filter(isUp)
      const answers = await Promise.all(there.map((ik) => findOf(ik, text)))
      const found = answers.filter((answer) => answer !== undefined)
      return { hits: found.flatMap(({ hits }) => hits), more: found.some(({ more }) => more), asked: there.length, failed: there.length - found.length }
    },
    /** `q`: `onAgain` is called with it once the root is known, where the offer has none. */
    async get(ik: Ik, share: B64, e: B64): Promise<{ ok: true; q: number; offer: FileOffer } | Refusal> {
      const answer = await ask(ik, { t: 'share.get', share, e })
      return answer.ok ? { ok: true, q: answer.q, offer: answer.said.f } : answer
    },
    take(ik: Ik, frame: ShareAnswer): void {
      const waits = asked.get(frame.q)
      if (waits === undefined) {
        const known = frame.t === 'share.file' ? rootless.get(frame.q) : undefined
        if (frame.t !== 'share.file' || known?.ik !== ik || known.fid !== frame.f.fid || frame.f.root === null) return
        rootless.delete(frame.q)
        return onAgain(ik, frame.q, frame.f)
      }
      // Numbers are guessed easily: an answer counts from who was asked, and where it answers what was asked.
      if (waits.ik !== ik) return
      if (frame.t === 'share.err') return waits.settle(refused(`share-${frame.code}`))
      if (frame.t !== waits.wants) return
      if (frame.t === 'share.file' && frame.f.root === null) rootless.set(frame.q, { ik, fid: frame.f.fid })
      waits.settle(frame)
    },
    linkDown(ik: Ik) {
      for (const one of [...asked.values()]) if (one.ik === ik) one.settle(refused('not-connected'))
      names.delete(ik)
      for (const [number, one] of rootless) if (one.ik === ik) rootless.delete(number)
    },
  }
}
