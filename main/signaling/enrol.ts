import type { ErrorCode } from '../../protocol/errors.ts'
import type { Handle, ServerName } from '../../protocol/ids.ts'
import { type Bytes, fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import type { ServerCode } from '../../protocol/wire/signaling.ts'
import { authInput, registerInput } from '../../protocol/wire/tbs.ts'
import { sha256 } from '../identity/crypto.ts'
import type { Draft, Identities, ServerPin } from '../identity/me.ts'
import type { Clock } from '../ports.ts'
import { clockOffset, greet, type Wire } from './dial.ts'
import { createRequests, type Requests } from './requests.ts'

/** Welcome's two errands: take a name at a server [S8], or come back by the words [I10]. Each connects once and leaves again. */

export interface EnrolDeps {
  clock: Clock
  identities: Identities
  embedded: { ensure(pin: { kind: ServerPin['kind'] }): Promise<ErrorCode | undefined>; url(): string }
}

/** `url` undefined: this computer's own. `server`: the name it must have; else any is taken. */
export interface EnrolAt { kind: ServerPin['kind']; url: string | undefined; server?: ServerName; invite?: string }
export type Enrolled = { ok: true } | { ok: false; code: ErrorCode }

const REFUSALS: Partial<Record<ServerCode, ErrorCode>> = {
  taken: 'handle-taken', 'invite-required': 'invite-required', denied: 'invite-required', expired: 'invite-required',
  rate: 'rate', 'not-found': 'not-found-account', 'bad-auth': 'not-found-account', conflict: 'copied-profile',
}

export async function register(deps: EnrolDeps, at: EnrolAt, who: { name: string; handle: Handle; seed?: Bytes }): Promise<Enrolled> {
  return withServer(deps, at, async (wire, pin, requests) => {
    const draft = deps.identities.draft({ ...who, server: { pin, correctedNow: deps.clock.now() + clockOffset(wire.challenge, deps.clock.now()) } })
    const { rec, dev } = draft.kept
    const sig = draft.dk.sign(registerInput(pin.name, wire.challenge.nonce, sha256(fromB64(rec.p))))
    const answer = await logOn(requests, () =>
      wire.send({ t: 'register', q: 0, rec, dev, sig: toB64(sig), ...(at.invite === undefined ? {} : { invite: at.invite }) }))
    if (answer.ok) deps.identities.keep(draft)
    return answer
  })
}

/** [I10] The words give the account key; a new device is certified under it and the record of the lost one is replaced. */
export async function recover(deps: EnrolDeps, at: EnrolAt, who: { handle: Handle; seed: Bytes; name: string }): Promise<Enrolled> {
  return withServer(deps, at, async (wire, pin, requests) => {
    const server = { pin, correctedNow: deps.clock.now() + clockOffset(wire.challenge, deps.clock.now()) }
    const draft = deps.identities.draft({ ...who, server })
    draft.kept.adoptAcl = true
    draft.kept.run = 1
    if (!(await show(draft, wire, requests)).ok) return { ok: false, code: 'not-found-account' }
    deps.identities.keep(draft)
    // The words are on paper: they brought the account back, so they need no second confirmation.
    deps.identities.forgetWords()
    return { ok: true }
  })
}

function show(draft: Draft, wire: Wire, requests: WithLogOn): Promise<Enrolled> {
  const { ik, dev, rec, run } = draft.kept
  const { server, nonce, ts } = wire.challenge
  const sig = draft.dk.sign(authInput({ server, nonce, ts, ik, dev, run, recHash: sha256(fromB64(rec.p)) }))
  return logOn(requests, () => wire.send({ t: 'auth', rec, dev, run, sig: toB64(sig) }))
}

type WithLogOn = Requests & { logOn: Promise<Enrolled> }

function logOn(requests: WithLogOn, send: () => void): Promise<Enrolled> {
  send()
  return requests.logOn
}

async function withServer(
  { clock, embedded }: EnrolDeps, at: EnrolAt, errand: (wire: Wire, pin: ServerPin, requests: WithLogOn) => Promise<Enrolled>,
): Promise<Enrolled> {
  const failed = await embedded.ensure(at)
  if (failed !== undefined) return { ok: false, code: failed }
  const url = at.url ?? embedded.url()
  const greeting = await greet(clock, { url })
  if (!greeting.ok) return { ok: false, code: greeting.code }
  const { wire } = greeting
  if (at.server !== undefined && wire.challenge.server !== at.server) {
    wire.close()
    return { ok: false, code: 'wrong-server' }
  }
  const pin: ServerPin = { kind: at.kind, url, name: wire.challenge.server as ServerName, spk: wire.challenge.spk }
  let settle: (result: Enrolled) => void = () => undefined
  const logOnResult = new Promise<Enrolled>((resolve) => (settle = resolve))
  const requests = createRequests(clock, wire, (message) => {
    if (message.t === 'ready') settle({ ok: true })
    if (message.t === 'err' || message.t === 'bye') settle({ ok: false, code: REFUSALS[message.code] ?? 'no-server' })
  }, () => settle({ ok: false, code: 'no-server' }))
  try {
    return await errand(wire, pin, { ...requests, logOn: logOnResult })
  } finally {
    wire.close()
  }
}
