import type { z } from 'zod'
import { MAX_ENVELOPE, MAX_WS_MESSAGE } from '../limits.ts'
import { type Bytes, concat, reader, u16be, utf8 } from './bytes.ts'
import { parseJson } from './json.ts'
import { c2s, type DropHead, dropHead, type MailHead, mailHead, s2c } from './signaling.ts'

/** What a parser of the wire answers: the value, or the words why not (for logs and tests; never shown, never sent). */
export type Result<T> = { ok: true; value: T } | { ok: false; why: string }

export const refuse = (why: string) => ({ ok: false, why }) as const

/** JSON by W5, then the shape. */
export function parseAs<T>(schema: z.ZodType<T>, bytes: Uint8Array): Result<T> {
  const json = parseJson(bytes)
  if (!json.ok) return json
  const shaped = schema.safeParse(json.value)
  return shaped.success ? { ok: true, value: shaped.data } : refuse(shaped.error.issues[0]?.message ?? 'shape')
}

export const parseC2S = (bytes: Uint8Array) => (bytes.length > MAX_WS_MESSAGE ? refuse('too big') : parseAs(c2s, bytes))
export const parseS2C = (bytes: Uint8Array) => (bytes.length > MAX_WS_MESSAGE ? refuse('too big') : parseAs(s2c, bytes))

const VERSION = 1
const SUITE = 1
/** [4.1, E2] What a plaintext may measure, padding included, and what an envelope of ours measures on the wire. */
export const PLAINTEXT_SIZES = [1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_024] as const
/** Head, `enc` and tag around the plaintext. */
export const ENVELOPE_EXTRA = 26 + 32 + 16
const ENVELOPE_SIZES = new Set<number>(PLAINTEXT_SIZES.map((size) => size + ENVELOPE_EXTRA))

/** [E2] An envelope is never empty or over the limit, and has one of our sizes where version and suite are ours. */
function isEnvelopeShaped(envelope: Uint8Array): boolean {
  if (envelope.length < 26 || envelope.length > MAX_ENVELOPE) return false
  return envelope[0] !== VERSION || envelope[1] !== SUITE || ENVELOPE_SIZES.has(envelope.length)
}

/** [S1] `u16be head length | JSON head | envelope`. The envelope is handed on unparsed. */
function parseBinary<T>(schema: z.ZodType<T>, bytes: Bytes): Result<{ head: T; envelope: Bytes }> {
  if (bytes.length > MAX_WS_MESSAGE) return refuse('too big')
  const from = reader(bytes)
  const length = from.u16()
  const headBytes = length === undefined ? undefined : from.take(length)
  if (headBytes === undefined) return refuse('truncated')
  const head = parseAs(schema, headBytes)
  if (!head.ok) return head
  const envelope = from.rest()
  return isEnvelopeShaped(envelope) ? { ok: true, value: { head: head.value, envelope } } : refuse('envelope size')
}

export const parseDrop = (bytes: Bytes) => parseBinary<DropHead>(dropHead, bytes)
export const parseMail = (bytes: Bytes) => parseBinary<MailHead>(mailHead, bytes)

export function binaryMessage(head: DropHead | MailHead, envelope: Uint8Array): Bytes {
  const json = utf8(JSON.stringify(head))
  return concat(u16be(json.length), json, envelope)
}
