import { MAX_RULES } from '../../protocol/limits.ts'
import { denyInput } from '../../protocol/wire/tbs.ts'
import type { Ik } from '../../protocol/ids.ts'
import type { Mail } from '../backplane/backplane.ts'
import { fits, fitsAccount, judgeAcknowledged, judgeKnock, judgeToken } from '../broker.ts'
import { b64Of, sha256 } from '../crypto.ts'
import type { Live } from '../live.ts'
import { takeAll } from '../rates.ts'
import { type DropRequest, type Request, unreachable } from '../session.ts'
import { IS_TOMBSTONE } from '../store/acl.ts'
import type { Target } from '../store/accounts.ts'
import type { Deposit } from '../store/mail.ts'
import { accountAt, type Context, type Done, err, ok, ruleHash } from './context.ts'
import { isNew } from './log-on.ts'

type Of<T extends Request['t']> = Extract<Request, { t: T }>

/** [4.1] Where the recipient's device stands in an envelope; all the server reads of one. */
const DEVICE_FROM = 2
const DEVICE_TO = 18
/** Of SHA-256(envelope): told apart by 128 bits among a few hundred. */
const HASH_LENGTH = 16

/** [S18, S19] */
export function drop(context: Context, live: Live, request: DropRequest): Done {
  const { rates } = context
  const { cls } = request.head
  switch (cls) {
    case 'msg': {
      const wait = takeAll([rates.drops, live.account])
      return wait > 0 ? err('rate', wait) : dropMessage(context, live, request)
    }
    case 'sig': {
      const wait = takeAll([rates.sigs, live.account])
      return wait > 0 ? err('rate', wait) : dropSignal(context, live, request)
    }
    case 'knock': return dropKnock(context, live, request)
    default: return unreachable(cls)
  }
}

const isFor = (account: Target, envelope: Uint8Array): boolean => account.dev.equals(envelope.subarray(DEVICE_FROM, DEVICE_TO))
const hashOf = (envelope: Uint8Array): Buffer => sha256(envelope).subarray(0, HASH_LENGTH)

type Opened = { ok: true; isPretence: boolean; account: Target; tok: Buffer } | { ok: false; code: 'denied' | 'not-found' }

/** What a token hashes to for this session's holder: asked for with every deposit, and always the same. */
function hashFor(live: Live, token: string): Buffer {
  const known = live.ruleHashes.get(token)
  if (known !== undefined) return known
  if (live.ruleHashes.size >= MAX_RULES) live.ruleHashes.clear()
  const hash = ruleHash(token, live.ik)
  live.ruleHashes.set(token, hash)
  return hash
}

/** [C20] What the token in a head opens at this address. */
function open(context: Context, live: Live, { head, envelope }: DropRequest): Opened {
  const account = accountAt(context, head.addr)
  if (account === undefined || head.tok === undefined) return { ok: false, code: 'denied' }
  const tok = hashFor(live, head.tok)
  const verdict = judgeToken(context.store.acl.rule(account.id, tok), isFor(account, envelope))
  return verdict === 'denied' || verdict === 'not-found' ? { ok: false, code: verdict } : { ok: true, isPretence: verdict === 'pretend', account, tok }
}

function dropMessage(context: Context, live: Live, request: DropRequest): Done {
  const { store, clock, limits } = context
  const opened = open(context, live, request)
  if (!opened.ok) return err(opened.code)
  const { account, tok, isPretence } = opened
  const { envelope, head } = request
  const now = clock.now()
  const hash = hashOf(envelope)
  if (store.mail.isWaiting(account.id, tok, hash, now)) return ok()
  if (!fits(envelope.length, store.mail.ofToken(account.id, tok, now), () => store.mail.ofAccount(account.id, now), limits)) return err('quota')
  const deposit: Deposit = {
    account: account.id, id: context.mailId(), cls: 'msg', tok, hash, at: now,
    expires: now + Math.min(head.ttl * 1000, limits.ttlMs), size: envelope.length,
  }
  if (isPretence) {
    store.mail.storeGhost(deposit)
    return ok()
  }
  return { ...ok(), then: announce(context, deposit, store.mail.store(deposit, envelope), envelope) }
}

const announce = ({ backplane }: Context, { account, id, cls, at }: Deposit, seq: number, envelope: Uint8Array) => () =>
  backplane.say({ t: 'mail', account, mail: { id, cls, at, envelope, seq } })

/** [S19] In memory only; `ok` whether or not anyone is there. */
function dropSignal(context: Context, live: Live, request: DropRequest): Done {
  const opened = open(context, live, request)
  if (!opened.ok) return err(opened.code)
  const { account, tok, isPretence } = opened
  const { clock, mailId, lives, signals, backplane } = context
  const { envelope, head } = request
  const at = clock.now()
  return {
    ...ok(),
    then() {
      if (isPretence) return
      const mail: Mail = { id: mailId(), cls: 'sig', at, envelope }
      if (lives.has(account.id)) backplane.say({ t: 'mail', account: account.id, mail })
      else signals.hold({ account: account.id, tok: tok.toString('latin1'), hash: hashOf(envelope).toString('latin1'), at, envelope }, head.ttl * 1000)
    },
  }
}

