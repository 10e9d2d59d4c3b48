import { z } from 'zod'
import { MAX_ABOUT, MAX_CANDIDATES, MAX_CHUNK, MAX_FRAME, MAX_GAP, MAX_KNOCK_TEXT, MAX_NAME, MAX_RECEIPT_IDS, MAX_STATUS, MAX_TEXT } from '../limits.ts'
import { addressKind } from './addresses.ts'
import { type Result, refuse } from './codec.ts'
import { batch, x25519 } from './identity.ts'
import { parseJson } from './json.ts'
import { b64, bytes32, convId, count, devId, features, integer, keyId, ms, ordinal, proto, seconds, sid, signature, signed, signedCert, text, u32, uuid7 } from './scalars.ts'
import { utf8Length } from './text.ts'

/** Sections 14.5 to 14.9: what two buddies say to each other, in envelopes and on a link. */

const hash16 = b64(16)

// ---------- setting up a link ----------
export const candidate = z.strictObject({
  ip: z.string().max(45).refine((ip) => addressKind(ip) !== undefined, 'ip'),
  port: integer(1024, 65_535),
  typ: z.enum(['host', 'srflx', 'relay']),
  pri: u32,
  f: z.string().regex(/^[A-Za-z0-9+/]{1,32}$/),
})
/** A place a link may reach its sender at. */
export type Cand = z.infer<typeof candidate>

const candidates = z.array(candidate).max(MAX_CANDIDATES)

export const desc = z.strictObject({
  fp: bytes32,
  u: z.string().regex(/^[A-Za-z0-9+/]{4,32}$/),
  p: z.string().regex(/^[A-Za-z0-9+/]{22,64}$/),
  setup: z.enum(['actpass', 'active', 'passive']),
  mms: z.union([z.literal(0), integer(65_536, 0x7fff_ffff)]),
  c: candidates,
})
/** The fields of a WebRTC description; SDP itself never travels [L1]. */
export type Desc = z.infer<typeof desc>

const linkMode = z.enum(['relay', 'direct'])
export type LinkMode = z.infer<typeof linkMode>

const sigOffer = z.strictObject({
  t: z.literal('sig.offer'), id: uuid7, sid, exp: ms, mode: linkMode,
  d: desc.refine((d) => d.setup === 'actpass', 'setup'),
  rk: x25519, why: z.array(z.enum(['chat', 'file', 'group'])).min(1).max(3),
})
const sigAnswer = z.strictObject({
  t: z.literal('sig.answer'), id: uuid7, sid, oh: bytes32, mode: linkMode,
  d: desc.refine((d) => d.setup !== 'actpass', 'setup'), rk: x25519,
})
const sigCand = z.strictObject({ t: z.literal('sig.cand'), id: uuid7, sid, n: ordinal, c: candidates })
const sigEnd = z.strictObject({ t: z.literal('sig.end'), id: uuid7, sid, why: z.enum(['busy', 'declined', 'timeout', 'tie', 'done']) })
export type SigOffer = z.infer<typeof sigOffer>
export type SigAnswer = z.infer<typeof sigAnswer>
export type SigCand = z.infer<typeof sigCand>
export type SigEnd = z.infer<typeof sigEnd>

// ---------- proof on channel 0 ----------
export const logMode = z.enum(['off', 'session', 'disk', 'archive'])
export type LogMode = z.infer<typeof logMode>
export const logState = z.strictObject({
  mode: logMode, keep: seconds.optional(), by: text({ line: true, chars: 64, min: 1 }).optional(), since: ms, rev: count,
})
export type LogState = z.infer<typeof logState>

const hello = z.strictObject({
  t: z.literal('hello'), proto, sid, role: z.enum(['i', 'r']), cert: signedCert, rec: signed(), nonce: bytes32, feat: features,
  lim: z.strictObject({ frame: z.literal(MAX_FRAME), chunk: integer(16_384, MAX_CHUNK), window: integer(65_536, 8_388_608) }),
  log: logState, hb: u32, top: z.tuple([count, hash16]), now: ms,
})
const auth = z.strictObject({ t: z.literal('auth'), sig: signature })
export type Hello = z.infer<typeof hello>

// ---------- content ----------
const base = {
  id: uuid7, c: convId, n: ordinal, ph: hash16, ts: ms, lg: logMode, lr: count, ls: count,
}
/** [W25] What every durable frame has, whatever its `t`: enough to give it its number. */
export const frameBase = z.object({ t: z.string().min(1).max(32), ...base })
export type FrameBase = z.infer<z.ZodObject<typeof base>>

const messageText = z.string().superRefine((value, context) => {
  const size = utf8Length(value)
  if (size < 1 || size > MAX_TEXT) context.addIssue({ code: 'custom', message: 'too long' })
}).and(text({})) as unknown as z.ZodType<string>
const fmt = z.enum(['plain', 'md'])
const id16 = b64(16)
const fileName = text({ line: true, bytes: 255, min: 1 })
const size = count

