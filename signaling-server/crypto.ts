import { createPrivateKey, createPublicKey, hash, type KeyObject, sign as nodeSign, verify as nodeVerify } from 'node:crypto'
import type { B64, ServerName } from '../protocol/ids.ts'
import { strictVerify } from '../protocol/wire/ed25519.ts'

/** The primitives, all from node:crypto. No other file of the server hashes, signs or verifies. */

export const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer')

/** Bytes of base64url that a schema has let through, and back: the engine's own codec, which is faster than protocol/wire/bytes. */
export const bytesOf = (text: B64): Buffer => Buffer.from(text, 'base64url')
export const b64Of = (bytes: Uint8Array): B64 => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')

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

/** Device keys kept ready: importing one costs 25 µs of the 130 µs of a verification. About 1 KiB each. */
export const DEVICE_KEYS_KEPT = 16_384

/** [W3] The only verification of Ed25519 here. So many keys are imported once; the oldest make room. */
export function createVerify(most = 0): Verify {
  const kept = new Map<string, KeyObject>()
  function keyObject(raw: Uint8Array): KeyObject {
    const name = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1')
    const known = kept.get(name)
    if (known !== undefined) return known
    const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
    if (kept.size >= most) kept.delete(kept.keys().next().value!)
    if (most > 0) kept.set(name, key)
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

/** Random ids of so many bytes, drawn in blocks: a call for each costs 5 µs, a tenth of a whole deposit. */
export function createIds(random: (n: number) => Uint8Array, length: number): () => B64 {
  const BLOCK = 128
  let block: Uint8Array = new Uint8Array(0)
  let at = 0
  return () => {
    if (at >= block.length) {
      block = random(length * BLOCK)
      at = 0
    }
    return b64Of(block.subarray(at, (at += length)))
  }
}
