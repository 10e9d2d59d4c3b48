import type { B64, DevId, Ik, KeyId, Ms } from '../../protocol/ids.ts'
import { type Bytes, concat, fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import { type Result, refuse } from '../../protocol/wire/codec.ts'
import type { Batch, DeviceCert } from '../../protocol/wire/identity.ts'
import { type Inner, pad, readBody, readEnvelope, readInner, unpad, writeBody, writeHead, writeInner } from '../../protocol/wire/mailbox.ts'
import type { Signed } from '../../protocol/wire/scalars.ts'
import { envelopeInput } from '../../protocol/wire/tbs.ts'
import { sha256, type Signer, verify } from '../identity/crypto.ts'
import { readCert } from '../identity/records.ts'
import { openSealed, type SealKey, startSeal } from './hpke.ts'

/** Section 4.1 as two functions. What a key is good for and whether an envelope is new is decided elsewhere (opening.ts). */

export interface From { ik: Ik; dev: DevId; dk: Signer; cert: Signed }
export interface To { ik: Ik; dev: DevId; key: KeyId; pk: B64 }
export interface Contents { frames: Bytes[]; hb: number; next?: Batch }

/** [E1] Signs for this one sealing, then seals once. `id`: 16 random bytes. */
export async function sealEnvelope(from: From, to: To, contents: Contents, stamp: { id: Bytes; time: Ms }): Promise<Bytes> {
  const head = writeHead({ dev: fromB64(to.dev), key: fromB64(to.key) })
  const { enc, seal } = await startSeal(to.pk)
  const body = writeBody(contents)
  const sig = from.dk.sign(envelopeInput({
    id: stamp.id, time: stamp.time, fromIk: fromB64(from.ik), fromDev: fromB64(from.dev),
    toIk: fromB64(to.ik), toDev: fromB64(to.dev), keyId: fromB64(to.key), enc, bodyHash: sha256(body),
  }))
  const inner = writeInner({ id: stamp.id, time: stamp.time, certP: fromB64(from.cert.p), certS: fromB64(from.cert.s), sig, body })
  return concat(head, enc, await seal(pad(inner), head))
}

export interface Opened { id: B64; time: Ms; cert: DeviceCert; certSigned: Signed; frames: Bytes[]; hb: number; next?: Batch }

/**
 * [E13, first half] Opens with a key of ours and checks certificate and signature. `pinned` is the IK the key was issued to,
 * where it was issued to one. Sender, device and key of the signature are taken from the certificate only [E1].
 */
export async function openEnvelope(bytes: Bytes, me: { ik: Ik; dev: DevId }, key: SealKey, pinned: Ik | undefined): Promise<Result<Opened>> {
  const read = readEnvelope(bytes)
  if (!read.ok) return read
  const { head, aad, enc, sealed } = read.value
  if (head.dev !== me.dev) return refuse('other device')
  const plain = await openSealed(key, enc, sealed, aad)
  if (plain === undefined) return refuse('HPKE')
  const padded = unpad(plain)
  if (!padded.ok) return padded
  const inner = readInner(padded.value)
  if (!inner.ok) return inner
  const certSigned = { p: toB64(inner.value.certP), s: toB64(inner.value.certS) }
  const cert = readCert(certSigned, pinned)
  if (!cert.ok) return cert
  if (!isSignedFor(inner.value, cert.value, { ...me, key: head.key, enc })) return refuse('signature')
  const body = readBody(inner.value.body)
  if (!body.ok) return body
  return { ok: true, value: { id: toB64(inner.value.id), time: inner.value.time, cert: cert.value, certSigned, ...body.value } }
}

function isSignedFor(inner: Inner, cert: DeviceCert, to: { ik: Ik; dev: DevId; key: KeyId; enc: Bytes }): boolean {
  const input = envelopeInput({
    id: inner.id, time: inner.time, fromIk: fromB64(cert.ik), fromDev: fromB64(cert.dev), toIk: fromB64(to.ik), toDev: fromB64(to.dev),
    keyId: fromB64(to.key), enc: to.enc, bodyHash: sha256(inner.body),
  })
  return verify(fromB64(cert.dk), input, inner.sig)
}
