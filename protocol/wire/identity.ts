import { z } from 'zod'
import type { B64, KeyId } from '../ids.ts'
import { BATCH_KEYS } from '../limits.ts'
import { fromB64, toB64 } from './bytes.ts'
import { isSmallOrderX25519 } from './ed25519.ts'
import { address, b64, bytes32, count, devId, dk, features, ik, integer, keyId, ms, signedCert } from './scalars.ts'

/** Section 14.2 and `Batch`: what identities sign and hand out. */

export const deviceCert = z.strictObject({ v: z.literal(1), ik, dev: devId, dk, seq: count, iat: ms })
export type DeviceCert = z.infer<typeof deviceCert>

export const accountRecord = z.strictObject({
  v: z.literal(1), ik, addr: address, seq: count, iat: ms, devs: z.array(signedCert).length(1),
})
export type AccountRecord = z.infer<typeof accountRecord>

/** [E22] An X25519 public key that leads somewhere. */
export const x25519 = bytes32.refine((key) => !isSmallOrderX25519(fromB64(key)), 'X25519 key of small order')

export const prekey = z.strictObject({
  v: z.literal(1), ik, dev: devId, id: keyId, pk: x25519, use: z.enum(['once', 'last-resort']), exp: ms,
})
export type Prekey = z.infer<typeof prekey>

const KEY_BYTES = 8 + 32
export const batch = z
  .strictObject({ b: integer(1, 0xffff_ffff), k: b64(BATCH_KEYS * KEY_BYTES), r: b64(KEY_BYTES), feat: features })
  .superRefine((value, context) => {
    const keys = batchKeys(value)
    if (new Set(keys.map((key) => key.id)).size !== keys.length) context.addIssue({ code: 'custom', message: 'key id twice' })
    if (keys.some((key) => isSmallOrderX25519(fromB64(key.pk)))) context.addIssue({ code: 'custom', message: 'X25519 key of small order' })
  })
export type Batch = z.infer<typeof batch>

/** The eight one-time keys and then the reusable one of a batch. */
export function batchKeys(of: { k: B64; r: B64 }): { id: KeyId; pk: B64; kind: 'k' | 'r' }[] {
  return [...split(fromB64(of.k), 'k'), ...split(fromB64(of.r), 'r')]
}

function split(bytes: Uint8Array, kind: 'k' | 'r') {
  return Array.from({ length: bytes.length / KEY_BYTES }, (_, i) => {
    const key = bytes.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES)
    return { id: toB64(key.subarray(0, 8)) as KeyId, pk: toB64(key.subarray(8)), kind }
  })
}
