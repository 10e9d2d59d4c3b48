import type { Address, B64, Ik, Ms, RuleId, ServerName, Uuid7 } from '../ids.ts'
import { type Bytes, compareBytes, concat, fromB64, u32be, u64be, utf8 } from './bytes.ts'

/**
 * [W1] The bytes that are signed or hashed: `"parley/" + label + 0x00`, then each part with its length in front.
 * Every label of the protocol stands in this file once; callers never spell one.
 */
export function tbs(label: string, ...parts: Uint8Array[]): Bytes {
  const out: Uint8Array[] = [utf8(`parley/${label}\0`)]
  for (const part of parts) out.push(u32be(part.length), part)
  return concat(...out)
}

/** [W1] A `Uuid7` enters as its 16 bytes. */
export function uuidBytes(id: Uuid7): Bytes {
  const hex = id.replaceAll('-', '')
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}

const sortedPair = (a: Ik, b: Ik): [Bytes, Bytes] => {
  const x = fromB64(a)
  const y = fromB64(b)
  return compareBytes(x, y) <= 0 ? [x, y] : [y, x]
}

// ---------- hashed ----------
/** [W11] */ export const conversationInput = (a: Ik, b: Ik) => tbs('conv/1', ...sortedPair(a, b))
/** [W12] */ export const frameInput = (frame: Uint8Array) => tbs('frame/1', frame)
/** [I11] */ export const safetyInput = (a: Ik, b: Ik) => tbs('safety/1', ...sortedPair(a, b))
/** [C20] */ export const ruleInput = (token: B64, holder: Ik) => tbs('acl/1', fromB64(token), fromB64(holder))
/** [C31] */ export const denyInput = (mine: Ik, theirs: Ik) => tbs('deny/1', fromB64(mine), fromB64(theirs))
/** [S9] */
export const powInput = (server: ServerName, c: B64, n: B64) => tbs('pow/1', utf8(server), fromB64(c), fromB64(n))

/** [C23] `flags`: 1 drop, 2 presence, 4 tombstone. */
export function aclStateInput(rules: { id: RuleId; h: B64; may: ('drop' | 'presence')[]; tomb?: true | undefined }[], denied: B64[]): Bytes {
  const ruleParts = rules.map((rule) => {
    const flags = (rule.may.includes('drop') ? 1 : 0) | (rule.may.includes('presence') ? 2 : 0) | (rule.tomb ? 4 : 0)
    return concat(fromB64(rule.id), fromB64(rule.h), Uint8Array.of(flags))
  })
  const denyParts = denied.map(fromB64)
  return tbs('acl-state/1', ...ruleParts.sort(compareBytes), ...denyParts.sort(compareBytes))
}

/** [T2] The pieces of a file; `hashes` are of 32 bytes each. */
export const fileInput = (size: number, piece: number, hashes: Uint8Array[]) =>
  tbs('file/1', u64be(size), u32be(piece), ...hashes)

// ---------- HMAC ----------
/** [I14] */ export const GATE_INPUT = utf8('parley/invite-gate/1')
/** [I14] */ export const PROOF_KEY_INPUT = utf8('parley/invite-proof/1')
/** [I15] `who`: `j` in the joiner's knock, `i` in the inviter's answer. */
export const proofInput = (who: 'j' | 'i', inviter: Ik, joiner: Ik, knock: Uuid7) =>
  tbs('invite/1', utf8(who), fromB64(inviter), fromB64(joiner), uuidBytes(knock))

// ---------- signed as JSON: tbs(label, p) ----------
export type SignedLabel = 'devcert/1' | 'account/1' | 'prekey/1' | 'server-policy/1'
export const signedInput = (label: SignedLabel, p: Uint8Array) => tbs(label, p)

// ---------- signed by fields ----------
/** [S4] by the server's key */
export const challengeInput = (server: string, nonce: B64, ts: Ms) =>
  tbs('challenge/1', utf8(server), fromB64(nonce), u64be(ts))
/** [S6] by DK */
export const authInput = (f: { server: string; nonce: B64; ts: Ms; ik: B64; dev: B64; run: number; recHash: Uint8Array }) =>
  tbs('auth/1', utf8(f.server), fromB64(f.nonce), u64be(f.ts), fromB64(f.ik), fromB64(f.dev), u64be(f.run), f.recHash)
/** [S8] by DK */
export const registerInput = (server: string, nonce: B64, recHash: Uint8Array) =>
  tbs('register/1', utf8(server), fromB64(nonce), recHash)
/** [S14] by IK */
export const accountDeleteInput = (server: string, nonce: B64, ik: B64, addr: Address) =>
  tbs('account-delete/1', utf8(server), fromB64(nonce), fromB64(ik), utf8(addr))
/** [E1] by DK */
export const envelopeInput = (f: {
  id: Uint8Array; time: Ms; fromIk: Uint8Array; fromDev: Uint8Array; toIk: Uint8Array; toDev: Uint8Array
  keyId: Uint8Array; enc: Uint8Array; bodyHash: Uint8Array
}) => tbs('env/1', f.id, u64be(f.time), f.fromIk, f.fromDev, f.toIk, f.toDev, f.keyId, f.enc, f.bodyHash)

// ---------- the proof on a link [L10] ----------
export const transcriptInput = (f: {
  sid: Uint8Array; oh: Uint8Array; ah: Uint8Array; fpI: Uint8Array; fpR: Uint8Array; helloI: Uint8Array; helloR: Uint8Array
}) => tbs('p2p/1', f.sid, f.oh, f.ah, f.fpI, f.fpR, f.helloI, f.helloR)
export const linkAuthInput = (role: 'i' | 'r', th: Uint8Array) => tbs('p2p-auth/1', utf8(role), th)

// ---------- HPKE ----------
/** `info` of every envelope (section 4.1). */
export const SEAL_INFO = utf8('parley/seal/1')

