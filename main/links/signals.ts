import type { B64, Ik, KeyId, Ms, Sid } from '../../protocol/ids.ts'
import { CANDIDATE_BATCH, MAX_CANDIDATES, OFFER_LIFE } from '../../protocol/limits.ts'
import { type Bytes, toB64, utf8 } from '../../protocol/wire/bytes.ts'
import type { Frame, SigAnswer, SigCand, SigEnd, SigOffer } from '../../protocol/wire/peer.ts'
import type { Background } from '../background.ts'
import { rkId, sha256 } from '../identity/crypto.ts'
import type { Clock } from '../ports.ts'
import type { Chance } from '../random.ts'
import type { Buddy } from '../roster/roster.ts'
import { type Attempt, takeCandidates } from './attempt.ts'
import { candidateLine, type CandidateRule, isAllowed } from './candidates.ts'
import type { LinkDriver } from './driver.ts'
import { writeSdp } from './sdp.ts'

/** [5.1, 5.2] What two buddies say through the server to set up a link: only fields, never SDP, and no candidate that the rule forbids. */

export interface SignalsDeps {
  clock: Clock
  chance: Chance
  driver: LinkDriver
  background: Background
  /** Clock as the server sees it [W10]. */
  correctedNow(): Ms
  rule(buddy: Buddy): CandidateRule
  buddy(ik: Ik): Buddy | undefined
  /** Seals one frame and deposits it. `to` undefined: to their `r`. */
  signal(buddy: Buddy, frame: Bytes, to: { key: KeyId; pk: B64 } | undefined): Promise<boolean>
  /** Nothing has taken this attempt's place meanwhile. */
  isCurrent(attempt: Attempt): boolean
}

export type SignalFrame = Extract<Frame, { t: 'sig.offer' | 'sig.answer' | 'sig.cand' | 'sig.end' }>

export function createSignals({ clock, chance, driver, background, correctedNow, rule, buddy: buddyOf, signal, isCurrent }: SignalsDeps) {
  const idNow = () => chance.uuid7(clock.now())
  const toRk = (pk: B64) => ({ key: rkId(pk), pk })

  const signals = {
    /** False where it could not leave; undefined where there is nothing to send yet, or it has left. */
    async offer(ik: Ik, attempt: Attempt): Promise<boolean | undefined> {
      const buddy = buddyOf(ik)
      if (attempt.local === undefined || attempt.isOfferSent || buddy === undefined) return undefined
      attempt.isOfferSent = true
      attempt.stopCandidates?.()
      attempt.stopCandidates = undefined
      const frame: SigOffer = {
        t: 'sig.offer', id: idNow(), sid: attempt.sid, exp: Math.round(correctedNow() + OFFER_LIFE), mode: 'direct',
        d: { ...attempt.local, c: takeCandidates(attempt) }, rk: attempt.rk.pub, why: ['chat'],
      }
      attempt.offer = utf8(JSON.stringify(frame))
      return signal(buddy, attempt.offer, undefined)
    },

    async answer(ik: Ik, attempt: Attempt): Promise<boolean | undefined> {
      const buddy = buddyOf(ik)
      if (buddy === undefined || attempt.offer === undefined || attempt.local === undefined || attempt.peerRk === undefined) return undefined
      const frame: SigAnswer = {
        t: 'sig.answer', id: idNow(), sid: attempt.sid, oh: toB64(sha256(attempt.offer)), mode: 'direct',
        d: { ...attempt.local, c: takeCandidates(attempt) }, rk: attempt.rk.pub,
      }
      attempt.answer = utf8(JSON.stringify(frame))
      return signal(buddy, attempt.answer, toRk(attempt.peerRk))
    },

    /** [L8] Later candidates in batches; the offerer's wait for the answer's `rk`. */
    candidates(ik: Ik, attempt: Attempt): void {
      const { peerRk } = attempt
      if (peerRk === undefined || attempt.stopCandidates !== undefined) return
      if (attempt.role === 'r' && attempt.answer === undefined) return
      attempt.stopCandidates = clock.after(CANDIDATE_BATCH, () => {
        attempt.stopCandidates = undefined
        const buddy = buddyOf(ik)
        if (!isCurrent(attempt) || buddy === undefined) return
        const c = takeCandidates(attempt)
        if (c.length === 0) return
        const frame: SigCand = { t: 'sig.cand', id: idNow(), sid: attempt.sid, n: attempt.nextN++, c }
        background(signal(buddy, utf8(JSON.stringify(frame)), toRk(peerRk)))
      })
    },

    end(buddy: Buddy, sid: Sid, why: 'tie' | 'timeout' | 'busy', to: B64 | undefined): void {
      const frame: SigEnd = { t: 'sig.end', id: idNow(), sid, why }
      background(signal(buddy, utf8(JSON.stringify(frame)), to === undefined ? undefined : toRk(to)))
    },

    /** Their description reaches the page as our own text, with the candidates that the rule lets in. */
    toPage(buddy: Buddy, attempt: Attempt, frame: SigOffer | SigAnswer): void {
      const c = frame.d.c.filter((one) => isAllowed(one, rule(buddy)))
      Object.assign(attempt, { remote: frame.d, peerRk: frame.rk, heard: frame.d.c.length })
      driver.send({ kind: 'remote', link: attempt.link, type: frame.t === 'sig.offer' ? 'offer' : 'answer', sdp: writeSdp({ ...frame.d, c }) })
    },

    candidatesToPage(buddy: Buddy, attempt: Attempt, frame: SigCand): void {
      for (const c of frame.c) {
        if (++attempt.heard > MAX_CANDIDATES) return
        if (isAllowed(c, rule(buddy))) driver.send({ kind: 'candidate', link: attempt.link, candidate: candidateLine(c) })
      }
    },
  }
  return signals
}
