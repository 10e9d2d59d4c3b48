import type { Bytes } from '../protocol/wire/bytes.ts'
import { parseAs, type Result, refuse } from '../protocol/wire/codec.ts'
import { type AccountRecord, accountRecord, type DeviceCert, deviceCert, type Prekey, prekey } from '../protocol/wire/identity.ts'
import type { Signed } from '../protocol/wire/scalars.ts'
import { type SignedLabel, signedInput } from '../protocol/wire/tbs.ts'
import { bytesOf, sha256, type Verify } from './crypto.ts'
import type { RecordColumns } from './store/accounts.ts'

/** What a signed record says, before its signatures were checked: the cheap rules are asked first [S12]. */
export interface Claimed { record: AccountRecord; cert: DeviceCert; signed: Signed }

/** [I4, W5] Record and certificate by shape, both of one IK, the certificate not newer than the record. */
export function parseRecord(signed: Signed): Result<Claimed> {
  const record = parseAs(accountRecord, bytesOf(signed.p) as Bytes)
  if (!record.ok) return record
  const cert = parseAs(deviceCert, bytesOf(record.value.devs[0]!.p) as Bytes)
  if (!cert.ok) return cert
  if (cert.value.ik !== record.value.ik) return refuse('certificate of another ik')
  if (cert.value.seq > record.value.seq) return refuse('certificate newer than the record')
  return { ok: true, value: { record: record.value, cert: cert.value, signed } }
}

/** [W2] Both signatures, by the IK the record names. What was parsed before is used only if this holds. */
export function isRecordSigned(verify: Verify, { record, signed }: Claimed): boolean {
  const key = bytesOf(record.ik)
  const isSigned = (label: SignedLabel, of: Signed) => verify(key, signedInput(label, bytesOf(of.p)), bytesOf(of.s))
  return isSigned('account/1', signed) && isSigned('devcert/1', record.devs[0]!)
}

/** [S12, S16] A prekey's own words: kind and end. Its signature is the claimer's to check, never the server's. */
export const parsePrekey = (signed: Signed): Result<Prekey> => parseAs(prekey, bytesOf(signed.p) as Bytes)

/** What is kept of a record. */
export function recordColumns({ record, cert, signed }: Claimed): RecordColumns {
  const rec_p = bytesOf(signed.p)
  return { rec_p, rec_s: bytesOf(signed.s), rec_hash: sha256(rec_p), seq: record.seq, dev: bytesOf(cert.dev), dk: bytesOf(cert.dk) }
}
