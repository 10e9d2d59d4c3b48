import type { FromPage } from '../../protocol/app/link.ts'
import type { LinkView } from '../../protocol/app/views.ts'
import type { DevId, Ik, KeyId, Sid } from '../../protocol/ids.ts'
import { BULK_AHEAD, FILE_FRAMES_BURST, FILE_FRAMES_PER_SECOND, GATHER_BEFORE_OFFER, LINK_FRAMES_BURST, LINK_FRAMES_PER_SECOND, MAX_CHUNK, OFFER_LIFE, RK_LIFE } from '../../protocol/limits.ts'
import { type Bytes, fromB64, toB64, utf8 } from '../../protocol/wire/bytes.ts'
import type { Hello, SigAnswer, SigOffer } from '../../protocol/wire/peer.ts'
import { createBucket } from '../bucket.ts'
import { makeSealKey, type SealKey } from '../envelopes/hpke.ts'
import { rkId, sha256 } from '../identity/crypto.ts'
import type { Me } from '../identity/me.ts'
import type { ReadRecord } from '../identity/records.ts'
import type { Routes } from '../ports.ts'
import type { Buddy } from '../roster/roster.ts'
import { addCandidates, type Attempt, newAttempt } from './attempt.ts'
import { isAllowed, readCandidateLine, routesFor } from './candidates.ts'
import { lifeOf, type LinkEffect, type LinkEvent, type LinkState, step } from './machine.ts'
import { type ProofInput, startProof } from './proof.ts'
import { readSdp } from './sdp.ts'
import { createSignals, type SignalFrame, type SignalsDeps } from './signals.ts'
import { type Pair, viewOfLink } from './view.ts'
import { startWatch, type Watch } from './watch.ts'

/** Links with buddies: performs what the machine decides, through a driver. No frame of another concern is read here. */

const OFFERS_PER_MINUTE = 6
/** [C35] Frames of both kinds: which is which is told only once they are read. */
const INBOUND_PER_SECOND = LINK_FRAMES_PER_SECOND + FILE_FRAMES_PER_SECOND
const INBOUND_BURST = LINK_FRAMES_BURST + FILE_FRAMES_BURST
/** [L13] */
const SMALL_CHUNK = 16_384

export interface LinksDeps extends Omit<SignalsDeps, 'isCurrent'> {
  me(): Me
  /** [L4, P3] The own mode is direct and this buddy may learn an address. */
  mayLink(buddy: Buddy): boolean
  /** The same, and they are there as far as I know: worth an offer. What they offer says by itself that they are [L15]. */
  mayOffer(buddy: Buddy): boolean
  hello(buddy: Buddy): Omit<ProofInput['hello'], 'nonce' | 'now'>
  /** [I5] What HELLO's record is to the one kept. */
  judgeRecord(buddy: Buddy, record: ReadRecord): 'ok' | 'alarm'
  /** No link page with these routes is there: it may be opened. */
  onPageMissing(routes: Routes): void
  /** A link page came: whoever waits for a link may try. */
  onPage(): void
  onUp(ik: Ik, hello: Hello): void
  onDown(ik: Ik): void
  onFrame(ik: Ik, dev: DevId, frame: Bytes): void
  /** [T1] A message of the channel `bulk`. */
  onBulk(ik: Ik, message: Bytes): void
  /** The link page takes more of it. */
  onBulkRoom(ik: Ik): void
  onAlarm(ik: Ik): void
  onView(ik: Ik): void
  /** The time after a failed try is over: tried again where someone still waits for the link. */
  onCooled(ik: Ik): void
  onBug(error: unknown): void
  log(fact: string, details?: Record<string, string | number | boolean>): void
}

export interface Links {
  view(buddy: Buddy): LinkView
  isUp(ik: Ik): boolean
  /** A link may be wanted soon, from either side: its page is opened. */
  expect(ik: Ik): void
  /** Someone has something to send, or opened the chat. */
  want(ik: Ik, byUser: boolean): void
  send(ik: Ik, frame: Bytes): void
  /** [L13] Bytes of a file in one message of `bulk`, as far as their browser takes them. */
  chunk(ik: Ik): number
  /** Bytes of `bulk` that may be handed over now; `onBulkRoom` says when there are more. */
  bulkRoom(ik: Ik): number
  /** Copied before it returns. */
  sendBulk(ik: Ik, message: Bytes): void
  takeSignal(buddy: Buddy, frame: SignalFrame, bytes: Bytes): void
  /** [4.2] The private half of an `rk`, while its attempt lives. */
  ramKey(id: KeyId): { key: SealKey; ik: Ik; dev: DevId } | undefined
  stop(ik: Ik, why: 'off' | 'change'): void
  stopAll(): void
  retry(ik: Ik): void
  /** The other side said `bye`. */
  ended(ik: Ik): void
  /** They are offline, says the server. */
  gone(ik: Ik): void
  /** Content went either way: the idle time starts anew. */
  used(ik: Ik): void
}

