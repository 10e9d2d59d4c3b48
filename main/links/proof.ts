import type { DevId, Dk, Ik, Ms, Sid } from '../../protocol/ids.ts'
import { MAX_CHUNK, MAX_FRAME } from '../../protocol/limits.ts'
import { type Bytes, fromB64, toB64, utf8 } from '../../protocol/wire/bytes.ts'
import { type Hello, type LogState, parseFrame } from '../../protocol/wire/peer.ts'
import type { Signed } from '../../protocol/wire/scalars.ts'
import { linkAuthInput, transcriptInput } from '../../protocol/wire/tbs.ts'
import { sha256, type Signer, verify } from '../identity/crypto.ts'
import { type ReadRecord, readRecord } from '../identity/records.ts'

/** [L10–L12] HELLO and AUTH on channel 0: both identities bound to both certificates, before any other frame. */

export interface ProofInput {
  role: 'i' | 'r'
  sid: Sid
  me: { dk: Signer; cert: Signed; rec: Signed }
  peer: { ik: Ik; dev: DevId; dk: Dk }
  oh: Bytes
  ah: Bytes
  /** SHA-256 of the certificates: own as made, theirs as the transport saw it. */
  fpOwn: Bytes
  fpPeer: Bytes
  hello: { feat: string[]; log: LogState; hb: number; top: [number, string]; now: Ms; nonce: Bytes }
}

export type ProofStep =
  | { at: 'waiting' }
  | { at: 'send'; frame: Bytes }
  | { at: 'verified'; hello: Hello; record: ReadRecord }
  | { at: 'mismatch'; why: string }

const WINDOW = 8_388_608

export interface Proof {
  hello: Bytes
  take(message: Bytes): ProofStep
}

export function startProof(input: ProofInput): Proof {
  const { role, sid, me, peer } = input
  const own = utf8(JSON.stringify({
    t: 'hello', proto: [1, 1], sid, role, cert: me.cert, rec: me.rec, nonce: toB64(input.hello.nonce), feat: input.hello.feat,
    lim: { frame: MAX_FRAME, chunk: MAX_CHUNK, window: WINDOW },
    log: input.hello.log, hb: input.hello.hb, top: input.hello.top, now: input.hello.now,
  }))
  let theirs: { bytes: Bytes; hello: Hello; record: ReadRecord } | undefined

  function transcript(other: Bytes): Bytes {
    const isInitiator = role === 'i'
    return sha256(transcriptInput({
      sid: fromB64(sid), oh: input.oh, ah: input.ah,
      fpI: isInitiator ? input.fpOwn : input.fpPeer, fpR: isInitiator ? input.fpPeer : input.fpOwn,
      helloI: isInitiator ? own : other, helloR: isInitiator ? other : own,
    }))
  }

  return {
    hello: own,
    take(message) {
      const read = parseFrame(message)
      const frame = read.ok && read.value.known ? read.value.frame : undefined
      if (frame?.t === 'hello' && theirs === undefined) {
        const record = readRecord(frame.rec, peer.ik)
        if (!record.ok) return { at: 'mismatch', why: 'record' }
        const certified = record.value.record.devs[0]!
        if (certified.p !== frame.cert.p || certified.s !== frame.cert.s) return { at: 'mismatch', why: 'certificate' }
        if (record.value.cert.dev !== peer.dev || record.value.cert.dk !== peer.dk) return { at: 'mismatch', why: 'device' }
        if (frame.sid !== sid || frame.role === role) return { at: 'mismatch', why: 'sid or role' }
        theirs = { bytes: message, hello: frame, record: record.value }
        const sig = me.dk.sign(linkAuthInput(role, transcript(message)))
        return { at: 'send', frame: utf8(JSON.stringify({ t: 'auth', sig: toB64(sig) })) }
      }
      if (frame?.t === 'auth' && theirs !== undefined) {
        const signed = linkAuthInput(role === 'i' ? 'r' : 'i', transcript(theirs.bytes))
        if (!verify(fromB64(peer.dk), signed, fromB64(frame.sig))) return { at: 'mismatch', why: 'signature' }
        return { at: 'verified', hello: theirs.hello, record: theirs.record }
      }
      return { at: 'mismatch', why: 'frame before the proof' }
    },
  }
}
