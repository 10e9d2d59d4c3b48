import type { DevId, Ik } from '../../protocol/ids.ts'
import { type Result, refuse } from '../../protocol/wire/codec.ts'
import type { Knock, KnockOk } from '../../protocol/wire/peer.ts'
import { type ReadRecord, readRecord } from '../identity/records.ts'

/** [C8] The record in a knock or its answer: of the envelope's IK, and listing exactly the device that sealed it. */
export function readKnock(frame: Knock | KnockOk, from: { ik: Ik; dev: DevId }): Result<{ record: ReadRecord }> {
  const record = readRecord(frame.rec)
  if (!record.ok) return record
  if (record.value.record.ik !== from.ik || record.value.cert.dev !== from.dev) return refuse('record of another')
  return { ok: true, value: { record: record.value } }
}
