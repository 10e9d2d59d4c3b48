import { createHmac, createPrivateKey, createPublicKey, hash, type KeyObject, sign as nodeSign, timingSafeEqual, verify as nodeVerify } from 'node:crypto'
import type { B64, ConvId, Ik, KeyId, ServerName } from '../../protocol/ids.ts'
import { type Bytes, concat, fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import { strictVerify } from '../../protocol/wire/ed25519.ts'
import { conversationInput, denyInput, frameInput, GATE_INPUT, PROOF_KEY_INPUT, ruleInput, safetyInput } from '../../protocol/wire/tbs.ts'

/** The primitives, all from node:crypto, and what the protocol derives with a single hash. No other file of the core hashes or signs. */

export const sha256 = (bytes: Uint8Array): Bytes => plain(hash('sha256', bytes, 'buffer'))
const sha512 = (bytes: Uint8Array): Bytes => plain(hash('sha512', bytes, 'buffer'))
export const hmac256 = (key: Uint8Array, bytes: Uint8Array): Bytes => plain(createHmac('sha256', key).update(bytes).digest())
const plain = (buffer: Buffer): Bytes => new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.length)

export const sameSecret = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

// RFC 8410: a raw Ed25519 seed or point is these bytes and then the 32 of the key.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** A signing key made of its 32-byte seed. */
export interface Signer {
  /** Public key, 32 bytes as B64. */
  readonly pub: B64
  sign(message: Uint8Array): Bytes
}

export function signerOf(seed: Uint8Array): Signer {
  const key = createPrivateKey({ key: concat(PKCS8, seed) as unknown as Buffer, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    pub: toB64(spki.subarray(SPKI.length)),
    sign: (message) => plain(nodeSign(null, message, key)),
  }
}

function publicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: concat(SPKI, raw) as unknown as Buffer, format: 'der', type: 'spki' })
}

/** [W3] The only verification of Ed25519 in the core. */
export const verify = strictVerify((key, message, signature) => nodeVerify(null, message, publicKey(key), signature))

/** The same with the key and signature as they stand in JSON. */
export const verifyB64 = (key: B64, message: Uint8Array, signature: B64): boolean => verify(fromB64(key), message, fromB64(signature))

// ---------- derived ----------
/** [W11] */
export const conversationOf = (a: Ik, b: Ik): ConvId => toB64(sha256(conversationInput(a, b)).subarray(0, 16)) as ConvId
/** [W12] h(n) of a frame's exact bytes. */
export const frameHash = (frame: Uint8Array): B64 => toB64(sha256(frameInput(frame)).subarray(0, 16))
/** [W12] `ph` of frame 1. */
export const NO_HASH: B64 = toB64(new Uint8Array(16))
/** [C20] */
export const ruleHash = (token: B64, holder: Ik): B64 => toB64(sha256(ruleInput(token, holder)))
/** [C31] */
export const denyHash = (mine: Ik, theirs: Ik): B64 => toB64(sha256(denyInput(mine, theirs)))
/** [P2] */
export const recordVersion = (p: B64): B64 => toB64(sha256(fromB64(p)).subarray(0, 8))
/** [4.2] */
export const rkId = (rk: B64): KeyId => toB64(sha256(fromB64(rk)).subarray(0, 8)) as KeyId
/** [I14] What is shown to the server, what it stores, and what signs the proofs. */
export function inviteSecrets(t: B64): { gate: B64; gateHash: B64; pk: Bytes } {
  const gate = hmac256(fromB64(t), GATE_INPUT)
  return { gate: toB64(gate), gateHash: toB64(sha256(gate)), pk: hmac256(fromB64(t), PROOF_KEY_INPUT) }
}

/** [I11] 12 groups of 5 digits. */
export function safetyNumber(a: Ik, b: Ik): string[] {
  const d = sha512(safetyInput(a, b))
  return Array.from({ length: 12 }, (_, i) => {
    const group = d.subarray(5 * i, 5 * i + 5).reduce((sum, byte) => sum * 256 + byte, 0)
    return String(group % 100_000).padStart(5, '0')
  })
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** [S2] The name of a server without TLS. */
export function keyName(spk: B64): ServerName {
  const bits = [...sha256(fromB64(spk)).subarray(0, 10)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = bits.match(/.{5}/g)!.map((five) => BASE32[Number.parseInt(five, 2)])
  return `${letters.join('')}.parley` as ServerName
}
