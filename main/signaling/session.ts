import type { ErrorCode } from '../../protocol/errors.ts'
import type { Ms } from '../../protocol/ids.ts'
import { LOGON_STEP, RECONNECT_FIRST, RECONNECT_LONGEST } from '../../protocol/limits.ts'
import { fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import type { Ready, ServerCode } from '../../protocol/wire/signaling.ts'
import { authInput } from '../../protocol/wire/tbs.ts'
import { sha256 } from '../identity/crypto.ts'
import type { Identities, ServerPin } from '../identity/me.ts'
import type { Clock } from '../ports.ts'
import { type Chance, jitter } from '../random.ts'
import { clockOffset, type FromServer, greet, type Wire } from './dial.ts'
import { type Answer, createRequests, type Requests } from './requests.ts'

/** Being signed on: dialling, proving, staying, coming back [table in 3.1]. */

export type SessionState =
  | { at: 'closed'; since?: Ms; why?: 'user' }
  | { at: 'connecting'; tries: number }
  | { at: 'on'; ready: Ready }
  | { at: 'waiting'; until: Ms; tries: number }
  | { at: 'stopped'; code: ErrorCode; since: Ms }

export interface Session {
  state(): SessionState
  goOnline(): void
  signOff(): void
  /** While not on, every answer is `closed`. */
  request: Requests['request']
  patiently: Requests['patiently']
  drop: Requests['drop']
  /** Network changed or machine woke: ask at once whether the server is there; while waiting, try now. */
  check(): void
}

export interface SessionDeps {
  clock: Clock
  chance: Chance
  identities: Identities
  /** Makes sure the embedded server runs, or is somebody else's on this machine. */
  embedded: { ensure(pin: ServerPin): Promise<ErrorCode | undefined>; url(): string }
  onState(state: SessionState): void
  /** [S11] what follows `ready` */
  onReady(ready: Ready): void
  onMessage(message: FromServer): void
  onClock(offset: Ms): void
  onBug(error: unknown): void
}

const STOP: Partial<Record<ServerCode, ErrorCode>> = {
  denied: 'log-on-refused', version: 'server-version', 'bad-auth': 'log-on-refused', 'not-found': 'not-found-account',
  conflict: 'copied-profile', replaced: 'replaced',
}

/** [S11] How long to wait before the next try; a server's `after` is respected. */
export function retryDelay(tries: number, fraction: number, after = 0): Ms {
  return Math.max(after * 1000, jitter(Math.min(RECONNECT_FIRST * 2 ** tries, RECONNECT_LONGEST), fraction))
}

export function createSession(deps: SessionDeps): Session {
  const { clock, chance, identities, embedded } = deps
  let state: SessionState = { at: 'closed' }
  let requests: Requests | undefined
  let wire: Wire | undefined
  let stopTimer: () => void = () => undefined
  /** Counts sign-ons and sign-offs: what belongs to an earlier one is ignored. */
  let era = 0

  function set(next: SessionState) {
    state = next
    deps.onState(next)
  }

  function leave() {
    era++
    stopTimer()
    requests = undefined
    wire?.close()
    wire = undefined
  }

  function wait(tries: number, after?: number) {
    leave()
    const delay = retryDelay(tries, chance.fraction(), after)
    set({ at: 'waiting', until: clock.now() + delay, tries: tries + 1 })
    stopTimer = clock.after(delay, () => start(tries + 1))
  }

  function stop(code: ErrorCode) {
    leave()
    set({ at: 'stopped', code, since: clock.now() })
  }

  /** A try that fails on this side (a full disk, say) is told and made again later, like one that fails on the other. */
  function start(tries: number) {
    dial(tries).catch((error: unknown) => {
      deps.onBug(error)
      wait(tries)
    })
  }

  async function dial(tries: number) {
    leave()
    const mine = era
    const me = identities.me()
    if (me === undefined) return
    set({ at: 'connecting', tries })
    const pin = me.kept.server
    const failed = await embedded.ensure(pin)
    if (mine !== era) return
    if (failed !== undefined) return stop(failed)
    const greeting = await greet(clock, { url: pin.kind === 'this-computer' ? embedded.url() : pin.url, pinned: { name: pin.name, spk: pin.spk } })
    if (mine !== era) return greeting.ok ? greeting.wire.close() : undefined
    if (!greeting.ok) return greeting.retry ? wait(tries) : stop(greeting.code)
    wire = greeting.wire
    deps.onClock(clockOffset(wire.challenge, clock.now()))
    authenticate(wire, mine, tries)
  }

  function authenticate(on: Wire, mine: number, tries: number) {
    const me = identities.me()!
    const { server, nonce, ts } = on.challenge
    const run = identities.nextRun()
    const sig = me.dk.sign(authInput({ server, nonce, ts, ik: me.ik, dev: me.dev, run, recHash: sha256(fromB64(me.rec.p)) }))
    stopTimer = clock.after(LOGON_STEP, () => wait(tries))
    let isReady = false
    const asked = createRequests(clock, on, (message) => {
      if (mine !== era) return
      // `auth` has no number of its own: an `err` that answers no request answers it
      if (message.t === 'bye' || (message.t === 'err' && !isReady)) return end(message.code, message.after)
      if (message.t === 'ready' && !isReady) {
        isReady = true
        stopTimer()
        requests = asked
        set({ at: 'on', ready: message })
        return deps.onReady(message)
      }
      if (isReady) deps.onMessage(message)
    }, () => {
      if (mine === era) wait(isReady ? 0 : tries)
    })
    function end(code: ServerCode, after?: number) {
      const stopping = STOP[code]
      if (stopping !== undefined) stop(stopping)
      else wait(isReady ? 0 : tries, after)
    }
    on.send({ t: 'auth', rec: me.rec, dev: me.dev, run, sig: toB64(sig) })
  }

  const closed: Answer<never> = { ok: false, code: 'closed' }
  return {
    state: () => state,
    goOnline() {
      // While waiting: now instead of then.
      if (state.at === 'closed' || state.at === 'stopped' || state.at === 'waiting') start(0)
    },
    signOff() {
      if (state.at === 'closed') return
      leave()
      set({ at: 'closed', since: clock.now(), why: 'user' })
    },
    request: (message) => requests?.request(message) ?? Promise.resolve(closed),
    patiently: (make) => requests?.patiently(make) ?? Promise.resolve(closed),
    drop: (head, envelope) => requests?.drop(head, envelope) ?? Promise.resolve(closed),
    check() {
      if (state.at === 'waiting') start(0)
      else requests?.check()
    },
  }
}
