import type { DevId, KeyId, Ms } from '../ids.ts'
import { BATCH_KEYS, MAX_CERT, MAX_FRAME, MAX_FRAMES_PER_ENVELOPE } from '../limits.ts'
import { type Bytes, concat, fromB64, reader, toB64, u16be, u32be, u64be, utf8, utf8Text } from './bytes.ts'
import { ENVELOPE_EXTRA, PLAINTEXT_SIZES, type Result, refuse } from './codec.ts'
import { type Batch, batch } from './identity.ts'

/** Section 4.1: the layout of an envelope, as bytes. Sealing and signing are main/envelopes. */

export const ENVELOPE_VERSION = 1
export const ENVELOPE_SUITE = 1
export const HEAD_LENGTH = 26
export const ENC_LENGTH = 32

export interface EnvelopeHead { dev: DevId; key: KeyId }

export function writeHead({ dev, key }: { dev: Uint8Array; key: Uint8Array }): Bytes {
  return concat(Uint8Array.of(ENVELOPE_VERSION, ENVELOPE_SUITE), dev, key)
}

/** [E10] The parts of an envelope in clear. */
export function readEnvelope(bytes: Bytes): Result<{ head: EnvelopeHead; aad: Bytes; enc: Bytes; sealed: Bytes }> {
  if (bytes.length < ENVELOPE_EXTRA) return refuse('truncated')
  if (bytes[0] !== ENVELOPE_VERSION) return refuse('version')
  if (bytes[1] !== ENVELOPE_SUITE) return refuse('suite')
  const aad = bytes.subarray(0, HEAD_LENGTH)
  const head = { dev: toB64(aad.subarray(2, 18)) as DevId, key: toB64(aad.subarray(18)) as KeyId }
  return { ok: true, value: { head, aad, enc: bytes.subarray(HEAD_LENGTH, HEAD_LENGTH + ENC_LENGTH), sealed: bytes.subarray(HEAD_LENGTH + ENC_LENGTH) } }
}

/** [E2] Bytes of a plaintext that holds this much, or undefined where none can. */
export function paddedSize(inner: number): number | undefined {
  return PLAINTEXT_SIZES.find((size) => size >= inner + 4)
}

export function pad(inner: Uint8Array): Bytes {
  const size = paddedSize(inner.length)
  if (size === undefined) throw new RangeError('inner too big: callers pack frames by packedSize')
  const out = new Uint8Array(size)
  out.set(u32be(inner.length))
  out.set(inner, 4)
  return out
}

export function unpad(plain: Bytes): Result<Bytes> {
  if (!(PLAINTEXT_SIZES as readonly number[]).includes(plain.length)) return refuse('size')
  const length = reader(plain).u32()!
  if (length > plain.length - 4) return refuse('length')
  let rest = 0
  for (let i = 4 + length; i < plain.length; i++) rest |= plain[i]!
  return rest === 0 ? { ok: true, value: plain.subarray(4, 4 + length) } : refuse('padding')
}

export interface Inner { id: Bytes; time: Ms; certP: Bytes; certS: Bytes; sig: Bytes; body: Bytes }

export function writeInner(inner: Inner): Bytes {
  return concat(inner.id, u64be(inner.time), u16be(inner.certP.length), inner.certP, inner.certS, inner.sig, inner.body)
}

export function readInner(bytes: Bytes): Result<Inner> {
  const from = reader(bytes)
  const id = from.take(16)
  if (id === undefined || from.left() < 8) return refuse('truncated')
  const time = from.u64()
  if (time === undefined) return refuse('number')
  const certP = from.take(from.u16() ?? -1)
  if (certP !== undefined && certP.length > MAX_CERT) return refuse('certificate too long')
  const certS = from.take(64)
  const sig = from.take(64)
  if (certP === undefined || certS === undefined || sig === undefined) return refuse('truncated')
  return { ok: true, value: { id, time, certP, certS, sig, body: from.rest() } }
}

export interface Body { frames: Bytes[]; hb: number; next?: Batch }

const FIXED_IN_BODY = 1 + 1 + 4
const FIXED_IN_INNER = 16 + 8 + 2 + 64 + 64

/** Bytes of the inner part with these frames: what packing must keep within the largest padded size. */
export function packedSize(frameLengths: number[], certLength: number, next: Batch | undefined): number {
  const frames = frameLengths.reduce((sum, length) => sum + 4 + length, 0)
  return FIXED_IN_INNER + certLength + FIXED_IN_BODY + frames + (next === undefined ? 0 : batchBytes(next).length)
}

export function writeBody({ frames, hb, next }: Body): Bytes {
  const parts: Uint8Array[] = [Uint8Array.of(frames.length)]
  for (const frame of frames) parts.push(u32be(frame.length), frame)
  parts.push(Uint8Array.of(next === undefined ? 0 : 1), u32be(hb))
  if (next !== undefined) parts.push(batchBytes(next))
  return concat(...parts)
}

export function readBody(bytes: Bytes): Result<Body> {
  const from = reader(bytes)
  const n = from.u8()
  if (n === undefined) return refuse('truncated')
  if (n < 1 || n > MAX_FRAMES_PER_ENVELOPE) return refuse('count')
  const frames: Bytes[] = []
  for (let i = 0; i < n; i++) {
    const length = from.u32()
    if (length === undefined) return refuse('truncated')
    if (length < 1 || length > MAX_FRAME) return refuse('frame length')
    const frame = from.take(length)
    if (frame === undefined) return refuse('truncated')
    frames.push(frame)
  }
  const hasNext = from.u8()
  const hb = from.u32()
  if (hasNext === undefined || hb === undefined) return refuse('truncated')
  if (hasNext > 1) return refuse('hasNext')
  if (hasNext === 0) return from.left() === 0 ? { ok: true, value: { frames, hb } } : refuse('bytes after the body')
  const next = readBatch(from.rest())
  return next.ok ? { ok: true, value: { frames, hb, next: next.value } } : next
}

/** [E5] A batch as it stands in a body. */
export function batchBytes(value: Batch): Bytes {
  const feat = utf8(value.feat.join(','))
  return concat(u32be(value.b), Uint8Array.of(BATCH_KEYS), fromB64(value.k), fromB64(value.r), u16be(feat.length), feat)
}

function readBatch(bytes: Bytes): Result<Batch> {
  const from = reader(bytes)
  const b = from.u32()
  const nk = from.u8()
  if (b === undefined || nk === undefined) return refuse('truncated')
  if (nk !== BATCH_KEYS) return refuse('nk')
  const k = from.take(BATCH_KEYS * 40)
  const r = from.take(40)
  const list = from.take(from.u16() ?? -1)
  if (k === undefined || r === undefined || list === undefined) return refuse('truncated')
  if (from.left() !== 0) return refuse('bytes after the body')
  const text = utf8Text(list)
  if (text === undefined) return refuse('feature')
  const shaped = batch.safeParse({ b, k: toB64(k), r: toB64(r), feat: text === '' ? [] : text.split(',') })
  return shaped.success ? { ok: true, value: shaped.data } : refuse(shaped.error.issues[0]?.message ?? 'batch')
}
