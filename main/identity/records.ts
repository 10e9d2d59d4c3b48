import type { Address, B64, DevId, Dk, Ik, Ms } from '../../protocol/ids.ts'
import { fromB64, toB64, utf8 } from '../../protocol/wire/bytes.ts'
import { parseAs, type Result, refuse } from '../../protocol/wire/codec.ts'
import { type AccountRecord, accountRecord, type DeviceCert, deviceCert, type Prekey, prekey } from '../../protocol/wire/identity.ts'
import { type Signed, signed, signedCert } from '../../protocol/wire/scalars.ts'
import { type SignedLabel, signedInput } from '../../protocol/wire/tbs.ts'
import { type Signer, verifyB64 } from './crypto.ts'

/** [I4–I6, W2] Certificates, account records and prekeys: made, and read in the order verify, then parse. */

export function signAs(label: SignedLabel, signer: Signer, value: unknown): Signed {
  const p = utf8(JSON.stringify(value))
  return { p: toB64(p), s: toB64(signer.sign(signedInput(label, p))) }
}

const isSignedBy = (label: SignedLabel, key: B64, of: Signed) => verifyB64(key, signedInput(label, fromB64(of.p)), of.s)

export function makeCert(ik: Signer, of: { dev: DevId; dk: Dk; seq: number; iat: Ms }): Signed {
  return signAs('devcert/1', ik, { v: 1, ik: ik.pub, dev: of.dev, dk: of.dk, seq: of.seq, iat: of.iat })
}

export function makeRecord(ik: Signer, of: { addr: Address; seq: number; iat: Ms; cert: Signed }): Signed {
  return signAs('account/1', ik, { v: 1, ik: ik.pub, addr: of.addr, seq: of.seq, iat: of.iat, devs: [of.cert] })
}

export function makePrekey(dk: Signer, of: Omit<Prekey, 'v'>): Signed {
  return signAs('prekey/1', dk, { v: 1, ...of })
}

/** [W2] A certificate under a known IK, or under the one it names where none is known yet. */
export function readCert(of: unknown, ik?: Ik): Result<DeviceCert> {
  const outer = signedCert.safeParse(of)
  if (!outer.success) return refuse('shape')
  return readUnderIk('devcert/1', deviceCert, outer.data, ik)
}

/** A record with the certificate in it, both checked. */
export interface ReadRecord { record: AccountRecord; cert: DeviceCert; signed: Signed }

export function readRecord(of: unknown, ik?: Ik): Result<ReadRecord> {
  const outer = signed().safeParse(of)
  if (!outer.success) return refuse('shape')
  const record = readUnderIk('account/1', accountRecord, outer.data, ik)
  if (!record.ok) return record
  const cert = readCert(record.value.devs[0], record.value.ik)
  if (!cert.ok) return cert
  if (cert.value.seq > record.value.seq) return refuse('certificate newer than the record')
  return { ok: true, value: { record: record.value, cert: cert.value, signed: outer.data } }
}

function readUnderIk<T extends { ik: Ik }>(label: SignedLabel, schema: Parameters<typeof parseAs<T>>[0], of: Signed, pinned?: Ik): Result<T> {
  if (pinned !== undefined && !isSignedBy(label, pinned, of)) return refuse('signature')
  const parsed = parseAs(schema, fromB64(of.p))
  if (!parsed.ok) return parsed
  if (pinned === undefined && !isSignedBy(label, parsed.value.ik, of)) return refuse('signature')
  return pinned === undefined || parsed.value.ik === pinned ? parsed : refuse('other ik')
}

/** [S12] A claimed prekey, checked by the claimer under the record it holds. */
export function readPrekey(of: unknown, owner: { ik: Ik; dev: DevId; dk: Dk }): Result<Prekey> {
  const outer = signed().safeParse(of)
  if (!outer.success || !isSignedBy('prekey/1', owner.dk, outer.data)) return refuse('signature')
  const parsed = parseAs(prekey, fromB64(outer.data.p))
  if (!parsed.ok) return parsed
  return parsed.value.ik === owner.ik && parsed.value.dev === owner.dev ? parsed : refuse('other owner')
}

/** [I5] What a record that came is to the highest one kept. */
export function compareRecords(kept: { seq: number; p: B64 }, came: { seq: number; p: B64 }): 'same' | 'newer' | 'rollback' | 'divergent' {
  if (came.seq > kept.seq) return 'newer'
  if (came.seq < kept.seq) return 'rollback'
  return came.p === kept.p ? 'same' : 'divergent'
}

/** [I4] The next `seq`: an old record a server returns can't make a recovery look like a rollback. */
export const nextSeq = (previous: number, ownClock: Ms, correctedClock: Ms) => Math.max(previous + 1, Math.min(ownClock, LATEST), Math.min(correctedClock, LATEST))

/** The year 2100: a server whose clock says more could otherwise burn the identity, since no later record would be possible. */
const LATEST: Ms = 4_102_444_800_000