/** [C6] Answered `ok` whatever becomes of it, and written as much for. */
function dropKnock(context: Context, live: Live, { head, envelope }: DropRequest): Done {
  const { store, clock, limits, recent, rates } = context
  const now = clock.now()
  const size = envelope.length
  const account = accountAt(context, head.addr)
  const [burst, daily] = isNew(context, store.accounts.since(live.account)) ? [rates.newKnocks, rates.newKnocksPerDay] : [rates.knocks, rates.knocksPerDay]
  const isOverRate = takeAll([burst, live.account], [daily, live.account], [rates.knocksPerAddress, live.address]) > 0
  const hash = hashOf(envelope)
  if (account === undefined || store.mail.isWaiting(account.id, null, hash, now)) {
    store.mail.fill(size)
    return ok()
  }
  const isGate = head.gate !== undefined && store.acl.isGate(account.id, head.gate)
  const rule = head.tok === undefined ? undefined : store.acl.rule(account.id, ruleHash(head.tok, live.ik))
  const verdict = judgeKnock({
    mode: account.knock_mode, isGate, isForDevice: isFor(account, envelope),
    isDenied: store.acl.isDenied(account.id, sha256(denyInput(b64Of(account.ik) as Ik, live.ik))),
    isTombstone: rule !== undefined && (rule.flags & IS_TOMBSTONE) !== 0,
    isOverRate, isAgain: recent.hasKnocked(live.account, account.id),
    slots: store.mail.slots(account.id, now), isRoom: fitsAccount(size, store.mail.ofAccount(account.id, now), limits),
  }, limits)
  if (verdict === 'swallow') {
    store.accounts.knockRefused(account.id)
    store.mail.fill(size)
    return ok()
  }
  const deposit: Deposit = {
    account: account.id, id: context.mailId(), cls: 'knock', tok: null, hash, at: now,
    expires: now + Math.min(head.ttl * 1000, limits.knockTtlMs), size,
  }
  const seq = store.mail.store(deposit, envelope)
  store.mail.addSlot(account.id, now + limits.knockTtlMs, isGate)
  recent.knocked(live.account, account.id)
  return { ...ok(), then: announce(context, deposit, seq, envelope) }
}

// ---------- fetching ----------

/** [S20] Rows not sent in this session yet, as many as may be on their way. */
function send(context: Context, live: Live, most: number) {
  const { store, clock, limits } = context
  const room = Math.min(most, limits.unacknowledged - live.mail.unacknowledged.size)
  if (room <= 0) return
  for (const { seq, id, cls, at, body } of store.mail.after(live.account, live.mail.sent, clock.now(), room)) {
    live.mail.sent = seq
    live.mail.unacknowledged.set(id, seq)
    live.push({ id, cls, at, envelope: body })
  }
}

const countLeft = ({ store, clock }: Context, live: Live) => store.mail.countAfter(live.account, live.mail.sent, clock.now())

/** [S20] The envelopes first, then how many are left. */
export function nextMail(context: Context, live: Live, { max }: Of<'mail.next'>): Done {
  const r = { left: 0 }
  return {
    ...ok(r),
    first() {
      send(context, live, max)
      r.left = countLeft(context, live)
      live.mail.isPushing ||= r.left === 0
      live.mail.isCaughtUp = r.left === 0
    },
  }
}

/** [S21] Deleted, or kept counting where its sender must not see that it was fetched [P5, C32]. Unknown ids are fine. */
export function acknowledge(context: Context, live: Live, { ids }: Of<'mail.ack'>): Done {
  const { store, clock, limits } = context
  const now = clock.now()
  for (const id of ids) {
    const seq = live.mail.unacknowledged.get(id) ?? store.mail.seqOf(live.account, id)
    const row = seq === undefined ? undefined : store.mail.tokenOf(live.account, seq)
    if (seq === undefined || row === undefined) continue
    const verdict = row.tok === null ? 'remove' : judgeAcknowledged(store.acl.rule(live.account, row.tok), live.presence)
    switch (verdict) {
      case 'remove': store.mail.remove(seq); break
      case 'ghost': store.mail.toGhost(seq); break
      case 'hold': store.mail.hold(seq, now + limits.heldMs); break
      default: unreachable(verdict)
    }
  }
  return {
    ...ok(),
    then() {
      for (const id of ids) live.mail.unacknowledged.delete(id)
      goOn(context, live)
    },
  }
}

/** [S20] After an acknowledgement at the limit the server goes on. */
function goOn(context: Context, live: Live) {
  if (!live.mail.isPushing || live.mail.isCaughtUp) return
  send(context, live, context.limits.unacknowledged)
  live.mail.isCaughtUp = countLeft(context, live) === 0
}

/** Mail has come for a session of this process. */
export function deliver(context: Context, live: Live, mail: Mail) {
  if (mail.seq === undefined) return live.push(mail)
  const box = live.mail
  if (box.isPushing && box.isCaughtUp && box.unacknowledged.size < context.limits.unacknowledged && mail.seq > box.sent) {
    box.sent = mail.seq
    box.unacknowledged.set(mail.id, mail.seq)
    live.push(mail)
  } else if (mail.seq > box.sent) {
    box.isCaughtUp = false
  }
}