const fileOffer = z.strictObject({
  fid: id16, name: fileName, size, mtime: ms.optional(), mime: text({ line: true, chars: 100 }).optional(),
  piece: ordinal, root: bytes32.nullable(), note: text({ chars: MAX_KNOCK_TEXT }).optional(), exp: ms,
})
export type FileOffer = z.infer<typeof fileOffer>

const grapheme = z.string().min(1).refine((value) => utf8Length(value) <= 32, 'too long').and(text({ line: true })) as unknown as z.ZodType<string>

const durable = [
  z.strictObject({ t: z.literal('msg'), ...base, text: messageText, fmt, re: uuid7.optional(), ttl: seconds.optional() }),
  z.strictObject({ t: z.literal('logging'), ...base, state: logState }),
  z.strictObject({ t: z.literal('grant'), ...base, tok: bytes32, rev: ordinal }),
  z.strictObject({ t: z.literal('left'), ...base }),
  z.strictObject({
    t: z.literal('profile'), ...base, rev: ordinal, name: text({ line: true, chars: MAX_NAME, min: 1 }).optional(),
    status: text({ line: true, chars: MAX_STATUS }).optional(), about: text({ chars: MAX_ABOUT }).optional(),
    avatar: fileOffer.refine((f) => f.size <= 262_144, 'too big').optional(),
  }),
  z.strictObject({ t: z.literal('file.offer'), ...base, f: fileOffer }),
  z.strictObject({
    t: z.literal('share.offer'), ...base, share: id16, name: fileName, files: count, bytes: size, exp: ms.optional(), once: z.literal(true).optional(),
  }),
  z.strictObject({ t: z.literal('edit'), ...base, of: uuid7, text: messageText, fmt }),
  z.strictObject({ t: z.literal('retract'), ...base, of: uuid7 }),
  z.strictObject({ t: z.literal('react'), ...base, of: uuid7, add: grapheme.optional(), del: grapheme.optional() })
    .refine((f) => f.add !== undefined || f.del !== undefined, 'neither add nor del'),
  z.strictObject({ t: z.literal('retention'), ...base, ttl: seconds, rev: ordinal }),
  z.strictObject({ t: z.literal('log.ask'), ...base, want: z.enum(['may', 'mustnot']), rev: ordinal }),
  z.strictObject({ t: z.literal('log.answer'), ...base, rev: ordinal, ok: z.boolean(), why: z.enum(['user', 'policy']).optional() }),
] as const

// ---------- notices: not numbered, safe to lose and to repeat ----------
const fileEnd = [
  z.strictObject({ t: z.literal('file.reject'), fid: id16, why: z.enum(['user', 'policy', 'space', 'type']) }),
  z.strictObject({ t: z.literal('file.stop'), fid: id16, why: z.enum(['user', 'changed', 'io', 'hash', 'policy', 'gone', 'superseded']) }),
] as const

const span = { from: ordinal, to: ordinal }
const inOrder = (f: { from: number; to: number }) => f.from <= f.to

const notices = [
  z.strictObject({
    t: z.literal('rcpt'), c: convId, kind: z.enum(['got', 'read']), dev: devId, upTo: count.optional(),
    ids: z.array(uuid7).max(MAX_RECEIPT_IDS).optional(),
  }),
  z.strictObject({ t: z.literal('gap'), c: convId, dev: devId, ...span }).refine((f) => inOrder(f) && f.to - f.from < MAX_GAP, 'from, to'),
  z.strictObject({ t: z.literal('void'), c: convId, ...span, h: hash16 }).refine(inOrder, 'from, to'),
  z.strictObject({ t: z.literal('pre'), hb: u32, next: batch.optional(), lost: z.array(keyId).max(32).optional() }),
  z.strictObject({ t: z.literal('nak'), of: uuid7, code: z.enum(['unsupported', 'too-big', 'policy', 'gone']) }),
  ...fileEnd,
] as const

// ---------- only on a link ----------
const ranges = z.array(z.tuple([count, count])).max(256).refine(
  (list) => list.every(([first, last], i) => first <= last && (i === 0 || list[i - 1]![1] < first)), 'ranges not sorted and disjoint')
const q = u32
const entryShape = { e: id16, name: fileName, k: z.enum(['f', 'd']), s: size, m: ms }
const dir = z.union([id16, z.literal('')])

