import { z } from 'zod'
import { MAX_FETCH, MAX_RULES, MAX_SIGNED_POLICY, MAX_SUBSCRIPTIONS } from '../limits.ts'
import { b64, bytes32, count, features, address, devId, integer, ms, ordinal, proto, ruleId, seconds, serverName, signature, signed, text, u32 } from './scalars.ts'

/** Section 14.4: what a client and the signaling server say to each other. One JSON object a text message; `drop` and `mail` are binary. */

const code = z.string().min(1).max(64)

export const serverCodes = [
  'bad-frame', 'bad-auth', 'version', 'denied', 'not-found', 'taken', 'invite-required', 'pow-required',
  'rate', 'quota', 'too-big', 'expired', 'conflict', 'unavailable', 'replaced',
] as const
export type ServerCode = (typeof serverCodes)[number]
const serverCode = z.enum(serverCodes)

export const dropClass = z.enum(['msg', 'sig', 'knock'])
export type DropClass = z.infer<typeof dropClass>
export const right = z.enum(['drop', 'presence'])
export type Right = z.infer<typeof right>

const unique = (list: readonly unknown[]) => new Set(list).size === list.length

export const aclRule = z.strictObject({
  id: ruleId, h: bytes32, may: z.array(right).max(2).refine(unique), tomb: z.literal(true).optional(),
})
export type AclRule = z.infer<typeof aclRule>

export const shownState = z.enum(['on', 'away', 'busy', 'off'])
export type ShownState = z.infer<typeof shownState>
export const ownState = z.enum(['on', 'away', 'busy', 'hidden'])
export type OwnState = z.infer<typeof ownState>
export const knockMode = z.enum(['everyone', 'members', 'invite', 'nobody'])
export type KnockMode = z.infer<typeof knockMode>

const q = u32
const rec = signed()
const gate = bytes32.optional()
const tok = bytes32.optional()

/** [S1] The head of a binary `drop`; the envelope follows. */
export const dropHead = z.strictObject({
  t: z.literal('drop'), q, addr: address, tok, gate, cls: dropClass, ttl: seconds,
})
export type DropHead = z.infer<typeof dropHead>

export const c2s = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('hello'), proto, ua: text({ line: true, chars: 64 }), feat: features }),
  z.strictObject({ t: z.literal('auth'), rec, dev: devId, run: ordinal, sig: signature }),
  z.strictObject({
    t: z.literal('register'), q, rec, dev: devId, invite: code.optional(),
    pow: z.strictObject({ c: b64(16), n: b64(8) }).optional(), sig: signature,
  }),
  z.strictObject({ t: z.literal('reg.new'), q }),
  z.strictObject({ t: z.literal('account.put'), q, rec }),
  z.strictObject({ t: z.literal('account.get'), q, addr: address, gate, tok }),
  z.strictObject({ t: z.literal('account.delete'), q, sig: signature }),
  z.strictObject({ t: z.literal('keys.put'), q, once: z.array(rec).max(100), last: rec.optional(), replace: z.boolean() }),
  z.strictObject({ t: z.literal('keys.claim'), q, addr: address, gate, tok }),
  z.strictObject({ t: z.literal('acl.put'), q, rules: z.array(aclRule).max(MAX_RULES), replace: z.literal(true).optional() }),
  z.strictObject({ t: z.literal('acl.del'), q, ids: z.array(ruleId).max(MAX_RULES) }),
  z.strictObject({ t: z.literal('acl.get'), q, after: b64(8, 32).optional() }),
  z.strictObject({
    t: z.literal('acl.deny'), q, add: z.array(bytes32).max(1000), del: z.array(bytes32).max(1000), replace: z.literal(true).optional(),
  }),
  z.strictObject({ t: z.literal('knock.mode'), q, mode: knockMode, hashes: z.array(bytes32).max(64) }),
  z.strictObject({ t: z.literal('presence.set'), q, state: ownState, cls: z.array(ruleId).max(MAX_RULES) }),
  z.strictObject({
    t: z.literal('presence.sub'), q, add: z.array(z.strictObject({ addr: address, tok: bytes32 })).max(300),
    del: z.array(address).max(MAX_SUBSCRIPTIONS),
  }),
  z.strictObject({ t: z.literal('mail.next'), q, max: integer(1, MAX_FETCH) }),
  z.strictObject({ t: z.literal('mail.ack'), q, ids: z.array(z.string().min(1).max(64)).max(MAX_FETCH) }),
  z.strictObject({ t: z.literal('turn.get'), q }),
  z.strictObject({ t: z.literal('ping'), q }),
])
/** All that a client may send as text. `drop` is binary: see `dropHead`. */
export type C2S = z.infer<typeof c2s>

export const serverLimits = z.strictObject({
  maxEnv: count, mailBytes: count, mailCount: count, ttlMax: seconds, knocksPerDay: count, turn: z.boolean(),
})
export type ServerLimits = z.infer<typeof serverLimits>

/** [S1] The head of a binary `mail`; the envelope follows. */
export const mailHead = z.strictObject({ t: z.literal('mail'), id: z.string().min(1).max(64), cls: dropClass, at: ms })
export type MailHead = z.infer<typeof mailHead>

/** `r` of `ok`, by the request that is answered; requests not listed have none. */
export const results = {
  'reg.new': z.strictObject({ code, exp: ms }),
  'account.get': z.strictObject({ rec }),
  'keys.put': z.strictObject({ once: count }),
  'acl.get': z.strictObject({ rules: z.array(aclRule).max(500), deny: z.array(bytes32).max(500), more: z.boolean() }),
  'keys.claim': z.strictObject({ key: rec }),
  'presence.sub': z.strictObject({ denied: z.array(address).max(300) }),
  'mail.next': z.strictObject({ left: count }),
  'turn.get': z.strictObject({ urls: z.array(z.string().max(256)).max(8), user: z.string().max(255), pass: z.string().max(255), exp: ms }),
} as const
export type Results = { [K in keyof typeof results]: z.infer<(typeof results)[K]> }

export const s2c = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('challenge'), proto: integer(1, 0xffff), server: serverName, nonce: bytes32, ts: ms, feat: features,
    spk: bytes32, ssig: signature, policy: signed(MAX_SIGNED_POLICY).optional(),
  }),
  z.strictObject({
    t: z.literal('ready'), addr: address, lim: serverLimits, keys: z.strictObject({ once: count, last: ms }),
    mail: z.strictObject({ n: count, bytes: count }), acl: bytes32, knocks: z.strictObject({ refused: count }),
  }),
  z.strictObject({ t: z.literal('ok'), q, r: z.unknown().optional() }),
  z.strictObject({
    t: z.literal('err'), q, code: serverCode, after: seconds.optional(), msg: text({ chars: 200 }).optional(),
    pow: z.strictObject({ c: b64(16), bits: integer(0, 64) }).optional(),
  }),
  z.strictObject({ t: z.literal('presence'), addr: address, state: shownState, rv: b64(8).optional() }),
  z.strictObject({ t: z.literal('keys.low'), once: count }),
  z.strictObject({ t: z.literal('bye'), code: serverCode, after: seconds.optional() }),
])
/** All that the server may send as text. `mail` is binary: see `mailHead`. */
export type S2C = z.infer<typeof s2c>
export type Challenge = Extract<S2C, { t: 'challenge' }>
export type Ready = Extract<S2C, { t: 'ready' }>
