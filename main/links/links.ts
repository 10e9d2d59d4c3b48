import type { LinkView } from '../../protocol/app/views.ts'
import type { FromPage } from '../../protocol/app/link.ts'
import type { B64, DevId, Ik, KeyId, Ms, Sid } from '../../protocol/ids.ts'
import {
  CANDIDATE_BATCH, GATHER_BEFORE_OFFER, LINK_FRAMES_BURST, LINK_FRAMES_PER_SECOND, LINK_IDLE, LINK_PING, LINK_UNANSWERED, MAX_CANDIDATES, OFFER_LIFE, RK_LIFE,
} from '../../protocol/limits.ts'
import { addressKind } from '../../protocol/wire/addresses.ts'
import { type Bytes, fromB64, toB64, utf8 } from '../../protocol/wire/bytes.ts'
import type { Cand, Desc, Frame, Hello, SigAnswer, SigOffer } from '../../protocol/wire/peer.ts'
import { makeSealKey, type SealKey } from '../envelopes/hpke.ts'
import { rkId, sha256 } from '../identity/crypto.ts'
import type { Me } from '../identity/me.ts'
import type { ReadRecord } from '../identity/records.ts'
import type { Background } from '../background.ts'
import type { Clock } from '../ports.ts'
import type { Chance } from '../random.ts'
import type { Buddy } from '../roster/roster.ts'
import { type CandidateRule, candidateLine, isAllowed, readCandidateLine } from './candidates.ts'
import type { LinkDriver } from './driver.ts'
import { lifeOf, type LinkEffect, type LinkEvent, type LinkState, step } from './machine.ts'
import { type ProofInput, startProof } from './proof.ts'
import { readSdp, writeSdp } from './sdp.ts'
import { createBucket } from '../bucket.ts'

/** Links with buddies: performs what the machine decides, through a driver. No frame of another concern is read here. */

const OFFERS_PER_MINUTE = 6

export interface LinksDeps {
  clock: Clock
  chance: Chance
  driver: LinkDriver
  me(): Me
  buddy(ik: Ik): Buddy | undefined
  /** Clock as the server sees it [W10]. */
  correctedNow(): Ms
  /** [L4, P3] The own mode is direct and this buddy may learn an address. */
  mayLink(buddy: Buddy): boolean
  rule(buddy: Buddy): CandidateRule
  /** Seals one `sig.*` frame and deposits it. `to` undefined: to their `r`. */
  signal(buddy: Buddy, frame: Bytes, to: { key: KeyId; pk: B64 } | undefined): Promise<boolean>
  hello(buddy: Buddy): Omit<ProofInput['hello'], 'nonce' | 'now'>
  /** [I5] What HELLO's record is to the one kept. */
  judgeRecord(buddy: Buddy, record: ReadRecord): 'ok' | 'alarm'
  onUp(ik: Ik, hello: Hello): void
  onDown(ik: Ik): void
  onFrame(ik: Ik, dev: DevId, frame: Bytes): void
  onBug(error: unknown): void
  onAlarm(ik: Ik): void
  onView(ik: Ik): void
  /** The time after a failed try is over: tried again where someone still waits for the link. */
  onCooled(ik: Ik): void
  /** The link page came: whoever waits for a link may try. */
  onPage(): void
  background: Background
  log(fact: string, details?: Record<string, string | number | boolean>): void
}

export interface Links {
  view(buddy: Buddy): LinkView
  isUp(ik: Ik): boolean
  /** Someone has something to send, or opened the chat. */
  want(ik: Ik, byUser: boolean): void
  send(ik: Ik, frame: Bytes): void
  takeSignal(buddy: Buddy, frame: Extract<Frame, { t: 'sig.offer' | 'sig.answer' | 'sig.cand' | 'sig.end' }>, bytes: Bytes): void
  /** [4.2] The private half of an `rk`, while its attempt lives. */
  ramKey(id: KeyId): { key: SealKey; ik: Ik; dev: DevId } | undefined
  stop(ik: Ik, why: 'off' | 'change'): void
  stopAll(): void
  retry(ik: Ik): void
  /** The other side said `bye`. */
  ended(ik: Ik): void
  /** Content went either way: the idle time starts anew. */
  used(ik: Ik): void
}