const transient = [
  z.strictObject({ t: z.literal('ping'), k: count }),
  z.strictObject({ t: z.literal('pong'), k: count }),
  z.strictObject({ t: z.literal('bye'), why: z.enum(['off', 'idle', 'change']) }),
  z.strictObject({ t: z.literal('typing'), c: convId, on: z.boolean() }),
  z.strictObject({ t: z.literal('file.accept'), fid: id16, have: ranges.optional(), rate: ordinal.optional() }),
  z.strictObject({ t: z.literal('file.manifest'), fid: id16, from: count, hashes: b64(32, 512 * 32).refine((h) => (h.length * 3 / 4 | 0) % 32 === 0, 'hashes') }),
  z.strictObject({ t: z.literal('file.pull'), fid: id16, x: u32, from: count, to: count }).refine(inOrder, 'from, to'),
  z.strictObject({ t: z.literal('file.pause'), fid: id16, on: z.boolean() }),
  z.strictObject({ t: z.literal('file.done'), fid: id16, root: bytes32 }),
  z.strictObject({ t: z.literal('share.ls'), q }),
  z.strictObject({
    t: z.literal('share.shares'), q,
    list: z.array(z.strictObject({ share: id16, name: fileName, files: count, bytes: size, exp: ms })).max(100),
  }),
  z.strictObject({ t: z.literal('share.dir'), q, share: id16, dir, after: id16.optional(), max: integer(1, 500) }),
  z.strictObject({ t: z.literal('share.entries'), q, list: z.array(z.strictObject(entryShape)).max(500), more: z.boolean() }),
  z.strictObject({ t: z.literal('share.find'), q, share: id16.optional(), text: text({ line: true, chars: 64, min: 3 }), max: integer(1, 200) }),
  z.strictObject({ t: z.literal('share.hits'), q, list: z.array(z.strictObject({ ...entryShape, share: id16, dir })).max(200), more: z.boolean() }),
  z.strictObject({ t: z.literal('share.get'), q, share: id16, e: id16 }),
  z.strictObject({ t: z.literal('share.file'), q, f: fileOffer }),
  z.strictObject({ t: z.literal('share.err'), q, code: z.enum(['gone', 'busy', 'limit']), after: seconds.optional() }),
] as const

// ---------- knocks ----------
const name = text({ line: true, chars: MAX_NAME, min: 1 })
const greeting = {
  id: uuid7, rec: signed(), name, proof: bytes32.optional(), next: batch, tok: bytes32, log: logState, proto,
}
const knock = z.strictObject({ t: z.literal('knock'), text: text({ chars: MAX_KNOCK_TEXT }), ...greeting })
const knockOk = z.strictObject({ t: z.literal('knock.ok'), ...greeting })
export type Knock = z.infer<typeof knock>
export type KnockOk = z.infer<typeof knockOk>

const durableUnion = z.discriminatedUnion('t', [...durable])
const noticeUnion = z.discriminatedUnion('t', [...notices])
const transientUnion = z.discriminatedUnion('t', [...transient])
const frame = z.discriminatedUnion('t', [
  ...durable, ...notices, ...transient, knock, knockOk, sigOffer, sigAnswer, sigCand, sigEnd, hello, auth,
])

export type Durable = z.infer<typeof durableUnion>
export type Notice = z.infer<typeof noticeUnion>
export type Transient = z.infer<typeof transientUnion>
export type FileEnd = Extract<Notice, { t: `file.${string}` }>
export type FileFrame = Extract<Transient, { t: `file.${string}` }>
export type ShareFrame = Extract<Transient, { t: `share.${string}` }>
export type Frame = z.infer<typeof frame>
export type FrameType = Frame['t']
/** The content of a durable frame: without what numbering adds. */
export type Content = Durable extends infer D ? (D extends Durable ? Omit<D, keyof FrameBase> : never) : never

const typesOf = (list: readonly { shape?: unknown }[]) =>
  new Set(list.map((schema) => (schema as unknown as { shape: { t: { value: string } } }).shape.t.value))
const DURABLE = typesOf(durable)
const NOTICE = typesOf(notices)
const TRANSIENT = typesOf(transient)

export const isDurable = (f: Frame): f is Durable => DURABLE.has(f.t)
export const isNotice = (f: Frame): f is Notice => NOTICE.has(f.t)
export const isTransient = (f: Frame): f is Transient => TRANSIENT.has(f.t)

/** Frames whose parts a later release adds: parsed, and a durable one is answered `nak unsupported`. */
const RESERVED: ReadonlySet<string> = new Set([
  'edit', 'retract', 'react', 'retention', 'log.ask', 'log.answer',
])
export const isReserved = (t: string) => RESERVED.has(t)

/** A frame as read: known, or unknown but numbered [W25]. */
export type Read = { known: true; frame: Frame } | { known: false; base: FrameBase & { t: string } }

/** One frame of the wire. Oversized, malformed and unknown unnumbered ones are refused. */
export function parseFrame(bytes: Uint8Array): Result<Read> {
  if (bytes.length > MAX_FRAME) return refuse('too big')
  const json = parseJson(bytes)
  if (!json.ok) return json
  const t = (json.value as { t?: unknown } | null)?.t
  if (typeof t !== 'string') return refuse('t')
  if (KNOWN.has(t)) {
    const shaped = frame.safeParse(json.value)
    return shaped.success ? { ok: true, value: { known: true, frame: shaped.data } } : refuse(shaped.error.issues[0]?.message ?? 'shape')
  }
  const numbered = frameBase.safeParse(json.value)
  return numbered.success ? { ok: true, value: { known: false, base: numbered.data } } : refuse('unknown t')
}

const KNOWN: ReadonlySet<string> = new Set<string>([
  ...DURABLE, ...NOTICE, ...TRANSIENT, 'knock', 'knock.ok', 'sig.offer', 'sig.answer', 'sig.cand', 'sig.end', 'hello', 'auth',
])