interface One {
  state: LinkState
  attempt?: Attempt
  watch?: Watch
  pair?: Pair
  stopTimer: () => void
  /** Tries in a row that failed. */
  fails: number
  inbound: ReturnType<typeof createBucket>
  /** Bytes of `bulk` handed to the page, and how many of them have gone into the channel. */
  bulk: { given: number; gone: number }
  offers: ReturnType<typeof createBucket>
}

export function createLinks(deps: LinksDeps): Links {
  const { clock, chance, driver } = deps
  const ones = new Map<Ik, One>()
  const byLink = new Map<number, Ik>()
  const rks = new Map<KeyId, { key: SealKey; ik: Ik; dev: DevId }>()
  const seenSids = new Set<Sid>()
  let nextLink = 1

  const signals = createSignals({ ...deps, isCurrent: (attempt) => attempt.isOpen })
  const routesOf = (buddy: Buddy) => routesFor(deps.rule(buddy))

  const oneOf = (ik: Ik): One => {
    const known = ones.get(ik)
    if (known !== undefined) return known
    const made: One = {
      state: { at: 'none', tries: 0 }, stopTimer: () => undefined, fails: 0,
      inbound: createBucket(clock, { burst: 2 * INBOUND_BURST, perSecond: 2 * INBOUND_PER_SECOND }), bulk: { given: 0, gone: 0 },
      offers: createBucket(clock, { burst: OFFERS_PER_MINUTE, perSecond: OFFERS_PER_MINUTE / 60 }),
    }
    ones.set(ik, made)
    return made
  }

  // ---------- what the machine decides ----------
  function feed(ik: Ik, event: LinkEvent) {
    const one = oneOf(ik)
    const before = one.state
    const { state, effects } = step(before, event, { now: clock.now(), fraction: chance.fraction() })
    one.state = state
    if (state !== before) enter(ik, one, before)
    for (const effect of effects) perform(ik, one, effect)
    if (state !== before) deps.onView(ik)
  }

  function enter(ik: Ik, one: One, before: LinkState) {
    const { state } = one
    // The same attempt goes on with the time it has.
    if ('sid' in before && 'sid' in state && before.at === state.at && before.sid === state.sid) return
    one.stopTimer()
    const life = lifeOf(state)
    if (life !== undefined) one.stopTimer = clock.after(life, () => feed(ik, { on: 'timeout' }))
    if (state.at === 'up') one.fails = 0
    if (state.at !== 'cool') return
    one.fails = before.at === 'up' ? 0 : one.fails + 1
    one.stopTimer = clock.after(state.until - clock.now(), () => {
      feed(ik, { on: 'cooled' })
      deps.onCooled(ik)
    })
  }

  function perform(ik: Ik, one: One, effect: LinkEffect) {
    const buddy = deps.buddy(ik)
    switch (effect.do) {
      case 'offer': {
        const attempt = begin(ik, one, effect.sid, 'i')
        // [L8] The offer leaves with what was gathered within 2 s.
        attempt.stopCandidates = clock.after(GATHER_BEFORE_OFFER, () => sendOffer(ik, attempt))
        break
      }
      case 'answer':
        break // takeOffer made the attempt with the offer it answers
      case 'prove':
        prove(ik, one)
        break
      case 'end':
        if (buddy !== undefined) signals.end(buddy, effect.sid, effect.why, one.attempt?.peerRk)
        break
      case 'bye':
        if (one.attempt !== undefined) driver.send({ kind: 'ctl', link: one.attempt.link, bytes: utf8(JSON.stringify({ t: 'bye', why: effect.why })) })
        break
      case 'close':
        if (one.attempt?.sid === effect.sid) drop(one)
        break
      case 'announce-up':
        one.watch = startWatch(clock, {
          ping: (k) => links.send(ik, utf8(JSON.stringify({ t: 'ping', k }))),
          onLost: () => one.attempt !== undefined && feed(ik, { on: 'lost', sid: one.attempt.sid }),
          onIdle: () => feed(ik, { on: 'idle' }),
        })
        break
      case 'announce-down':
        one.watch?.stop()
        delete one.watch
        deps.onDown(ik)
        break
      case 'alarm':
        deps.onAlarm(ik)
    }
  }

  function begin(ik: Ik, one: One, sid: Sid, role: 'i' | 'r'): Attempt {
    const buddy = deps.buddy(ik)!
    const attempt = newAttempt({ sid, dev: buddy.dev, link: nextLink++, role, rk: makeSealKey() })
    one.attempt = attempt
    one.bulk = { given: 0, gone: 0 }
    byLink.set(attempt.link, ik)
    const id = rkId(attempt.rk.pub)
    rks.set(id, { key: attempt.rk, ik, dev: buddy.dev })
    clock.after(RK_LIFE, () => rks.delete(id))
    driver.send({ kind: 'open', link: attempt.link, initiator: role === 'i', iceServers: [], policy: 'all' }, routesOf(buddy))
    return attempt
  }

  function drop(one: One) {
    const { attempt } = one
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

  // ---------- what is said through the server ----------
  const sendOffer = (ik: Ik, attempt: Attempt) => deps.background(signals.offer(ik, attempt).then((isSent) => {
    if (isSent === false && attempt.isOpen) feed(ik, { on: 'failed', sid: attempt.sid })
  }))
  const sendAnswer = (ik: Ik, attempt: Attempt) => deps.background(signals.answer(ik, attempt).then((isSent) => {
    if (isSent === undefined || !attempt.isOpen) return
    feed(ik, isSent ? { on: 'answered', sid: attempt.sid } : { on: 'failed', sid: attempt.sid })
    signals.candidates(ik, attempt)
  }))

  function takeOffer(buddy: Buddy, offer: SigOffer, bytes: Bytes) {
    // [L15] Valid: not over, new, accepted, and I may be seen; else nothing changes.
    if (offer.exp < deps.correctedNow() || seenSids.has(offer.sid)) return
    seenSids.add(offer.sid)
    clock.after(2 * OFFER_LIFE, () => seenSids.delete(offer.sid))
    const one = oneOf(buddy.ik)
    // [5.3] at most six a minute
    if (!one.offers.take()) return
    // Silence would leave them waiting for 45 s: not by my mode, or my link page is not there yet.
    if (!deps.mayLink(buddy) || !isPageThere(buddy)) return signals.end(buddy, offer.sid, 'busy', offer.rk)
    feed(buddy.ik, { on: 'offer', sid: offer.sid, mineIsLarger: Buffer.compare(fromB64(deps.me().ik), fromB64(buddy.ik)) > 0 })
    if (!(one.state.at === 'answering' && one.state.sid === offer.sid)) return
    const attempt = begin(buddy.ik, one, offer.sid, 'r')
    attempt.offer = bytes
    signals.toPage(buddy, attempt, offer)
  }

  function takeAnswer(buddy: Buddy, answer: SigAnswer, bytes: Bytes) {
    const { attempt } = oneOf(buddy.ik)
    if (attempt?.sid !== answer.sid || attempt.role !== 'i' || attempt.answer !== undefined || attempt.offer === undefined) return
    if (answer.oh !== toB64(sha256(attempt.offer))) return feed(buddy.ik, { on: 'mismatch', sid: answer.sid })
    attempt.answer = bytes
    feed(buddy.ik, { on: 'answer', sid: answer.sid })
    signals.toPage(buddy, attempt, answer)
    signals.candidates(buddy.ik, attempt)
  }

  /** A page with the routes that this buddy's rule needs; one that is missing is asked for. */
  function isPageThere(buddy: Buddy): boolean {
    const routes = routesOf(buddy)
    const isThere = driver.isThere(routes)
    if (!isThere) deps.onPageMissing(routes)
    return isThere
  }

  // ---------- the proof ----------
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

  // ---------- what the page says ----------
  function take(message: FromPage) {
    const ik = byLink.get(message.link)
    const one = ik === undefined ? undefined : oneOf(ik)
    const attempt = one?.attempt
    const buddy = ik === undefined ? undefined : deps.buddy(ik)
    if (ik === undefined || one === undefined || attempt?.link !== message.link || buddy === undefined) return
    switch (message.kind) {
      case 'local':
        return takeLocal(buddy, attempt, message)
      case 'candidate': {
        const c = readCandidateLine(message.candidate)
        if (c === undefined || !isAllowed(c, deps.rule(buddy))) return
        addCandidates(attempt, [c])
        return signals.candidates(ik, attempt)
      }
      case 'gathered':
        attempt.isGathered = true
        if (attempt.role === 'i') sendOffer(ik, attempt)
        return
      case 'up':
        if (attempt.remote === undefined || toB64(sha256(message.der)) !== attempt.remote.fp) return feed(ik, { on: 'mismatch', sid: attempt.sid })
        return feed(ik, { on: 'open', sid: attempt.sid })
      case 'pair':
        one.pair = message
        return deps.onView(ik)
      case 'ctl':
        if (one.state.at === 'proving') return takeProof(ik, one, attempt, message.bytes)
        if (one.state.at !== 'up') return
        // [C35] More than twice the rate of a well-behaved program: closed.
        if (!one.inbound.take()) return feed(ik, { on: 'lost', sid: attempt.sid })
        one.watch?.heard()
        return deps.onFrame(ik, attempt.dev, message.bytes)
      case 'bulk':
        if (one.state.at !== 'up') return
        one.watch?.heard()
        return deps.onBulk(ik, message.bytes)
      case 'room':
        one.bulk.gone = Math.min(message.sent, one.bulk.given)
        return deps.onBulkRoom(ik)
      case 'ice':
        return one.watch?.ice(message.connected)
      case 'closed':
        return feed(ik, { on: one.state.at === 'up' ? 'lost' : 'failed', sid: attempt.sid })
    }
  }

  function takeLocal(buddy: Buddy, attempt: Attempt, { type, sdp, fp, iceServers }: FromPage & { kind: 'local' }) {
    const fail = (why: string) => {
      deps.log('link failed', { why })
      feed(buddy.ik, { on: 'failed', sid: attempt.sid })
    }
    // [L5] What the page really uses must be what it was given: none.
    if (iceServers.length > 0) return fail('foreign ice server')
    const read = readSdp(sdp, (c) => isAllowed(c, deps.rule(buddy)))
    if (type !== (attempt.role === 'i' ? 'offer' : 'answer') || attempt.local !== undefined || !read.ok) return fail('local description')
    const fpOwn = fromB64(read.value.fp)
    if (Buffer.from(fpOwn).toString('hex') !== fp.replaceAll(':', '').toLowerCase()) return fail('own certificate')
    attempt.local = read.value
    attempt.fpOwn = fpOwn
    addCandidates(attempt, read.value.c)
    if (attempt.role === 'r') sendAnswer(buddy.ik, attempt)
    else if (attempt.isGathered) sendOffer(buddy.ik, attempt)
  }

  /** What the page says comes from outside: a bug of ours in it is told, and never ends the program. */
  function guarded(act: () => void) {
    try {
      act()
    } catch (error) {
      deps.onBug(error)
    }
  }
  driver.onMessage((message) => guarded(() => take(message)))
  driver.onThere(() => guarded(() => {
    // Tries that failed while there was no page say nothing about the way between us.
    for (const [ik, one] of ones) {
      if (one.state.at !== 'cool') continue
      one.fails = 0
      feed(ik, { on: 'retry' })
    }
    deps.onPage()
  }))

  const links: Links = {
    view(buddy) {
      const { state, pair, fails } = oneOf(buddy.ik)
      return viewOfLink(state, pair, fails)
    },
    isUp: (ik) => ones.get(ik)?.state.at === 'up',
    expect(ik) {
      const buddy = deps.buddy(ik)
      if (buddy?.state === 'accepted' && deps.mayOffer(buddy)) isPageThere(buddy)
    },
    want(ik, byUser) {
      const buddy = deps.buddy(ik)
      if (buddy?.state === 'accepted' && deps.mayOffer(buddy) && isPageThere(buddy)) feed(ik, { on: 'wanted', sid: chance.b64(16) as Sid, byUser })
    },
    send(ik, frame) {
      const one = ones.get(ik)
      if (one?.state.at === 'up' && one.attempt !== undefined) driver.send({ kind: 'ctl', link: one.attempt.link, bytes: frame })
    },
    chunk(ik) {
      const mms = ones.get(ik)?.attempt?.remote?.mms ?? 0
      return mms < 2 * MAX_CHUNK ? SMALL_CHUNK : MAX_CHUNK
    },
    bulkRoom(ik) {
      const one = ones.get(ik)
      return one?.state.at === 'up' ? BULK_AHEAD - (one.bulk.given - one.bulk.gone) : 0
    },
    sendBulk(ik, message) {
      const one = ones.get(ik)
      if (one?.state.at !== 'up' || one.attempt === undefined) return
      one.bulk.given += message.length
      driver.send({ kind: 'bulk', link: one.attempt.link, bytes: message })
    },
    takeSignal(buddy, frame, bytes) {
      switch (frame.t) {
        case 'sig.offer': return takeOffer(buddy, frame, bytes)
        case 'sig.answer': return takeAnswer(buddy, frame, bytes)
        case 'sig.end': return feed(buddy.ik, { on: 'ended', sid: frame.sid })
        case 'sig.cand': {
          const { attempt } = oneOf(buddy.ik)
          if (attempt?.sid === frame.sid && attempt.remote !== undefined) signals.candidatesToPage(buddy, attempt, frame)
        }
      }
    },
    ramKey: (id) => rks.get(id),
    stop: (ik, why) => feed(ik, { on: 'stop', why }),
    stopAll() {
      for (const ik of ones.keys()) feed(ik, { on: 'stop', why: 'off' })
    },
    ended: (ik) => feed(ik, { on: 'bye' }),
    gone: (ik) => feed(ik, { on: 'gone' }),
    retry: (ik) => feed(ik, { on: 'retry' }),
    used: (ik) => ones.get(ik)?.watch?.used(),
  }
  return links
}
