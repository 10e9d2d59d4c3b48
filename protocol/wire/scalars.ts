import { z } from 'zod'
import type { Address, B64, ConvId, DevId, Dk, Handle, Ik, KeyId, Ms, RuleId, ServerName, Sid, Uuid7 } from '../ids.ts'
import { MAX_CERT, MAX_FEATURES, MAX_SIGNED } from '../limits.ts'
import { b64Size, parseB64 } from './bytes.ts'
import { isUsableKey } from './ed25519.ts'
import { type TextRule, textFault } from './text.ts'

/** The scalars of section 14 as schemas; the only place where a string becomes a branded id. */

/** [W4] base64url of exactly so many bytes, or of a range. */
export const b64 = (least: number, most = least): z.ZodType<B64> =>
  z.string().max(Math.ceil((most * 4) / 3)).refine((text) => {
    const size = b64Size(text)
    return size !== undefined && size >= least && size <= most
  }, { error: 'not base64url of that length', abort: true })

const as = <T extends string>(schema: z.ZodType<string>) => schema as unknown as z.ZodType<T>

/** [W3] A key that may be pinned. */
const edKey = b64(32).refine((text) => isUsableKey(parseB64(text)!), 'key of small order')

export const ik = as<Ik>(edKey)
export const dk = as<Dk>(edKey)
export const devId = as<DevId>(b64(16))
export const convId = as<ConvId>(b64(16))
export const sid = as<Sid>(b64(16))
export const keyId = as<KeyId>(b64(8))
export const ruleId = as<RuleId>(b64(8))
/** Hashes, tokens, secrets, nonces, X25519 keys: 32 bytes. */
export const bytes32 = b64(32)
export const signature = b64(64)

const MAX_SAFE = Number.MAX_SAFE_INTEGER
export const integer = (least: number, most: number) => z.number().int().min(least).max(most)
export const u32 = integer(0, 0xffff_ffff)
export const count = integer(0, MAX_SAFE)
/** Numbers that start at 1: n, run, sequence numbers. */
export const ordinal = integer(1, MAX_SAFE)
export const ms: z.ZodType<Ms> = integer(0, MAX_SAFE)
export const seconds = integer(0, MAX_SAFE)

export const uuid7 = as<Uuid7>(z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/))

const HANDLE = /^[a-z0-9][a-z0-9._-]{1,30}[a-z0-9]$/
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`)
const PORT = /^[1-9][0-9]{0,4}$/

/** [S2] Host name, lower case, with its port where that is not 443; or the name that a server without TLS has by its key. */
export function isServerName(text: string): boolean {
  const [host, port, ...more] = text.split(':')
  if (more.length > 0 || host === undefined || host.length > 253 || !HOST.test(host)) return false
  return port === undefined || (PORT.test(port) && Number(port) <= 65_535 && port !== '443' && !isKeyName(host))
}

/** [S2] `<16 letters of base32>.parley`: the name that proves its key. */
export const isKeyName = (server: string): boolean => server.endsWith('.parley')

export const handle = as<Handle>(z.string().max(32).regex(HANDLE))
export const serverName = as<ServerName>(z.string().max(259).refine(isServerName, 'server name'))
export const address = as<Address>(
  z.string().max(292).refine((text) => {
    const at = text.indexOf('@')
    return at > 0 && HANDLE.test(text.slice(0, at)) && isServerName(text.slice(at + 1))
  }, 'address'),
)

export function splitAddress(addr: Address): { handle: Handle; server: ServerName } {
  const at = addr.indexOf('@')
  return { handle: addr.slice(0, at) as Handle, server: addr.slice(at + 1) as ServerName }
}

export const text = (rule: TextRule) =>
  z.string().superRefine((value, context) => {
    const fault = textFault(value, rule)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })

/** [W9] Lowest and highest version understood. */
export const proto = z.tuple([integer(1, 0xffff), integer(1, 0xffff)]).refine(([min, max]) => min <= max, 'upside down')

export const FEATURE = /^[a-z0-9]{1,16}$/
export const isSortedUnique = (list: readonly string[]) => list.every((item, i) => i === 0 || list[i - 1]! < item)
export const features = z
  .array(z.string().regex(FEATURE))
  .max(MAX_FEATURES)
  .refine(isSortedUnique, 'features not sorted and unique')

/** `p` is the exact bytes that were signed; they are parsed only after the signature held [W2]. */
export const signed = (most: number = MAX_SIGNED) => z.strictObject({ p: b64(2, most), s: signature })
export const signedCert = signed(MAX_CERT)
export type Signed = z.infer<ReturnType<typeof signed>>
