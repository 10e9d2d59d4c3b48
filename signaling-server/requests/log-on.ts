import type { Address } from '../../protocol/ids.ts'
import { MAX_ENVELOPE } from '../../protocol/limits.ts'
import { splitAddress } from '../../protocol/wire/scalars.ts'
import type { ServerCode, ServerLimits } from '../../protocol/wire/signaling.ts'
import { authInput, registerInput } from '../../protocol/wire/tbs.ts'
import { compareRecord, judgeLogOn, judgeRegistration } from '../broker.ts'
import { b64Of, bytesOf, sha256 } from '../crypto.ts'
import { type Claimed, isRecordSigned, parseRecord, recordColumns } from '../records.ts'
import type { Challenge, LogOn } from '../session.ts'
import type { Account } from '../store/accounts.ts'
import { addressOf, type Context } from './context.ts'
import { takeRecord } from './accounts.ts'

const DAY = 24 * 60 * 60 * 1000

type Auth = Extract<LogOn, { t: 'auth' }>
type Register = Extract<LogOn, { t: 'register' }>

/** What became of an `auth` or `register`. */
export type LoggedOn =
  | { ok: true; account: Account; addr: Address; ready: object; then?: () => void }
  | { ok: false; code: ServerCode; after?: number }

const no = (code: ServerCode, after?: number): LoggedOn => (after === undefined ? { ok: false, code } : { ok: false, code, after })

export interface From { challenge: Challenge; address: string | undefined }

export function logOn(context: Context, message: LogOn, from: From): LoggedOn {
  return message.t === 'auth' ? auth(context, message, from) : register(context, message, from)
}

/** [S6, S7] */
function auth(context: Context, message: Auth, { challenge, address }: From): LoggedOn {
  const { store, rates, server, verify, verifyAccount } = context
  const recHash = sha256(bytesOf(message.rec.p))
  const presented = present(context, message, recHash)
  if (presented === undefined) return no('bad-auth')
  const { ik, dev, dk, claimed } = presented

  // [S12] Refused before anything is verified.
  const failureKey = address === undefined ? undefined : `${address} ${ik}`
  const wait = failureKey === undefined ? 0 : rates.failures.wait(failureKey)
  if (wait > 0) return no('rate', wait)
  const input = authInput({ server, nonce: challenge.nonce, ts: challenge.ts, ik, dev, run: message.run, recHash })
  const isGenuine = message.dev === dev && (claimed === undefined || isRecordSigned(verifyAccount, claimed)) && verify(dk, input, bytesOf(message.sig))
  if (!isGenuine) {
    if (failureKey !== undefined) rates.failures.failed(failureKey)
    return no('bad-auth')
  }
  if (failureKey !== undefined) rates.failures.succeeded(failureKey)

  // Only now: whoever merely holds the record must not learn from the answer whether the account is there or its run has moved.
  const account = presented.account ?? store.accounts.byIk(bytesOf(ik))
  if (account === undefined) return no('not-found')
  const addr = addressOf(server, account.handle)
  const verdict = judgeLogOn({
    record: claimed === undefined ? 'same' : compareRecord(account, { seq: claimed.record.seq, rec_p: bytesOf(message.rec.p) }),
    isAddressOurs: claimed === undefined || claimed.record.addr === addr,
    isSameDevice: b64Of(account.dev) === dev && account.dk.equals(dk),
    lastRun: account.run,
    run: message.run,
  })
  if (verdict !== 'accept' && verdict !== 'accept-record') return no(verdict)
  const then = verdict === 'accept-record' ? takeRecord(context, account, claimed!) : undefined
  store.accounts.setRun(account.id, message.run)
  return { ok: true, account, addr, ready: ready(context, account, addr), ...(then === undefined ? {} : { then }) }
}

interface Presented { ik: Claimed['record']['ik']; dev: string; dk: Buffer; account?: Account; claimed?: Claimed }

