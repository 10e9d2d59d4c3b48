import { createCipheriv, createPrivateKey, createPublicKey, diffieHellman, hash, hkdfSync, scryptSync } from 'node:crypto'
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke'
import { fromB64, toB64, utf8 } from '../../protocol/wire/bytes.ts'
import { type KemChoice, openSealed, useKem } from '../envelopes/hpke.ts'
import { signerOf, verify } from './crypto.ts'

/**
 * [I20] Before anything else: the primitives against fixed vectors. X25519 missing from WebCrypto switches the KEM and is logged;
 * anything else refuses to start.
 */
export async function selfTest(): Promise<{ ok: true; kem: KemChoice } | { ok: false; what: string }> {
  for (const [what, holds] of CHECKS) if (!attempt(holds)) return { ok: false, what }
  const kem: KemChoice = (await hasWebCryptoX25519()) ? 'webcrypto' : 'noble'
  useKem(kem)
  return (await opensSealed()) ? { ok: true, kem } : { ok: false, what: 'HPKE' }
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const isHex = (bytes: Uint8Array, text: string) => Buffer.from(bytes).toString('hex') === text
const attempt = (holds: () => boolean) => {
  try {
    return holds()
  } catch {
    return false
  }
}
const throws = (act: () => unknown) => {
  try {
    act()
    return false
  } catch {
    return true
  }
}

// RFC 8032 test 2.
const ED = {
  seed: hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'),
  pub: hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
  sig: hex('92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'),
  msg: hex('72'),
}
/** The same signature with L added to S: valid for a lax verifier. */
function plusL(signature: Uint8Array): Uint8Array {
  const L = 2n ** 252n + 27742317777372353535851937790883648493n
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + L
  const out = Uint8Array.from(signature)
  for (let i = 0; i < 32; i++) out[32 + i] = Number((s >> BigInt(8 * i)) & 0xffn)
  return out
}

const x25519 = (priv: string, pub: string) =>
  diffieHellman({
    privateKey: createPrivateKey({ key: Buffer.from(`302e020100300506032b656e04220420${priv}`, 'hex'), format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: Buffer.from(`302a300506032b656e032100${pub}`, 'hex'), format: 'der', type: 'spki' }),
  })

function aes256gcm(): string {
  const cipher = createCipheriv('aes-256-gcm', new Uint8Array(32), new Uint8Array(12))
  return Buffer.concat([cipher.update(new Uint8Array(16)), cipher.final(), cipher.getAuthTag()]).toString('hex')
}

const BEN = { priv: '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb', pub: 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f' }

const CHECKS: [what: string, holds: () => boolean][] = [
  ['SHA-256', () => isHex(hash('sha256', 'abc', 'buffer'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')],
  ['Ed25519 sign', () => Buffer.compare(signerOf(ED.seed).sign(ED.msg), ED.sig) === 0],
  ['Ed25519 verify', () => verify(ED.pub, ED.msg, ED.sig)],
  ['Ed25519 refuses S + L', () => !verify(ED.pub, ED.msg, plusL(ED.sig))],
  ['Ed25519 refuses a key of small order', () => !verify(hex('01'.padEnd(64, '0')), ED.msg, ED.sig)],
  // RFC 7748, section 6.1
  ['X25519', () => isHex(x25519(BEN.priv, '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'), '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742')],
  ['X25519 throws at a point of small order', () => throws(() => x25519(BEN.priv, '00'.repeat(32)))],
  // GCM specification, test case 14
  ['AES-256-GCM', () => aes256gcm() === 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919'],
  // RFC 5869, case 1
  ['HKDF', () => isHex(new Uint8Array(hkdfSync('sha256', hex('0b'.repeat(22)), hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42)),
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865')],
  // RFC 7914, section 12
  ['scrypt', () => isHex(scryptSync('', '', 64, { N: 16, r: 1, p: 1 }),
    '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906')],
]

async function hasWebCryptoX25519(): Promise<boolean> {
  try {
    await new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM).GenerateKeyPair()
    return true
  } catch {
    return false
  }
}

/** Sealed to Ben's key above by the other KEM implementation. */
async function opensSealed(): Promise<boolean> {
  const key = { priv: toB64(hex(BEN.priv)), pub: toB64(hex(BEN.pub)) }
  const plain = await openSealed(key, fromB64('e1dsF9FSpzUKFOTwPA75iIyAFoslGHP1l1eV_wsE9yw'), fromB64('ZMHzOM8Qk0MdI_FWZ4K07zCsHbixhA'), utf8('aad'))
  return plain !== undefined && Buffer.from(plain).toString() === 'parley'
}