interface Attempt {
  sid: Sid
  /** The device this link is with: as pinned when it began, and as it proved itself. */
  dev: DevId
  link: number
  role: 'i' | 'r'
  rk: SealKey
  offer?: Bytes
  answer?: Bytes
  remote?: Desc
  peerRk?: B64
  fpOwn?: Bytes
  local?: Desc
  /** Own candidates not yet told, and how many were in all. */
  candidates: Cand[]
  told: number
  heard: number
  isGathered: boolean
  isOfferSent: boolean
  nextN: number
  stopCandidates?: (() => void) | undefined
  proof?: ReturnType<typeof startProof>
  isOpen: boolean
}

interface One {
  state: LinkState
  attempt?: Attempt
  stopTimer: () => void
  stopPing: () => void
  stopIdle: () => void
  pair?: { local: string; localType: string; remoteType: string }
  fails: number
  inbound: ReturnType<typeof createBucket>
  offers: ReturnType<typeof createBucket>
}

export function createLinks(deps: LinksDeps): Links {
  const { clock, chance, driver } = deps
  const ones = new Map<Ik, One>()
  const byLink = new Map<number, Ik>()
  const rks = new Map<KeyId, { key: SealKey; ik: Ik; dev: DevId }>()
  const seenSids = new Set<Sid>()
  let nextLink = 1
  const nothing = () => undefined

  const oneOf = (ik: Ik): One => {
    const known = ones.get(ik)
    if (known !== undefined) return known
    const made: One = {
      state: { at: 'none', tries: 0 }, stopTimer: nothing, stopPing: nothing, stopIdle: nothing, fails: 0,
      inbound: createBucket(clock, { burst: 2 * LINK_FRAMES_BURST, perSecond: 2 * LINK_FRAMES_PER_SECOND }),
      offers: createBucket(clock, { burst: OFFERS_PER_MINUTE, perSecond: OFFERS_PER_MINUTE / 60 }),
    }
    ones.set(ik, made)
    return made
  }

  function feed(ik: Ik, event: LinkEvent) {
    const one = oneOf(ik)
    const before = one.state
    const { state, effects } = step(before, event, { now: clock.now(), fraction: chance.fraction() })
    one.state = state
    if (state !== before) {
      one.stopTimer()
      const life = lifeOf(state)
      if (life !== undefined) one.stopTimer = clock.after(life, () => feed(ik, { on: 'timeout' }))
      if (state.at === 'cool') {
        one.fails = before.at === 'up' ? 0 : one.fails + 1
        one.stopTimer = clock.after(state.until - clock.now(), () => {
          feed(ik, { on: 'cooled' })
          deps.onCooled(ik)
        })
      }
      if (state.at === 'up') one.fails = 0
    }
    for (const effect of effects) perform(ik, one, effect)
    if (state !== before) deps.onView(ik)
  }

  function perform(ik: Ik, one: One, effect: LinkEffect) {
    const buddy = deps.buddy(ik)
    switch (effect.do) {
      case 'offer':
        one.attempt = begin(ik, effect.sid, 'i')
        driver.send({ kind: 'open', link: one.attempt.link, initiator: true, iceServers: [], policy: 'all' })
        // [L8] The offer leaves with what was gathered within 2 s.
        one.attempt.stopCandidates = clock.after(GATHER_BEFORE_OFFER, () => deps.background(sendOffer(ik, one)))
        break
      case 'answer':
        break // takeSignal made the attempt with the offer it answers
      case 'prove':
        prove(ik, one)
        break
      case 'end':
        if (buddy !== undefined) deps.background(signalEnd(buddy, one, effect.sid, effect.why))
        break
      case 'bye':
        if (one.attempt !== undefined) driver.send({ kind: 'ctl', link: one.attempt.link, bytes: utf8(JSON.stringify({ t: 'bye', why: effect.why })) })
        break
      case 'close':
        if (one.attempt?.sid === effect.sid) drop(one)
        break
      case 'announce-up':
        startWatch(ik, one)
        break
      case 'announce-down':
        one.stopPing()
        one.stopIdle()
        deps.onDown(ik)
        break
      case 'alarm':
        deps.onAlarm(ik)
    }
  }

  function begin(ik: Ik, sid: Sid, role: 'i' | 'r'): Attempt {
    const link = nextLink++
    byLink.set(link, ik)
    const rk = makeSealKey()
    const id = rkId(rk.pub)
    const { dev } = deps.buddy(ik)!
    rks.set(id, { key: rk, ik, dev })
    clock.after(RK_LIFE, () => rks.delete(id))
    return { sid, dev, link, role, rk, candidates: [], told: 0, heard: 0, isGathered: false, isOfferSent: false, nextN: 1, isOpen: true }
  }

  function drop(one: One) {
    const attempt = one.attempt
    delete one.attempt
    delete one.pair
    if (attempt === undefined) return
    attempt.isOpen = false
    attempt.stopCandidates?.()
    byLink.delete(attempt.link)
    rks.delete(rkId(attempt.rk.pub))
    // A last `bye` is on its way in the channel: the page closes after it.
    driver.send({ kind: 'close', link: attempt.link })
  }

  const isCurrent = (one: One, attempt: Attempt) => one.attempt === attempt && attempt.isOpen

  async function sendOffer(ik: Ik, one: One) {
    const { attempt } = one
    const buddy = deps.buddy(ik)
    if (attempt?.local === undefined || attempt.isOfferSent || buddy === undefined) return
    attempt.isOfferSent = true
    attempt.stopCandidates?.()
    const frame: SigOffer = {
      t: 'sig.offer', id: chance.uuid7(clock.now()), sid: attempt.sid, exp: Math.round(deps.correctedNow() + OFFER_LIFE), mode: 'direct',
      d: { ...attempt.local, c: takeCandidates(attempt) }, rk: attempt.rk.pub, why: ['chat'],
    }
    attempt.offer = utf8(JSON.stringify(frame))
    if (!(await deps.signal(buddy, attempt.offer, undefined)) && isCurrent(one, attempt)) feed(ik, { on: 'failed', sid: attempt.sid })
  }

  function takeCandidates(attempt: Attempt): Cand[] {
    const now = attempt.candidates.splice(0, MAX_CANDIDATES - attempt.told)
    attempt.candidates = []
    attempt.told += now.length
    return now
  }

  /** [L8] Later candidates in batches; the offerer's wait for the answer's `rk`. */
  function tellCandidates(ik: Ik, one: One, attempt: Attempt) {
    if (attempt.peerRk === undefined || attempt.stopCandidates !== undefined) return
    if (attempt.role === 'r' && attempt.answer === undefined) return
    attempt.stopCandidates = clock.after(CANDIDATE_BATCH, () => {
      attempt.stopCandidates = undefined
      const buddy = deps.buddy(ik)
      if (!isCurrent(one, attempt) || buddy === undefined) return
      const c = takeCandidates(attempt)
      if (c.length === 0) return
      const frame = { t: 'sig.cand', id: chance.uuid7(clock.now()), sid: attempt.sid, n: attempt.nextN++, c }
      deps.background(deps.signal(buddy, utf8(JSON.stringify(frame)), { key: rkId(attempt.peerRk!), pk: attempt.peerRk! }))
    })
  }

  async function signalEnd(buddy: Buddy, one: One, sid: Sid, why: 'tie' | 'timeout' | 'busy', to?: B64) {
    const pk = to ?? one.attempt?.peerRk
    const frame = { t: 'sig.end', id: chance.uuid7(clock.now()), sid, why }
    await deps.signal(buddy, utf8(JSON.stringify(frame)), pk === undefined ? undefined : { key: rkId(pk), pk })
  }

  function prove(ik: Ik, one: One) {
    const { attempt } = one
    const buddy = deps.buddy(ik)
    if (attempt?.offer === undefined || attempt.answer === undefined || attempt.fpOwn === undefined || buddy === undefined) return
    const me = deps.me()
    attempt.proof = startProof({
      role: attempt.role, sid: attempt.sid, me: { dk: me.dk, cert: me.cert, rec: me.rec }, peer: { ik, dev: buddy.dev, dk: buddy.dk },
      oh: sha256(attempt.offer), ah: sha256(attempt.answer), fpOwn: attempt.fpOwn, fpPeer: fromB64(attempt.remote!.fp),
      hello: { ...deps.hello(buddy), nonce: chance.bytes(32), now: clock.now() },
    })
    driver.send({ kind: 'ctl', link: attempt.link, bytes: attempt.proof.hello })
  }

  function takeProof(ik: Ik, one: One, attempt: Attempt, message: Bytes) {
    const result = attempt.proof?.take(message) ?? { at: 'mismatch' as const, why: 'too early' }
    if (result.at === 'send') return driver.send({ kind: 'ctl', link: attempt.link, bytes: result.frame })
    if (result.at === 'waiting') return
    const buddy = deps.buddy(ik)
    if (result.at === 'mismatch' || buddy === undefined || deps.judgeRecord(buddy, result.record) === 'alarm') {
      deps.log('link proof failed', { why: result.at === 'mismatch' ? result.why : 'record' })
      return feed(ik, { on: 'mismatch', sid: attempt.sid })
    }
    feed(ik, { on: 'verified', sid: attempt.sid })
    if (one.state.at === 'up') deps.onUp(ik, result.hello)
  }

  /** [5.3] Pings while up, and the idle close. */
  function startWatch(ik: Ik, one: One) {
    let k = 0
    const ping = () => {
      links.send(ik, utf8(JSON.stringify({ t: 'ping', k: ++k })))
      one.stopPing = clock.after(LINK_UNANSWERED, () => {
        if (one.attempt !== undefined) feed(ik, { on: 'lost', sid: one.attempt.sid })
      })
    }
    one.stopPing = clock.after(LINK_PING, ping)
    const onHeard = () => {
      one.stopPing()
      one.stopPing = clock.after(LINK_PING, ping)
    }
    heard.set(ik, onHeard)
    links.used(ik)
  }
  const heard = new Map<Ik, () => void>()

  driver.onThere((isThere) => {
    if (isThere) {
      // Tries that failed while there was no page say nothing about the way between us.
      return guarded(() => {
        for (const [ik, one] of ones) {
          if (one.state.at !== 'cool') continue
          one.fails = 0
          feed(ik, { on: 'retry' })
        }
        deps.onPage()
      })
    }
    for (const [ik, one] of ones) if (one.attempt !== undefined) feed(ik, { on: 'lost', sid: one.attempt.sid })
  })

  /** What the page says comes from outside: a bug of ours in it is told, and never ends the program. */
  function guarded(act: () => void) {
    try {
      act()
    } catch (error) {
      deps.onBug(error)
    }
  }

  driver.onMessage((message) => guarded(() => take(message)))

  function take(message: FromPage) {
    const ik = byLink.get(message.link)
    const one = ik === undefined ? undefined : oneOf(ik)
    const attempt = one?.attempt
    const buddy = ik === undefined ? undefined : deps.buddy(ik)
    if (ik === undefined || one === undefined || attempt?.link !== message.link || buddy === undefined) return
    const fail = (why: string) => {
      deps.log('link failed', { why })
      feed(ik, { on: 'failed', sid: attempt.sid })
    }
    switch (message.kind) {
      case 'local': {
        // [L5] What the page really uses must be what it was given: none.
        if (message.iceServers.length > 0) return fail('foreign ice server')
        const wanted = attempt.role === 'i' ? 'offer' : 'answer'
        const read = readSdp(message.sdp, (c) => isAllowed(c, deps.rule(buddy)))
        if (message.type !== wanted || attempt.local !== undefined || !read.ok) return fail('local description')
        if (Buffer.from(fromB64(read.value.fp)).toString('hex') !== message.fp.replaceAll(':', '').toLowerCase()) return fail('own certificate')
        attempt.local = read.value
        attempt.fpOwn = fromB64(read.value.fp)
        addCandidates(attempt, read.value.c)
        if (attempt.role === 'r') deps.background(sendAnswer(ik, one, attempt))
        else if (attempt.isGathered) deps.background(sendOffer(ik, one))
        break
      }
      case 'candidate': {
        const c = readCandidateLine(message.candidate)
        if (c === undefined || !isAllowed(c, deps.rule(buddy))) return
        addCandidates(attempt, [c])
        tellCandidates(ik, one, attempt)
        break
      }
      case 'gathered':
        attempt.isGathered = true
        if (attempt.role === 'i') deps.background(sendOffer(ik, one))
        break
      case 'up':
        if (attempt.remote === undefined || toB64(sha256(message.der)) !== attempt.remote.fp) return feed(ik, { on: 'mismatch', sid: attempt.sid })
        feed(ik, { on: 'open', sid: attempt.sid })
        break
      case 'pair':
        one.pair = message
        deps.onView(ik)
        break
      case 'ctl':
        if (one.state.at === 'proving') return takeProof(ik, one, attempt, message.bytes)
        if (one.state.at !== 'up') return
        // [C35] More than twice the rate of a well-behaved program: closed.
        if (!one.inbound.take()) return feed(ik, { on: 'lost', sid: attempt.sid })
        heard.get(ik)?.()
        deps.onFrame(ik, attempt.dev, message.bytes)
        break
      case 'ice':
        if (message.connected) heard.get(ik)?.()
        else one.stopTimer = clock.after(LINK_UNANSWERED, () => feed(ik, { on: 'lost', sid: attempt.sid }))
        if (message.connected && one.state.at === 'up') one.stopTimer()
        break
      case 'closed':
        feed(ik, { on: one.state.at === 'up' ? 'lost' : 'failed', sid: attempt.sid })
    }
  }

  function addCandidates(attempt: Attempt, more: Cand[]) {
    for (const c of more) if (!attempt.candidates.some((one) => one.ip === c.ip && one.port === c.port && one.typ === c.typ)) attempt.candidates.push(c)
  }

  async function sendAnswer(ik: Ik, one: One, attempt: Attempt) {
    const buddy = deps.buddy(ik)
    if (buddy === undefined || attempt.offer === undefined || attempt.local === undefined) return
    const frame: SigAnswer = {
      t: 'sig.answer', id: chance.uuid7(clock.now()), sid: attempt.sid, oh: toB64(sha256(attempt.offer)), mode: 'direct',
      d: { ...attempt.local, c: takeCandidates(attempt) }, rk: attempt.rk.pub,
    }
    attempt.answer = utf8(JSON.stringify(frame))
    const isSent = await deps.signal(buddy, attempt.answer, { key: rkId(attempt.peerRk!), pk: attempt.peerRk! })
    if (!isCurrent(one, attempt)) return
    feed(ik, isSent ? { on: 'answered', sid: attempt.sid } : { on: 'failed', sid: attempt.sid })
    tellCandidates(ik, one, attempt)
  }

  function takeOffer(buddy: Buddy, offer: SigOffer, bytes: Bytes) {
    // [L15] Valid: not over, new, accepted, and I may be seen; else nothing changes.
    if (offer.exp < deps.correctedNow() || seenSids.has(offer.sid)) return
    seenSids.add(offer.sid)
    clock.after(2 * OFFER_LIFE, () => seenSids.delete(offer.sid))
    const one = oneOf(buddy.ik)
    // [5.3] at most six a minute
    if (!one.offers.take()) return
    // Silence would leave them waiting for 45 s: not by my mode, or my link page is not there yet.
    if (!deps.mayLink(buddy) || !driver.isThere()) return deps.background(signalEnd(buddy, one, offer.sid, 'busy', offer.rk))
    const rule = deps.rule(buddy)
    feed(buddy.ik, { on: 'offer', sid: offer.sid, mineIsLarger: Buffer.compare(fromB64(deps.me().ik), fromB64(buddy.ik)) > 0 })
    if (!(one.state.at === 'answering' && one.state.sid === offer.sid)) return
    const attempt = begin(buddy.ik, offer.sid, 'r')
    Object.assign(attempt, { offer: bytes, remote: offer.d, peerRk: offer.rk, heard: offer.d.c.length })
    one.attempt = attempt
    driver.send({ kind: 'open', link: attempt.link, initiator: false, iceServers: [], policy: 'all' })
    driver.send({ kind: 'remote', link: attempt.link, type: 'offer', sdp: writeSdp({ ...offer.d, c: offer.d.c.filter((c) => isAllowed(c, rule)) }) })
  }

  function takeAnswer(buddy: Buddy, answer: SigAnswer, bytes: Bytes) {
    const one = oneOf(buddy.ik)
    const { attempt } = one
    if (attempt === undefined || attempt.sid !== answer.sid || attempt.role !== 'i' || attempt.answer !== undefined) return
    if (attempt.offer === undefined || answer.oh !== toB64(sha256(attempt.offer))) return feed(buddy.ik, { on: 'mismatch', sid: answer.sid })
    Object.assign(attempt, { answer: bytes, remote: answer.d, peerRk: answer.rk, heard: answer.d.c.length })
    feed(buddy.ik, { on: 'answer', sid: answer.sid })
    const rule = deps.rule(buddy)
    driver.send({ kind: 'remote', link: attempt.link, type: 'answer', sdp: writeSdp({ ...answer.d, c: answer.d.c.filter((c) => isAllowed(c, rule)) }) })
    tellCandidates(buddy.ik, one, attempt)
  }

  const links: Links = {
    view(buddy) {
      const { state, pair, fails } = oneOf(buddy.ik)
      if (state.at === 'up') {
        if (pair?.localType === 'relay' || pair?.remoteType === 'relay') return { at: 'relayed' }
        const seen = pair?.local ?? ''
        const kind = addressKind(seen)
        return { at: 'direct', seen, where: kind === 'loopback' ? 'this-computer' : kind === 'private' ? 'network' : 'internet' }
      }
      if (state.at === 'alarm') return { at: 'server-for-now' }
      if (fails >= 2 || (state.at === 'cool' && state.tries > 1)) return { at: 'server-for-now' }
      if (state.at === 'cool') return { at: 'retry', until: state.until }
      return state.at === 'none' ? { at: 'none' } : { at: 'connecting' }
    },
    isUp: (ik) => ones.get(ik)?.state.at === 'up',
    want(ik, byUser) {
      const buddy = deps.buddy(ik)
      if (buddy?.state !== 'accepted' || !deps.mayLink(buddy) || !driver.isThere()) return
      feed(ik, { on: 'wanted', sid: chance.b64(16) as Sid, byUser })
    },
    send(ik, frame) {
      const one = ones.get(ik)
      if (one?.state.at === 'up' && one.attempt !== undefined) driver.send({ kind: 'ctl', link: one.attempt.link, bytes: frame })
    },
    takeSignal(buddy, frame, bytes) {
      const one = oneOf(buddy.ik)
      switch (frame.t) {
        case 'sig.offer': return takeOffer(buddy, frame, bytes)
        case 'sig.answer': return takeAnswer(buddy, frame, bytes)
        case 'sig.end': return feed(buddy.ik, { on: 'ended', sid: frame.sid })
        case 'sig.cand': {
          const { attempt } = one
          if (attempt?.sid !== frame.sid || attempt.remote === undefined) return
          for (const c of frame.c) {
            if (++attempt.heard > MAX_CANDIDATES) return
            if (isAllowed(c, deps.rule(buddy))) driver.send({ kind: 'candidate', link: attempt.link, candidate: candidateLine(c) })
          }
        }
      }
    },
    ramKey: (id) => rks.get(id),
    stop: (ik, why) => feed(ik, { on: 'stop', why }),
    stopAll() {
      for (const ik of ones.keys()) feed(ik, { on: 'stop', why: 'off' })
    },
    ended: (ik) => feed(ik, { on: 'bye' }),
    retry: (ik) => feed(ik, { on: 'retry' }),
    used(ik) {
      const one = oneOf(ik)
      one.stopIdle()
      if (one.state.at === 'up') one.stopIdle = clock.after(LINK_IDLE, () => feed(ik, { on: 'idle' }))
    },
  }
  return links
}