/** A record this server keeps was verified when it came: it is found by its hash and not parsed again. Anything else is a claim. */
function present({ store }: Context, { rec }: Auth, recHash: Buffer): Presented | undefined {
  const account = store.accounts.byRecord(recHash)
  if (account !== undefined && account.rec_s.equals(bytesOf(rec.s))) {
    return { ik: b64Of(account.ik) as Presented['ik'], dev: b64Of(account.dev), dk: account.dk, account }
  }
  const claimed = parseRecord(rec)
  if (!claimed.ok) return undefined
  const { record, cert } = claimed.value
  return { ik: record.ik, dev: cert.dev, dk: bytesOf(cert.dk), claimed: claimed.value }
}

/** [S8, S9] In the order of S12: rate, invite and rules, signature. */
function register(context: Context, message: Register, { challenge, address }: From): LoggedOn {
  const { store, rates, server, verify, verifyAccount, clock } = context
  const now = clock.now()
  const wait = address === undefined ? 0 : rates.registrationsPerAddress.wait(address)
  if (wait > 0) return no('rate', wait)
  const parsed = parseRecord(message.rec)
  if (!parsed.ok) return no('bad-auth')
  const { record, cert } = parsed.value
  const { handle, server: where } = splitAddress(record.addr)
  if (where !== server) return no('denied')

  const ik = bytesOf(record.ik)
  const existing = store.accounts.byIk(ik)
  const owner = store.accounts.target(handle)
  const verdict = judgeRegistration({
    existing: existing && { isSameRecord: compareRecord(existing, { seq: record.seq, rec_p: bytesOf(message.rec.p) }) === 'same', run: existing.run },
    handle: owner !== undefined ? 'taken' : store.accounts.restsUntil(handle) > now ? 'resting' : 'free',
    needsCode: context.registration === 'code',
    isCodeGood: message.invite !== undefined && store.codes.isGood(message.invite, now),
  })
  if (verdict !== 'accept' && verdict !== 'again') return no(verdict)

  const recHash = sha256(bytesOf(message.rec.p))
  const isGenuine = message.dev === cert.dev && isRecordSigned(verifyAccount, parsed.value)
    && verify(bytesOf(cert.dk), registerInput(server, challenge.nonce, recHash), bytesOf(message.sig))
  if (!isGenuine) return no('bad-auth')

  if (verdict === 'accept') {
    if (address !== undefined) rates.registrationsPerAddress.take(address)
    if (context.registration === 'code') store.codes.use(message.invite!)
    // [S25] The day is enough for the limits of new accounts.
    const since = now - (now % DAY)
    store.accounts.add({ ik, handle, since, ...recordColumns(parsed.value) })
  }
  const account = store.accounts.byIk(ik)!
  return { ok: true, account, addr: record.addr, ready: ready(context, account, record.addr) }
}

/** An account in its first days gets fewer knocks. */
export const isNew = ({ clock, limits }: Context, since: number): boolean => clock.now() < since + limits.newForMs

function ready(context: Context, account: Account, addr: Address): object {
  const { store, limits, clock } = context
  const now = clock.now()
  const refused = account.knocks_refused
  if (refused > 0) store.accounts.knocksTold(account.id)
  const mail = store.mail.ofAccount(account.id, now)
  const lim: ServerLimits = {
    maxEnv: MAX_ENVELOPE, mailBytes: limits.mailBytes, mailCount: limits.mailCount, ttlMax: Math.floor(limits.ttlMs / 1000),
    knocksPerDay: (isNew(context, account.since) ? limits.newKnocksPerDay : limits.knocksPerDay).burst, turn: false,
  }
  return {
    t: 'ready', addr, lim, keys: { once: store.keys.countOnce(account.id, now), last: store.keys.lastUntil(account.id, now) },
    mail: { n: mail.n, bytes: mail.bytes }, acl: b64Of(aclState(context, account)), knocks: { refused },
  }
}

/** [C23] Computed once per change. */
function aclState({ store }: Context, account: Account): Buffer {
  if (account.acl_state !== null) return account.acl_state
  const state = store.acl.state(account.id)
  store.accounts.setAclState(account.id, state)
  return state
}
