import { type Bytes, equalBytes } from './bytes.ts'

/**
 * [W3] What a library's Ed25519 verification may let pass and ours must not: keys of small order, and a second form of a
 * valid signature (S + L). The verification itself is node:crypto's; these checks stand in front of it.
 */

const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
/** One of the two y of order 8; the other is p minus this. */
const Y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n

const SMALL_ORDER_Y: Bytes[] = [0n, 1n, P - 1n, P, P + 1n, Y8, P - Y8].map(littleEndian)
const L_BYTES = littleEndian(L)

function littleEndian(n: bigint): Bytes {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 0xffn))
}

/** True for an Ed25519 public key that may be pinned: 32 bytes, not of small order (bit 255 is not looked at). */
export function isUsableKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false
  const y = Uint8Array.from(key)
  y[31]! &= 0x7f
  return !SMALL_ORDER_Y.some((small) => equalBytes(small, y))
}

/** True where S of the signature is below L. */
export function isCanonicalSignature(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  for (let i = 31; i >= 0; i--) {
    const s = signature[32 + i]!
    const l = L_BYTES[i]!
    if (s !== l) return s < l
  }
  return false
}

/** The seven u-coordinates of small order on Curve25519 with their non-canonical forms, as X25519 public keys [E22]. */
const U8A = 325606250916557431795983626356110631294008115727848805560023387167927233504n
const U8B = 39382357235489614581723060781553021112529911719440698176882885853963445705823n
const SMALL_ORDER_U: Bytes[] = [0n, 1n, P - 1n, P, P + 1n, U8A, U8B].map(littleEndian)

/** [E22] True for an X25519 public key that leads to an all-zero shared secret. */
export function isSmallOrderX25519(key: Uint8Array): boolean {
  const u = Uint8Array.from(key)
  u[31]! &= 0x7f
  return SMALL_ORDER_U.some((small) => equalBytes(small, u))
}

/** The check of [W3] around a library's verification: what is refused here never reaches it. */
export function strictVerify(
  verify: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean,
): (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean {
  return (key, message, signature) => isUsableKey(key) && isCanonicalSignature(signature) && verify(key, message, signature)
}
