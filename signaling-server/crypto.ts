import { createPrivateKey, createPublicKey, hash, type KeyObject, sign as nodeSign, timingSafeEqual, verify as nodeVerify } from 'node:crypto'
import type { B64, ServerName } from '../protocol/ids.ts'
import { strictVerify } from '../protocol/wire/ed25519.ts'

/** The primitives, all from node:crypto. No other file of the server hashes, signs or verifies. */

export const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer')

/** Bytes of base64url that a schema has let through, and back: the engine's own codec, which is faster than protocol/wire/bytes. */
export const bytesOf = (text: B64): Buffer => Buffer.from(text, 'base64url')
export const b64Of = (bytes: Uint8Array): B64 => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')

export const sameSecret = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

// RFC 8410: a raw Ed25519 seed or point is these bytes and then the 32 of the key.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

export interface Signer {
  /** Public key, 32 bytes. */
  readonly pub: Buffer
  sign(message: Uint8Array): Buffer
}

/** A signing key made of its 32-byte seed. */
export function signerOf(seed: Uint8Array): Signer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return { pub: spki.subarray(SPKI.length), sign: (message) => nodeSign(null, message, key) }
}

export type Verify = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** Keys kept ready: importing one costs 25 µs of the 130 µs of a verification. About 1 KiB each. */
const KEYS_KEPT = 16_384

/** [W3] The only verification of Ed25519 here. Keys are imported once; the oldest make room. */
export function createVerify(): Verify {
  const kept = new Map<string, KeyObject>()
  function keyObject(raw: Uint8Array): KeyObject {
    const name = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1')
    const known = kept.get(name)
    if (known !== undefined) return known
    const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
    if (kept.size >= KEYS_KEPT) kept.delete(kept.keys().next().value!)
    kept.set(name, key)
    return key
  }
  return strictVerify((key, message, signature) => nodeVerify(null, message, keyObject(key), signature))
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Lower-case base32 without padding; the bytes must be a multiple of 5. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.match(/.{5}/g)!.map((five) => BASE32[Number.parseInt(five, 2)]).join('')
}

/** [S2] The name of a server without TLS: it proves itself by its key. */
export const keyName = (spk: Uint8Array): ServerName => `${base32(sha256(spk).subarray(0, 10))}.parley` as ServerName
