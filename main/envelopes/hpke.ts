import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { KEM_DHKEM_X25519_HKDF_SHA256 as NOBLE_KEM } from '@panva/hpke-noble'
import { AEAD_AES_256_GCM, CipherSuite, type Key, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke'
import type { B64 } from '../../protocol/ids.ts'
import { type Bytes, concat, fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import { SEAL_INFO } from '../../protocol/wire/tbs.ts'

/** Suite 1: HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180). */

type Suite = CipherSuite<Key>
const suites = {
  webcrypto: new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM) as Suite,
  noble: new CipherSuite(NOBLE_KEM, KDF_HKDF_SHA256, AEAD_AES_256_GCM) as Suite,
}
export type KemChoice = keyof typeof suites
let suite: Suite = suites.webcrypto

/** [I20] The start-up self-test switches to the other KEM where WebCrypto has no X25519; the wire is the same. */
export function useKem(choice: KemChoice): void {
  suite = suites[choice]
}

/** An X25519 key of ours. `priv` is 32 raw bytes as B64 and stays in the core's store or memory. */
export interface SealKey { priv: B64; pub: B64 }

const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')

export function makeSealKey(): SealKey {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  const priv = privateKey.export({ format: 'der', type: 'pkcs8' })
  const pub = publicKey.export({ format: 'der', type: 'spki' })
  return { priv: toB64(priv.subarray(PKCS8.length)), pub: toB64(pub.subarray(pub.length - 32)) }
}

export function publicOf(priv: B64): B64 {
  const key = createPrivateKey({ key: concat(PKCS8, fromB64(priv)) as unknown as Buffer, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return toB64(spki.subarray(spki.length - 32))
}

/**
 * [E1] Sealing in two steps: the context gives `enc`, which the signature covers; then one single seal with it.
 * The one-shot call of the library can't be used for that.
 */
export async function startSeal(to: B64): Promise<{ enc: Bytes; seal: (plain: Uint8Array, aad: Uint8Array) => Promise<Bytes> }> {
  const key = await suite.DeserializePublicKey(fromB64(to))
  const { encapsulatedSecret, ctx } = await suite.SetupSender(key, { info: SEAL_INFO })
  return { enc: Uint8Array.from(encapsulatedSecret), seal: async (plain, aad) => Uint8Array.from(await ctx.Seal(plain, aad)) }
}

/** The plaintext, or undefined where key, head or bytes don't fit. */
export async function openSealed(key: SealKey, enc: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Promise<Bytes | undefined> {
  try {
    // Always the pair: with the private key alone the library derives the public one anew each time.
    const pair = { privateKey: await suite.DeserializePrivateKey(fromB64(key.priv)), publicKey: await suite.DeserializePublicKey(fromB64(key.pub)) }
    const context = await suite.SetupRecipient(pair, enc, { info: SEAL_INFO })
    return Uint8Array.from(await context.Open(sealed, aad))
  } catch {
    return undefined
  }
}
