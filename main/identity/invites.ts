import type { B64, Ik, Uuid7 } from '../../protocol/ids.ts'
import { parseB64, toB64 } from '../../protocol/wire/bytes.ts'
import { readInvite } from '../../protocol/wire/invite.ts'
import { proofInput } from '../../protocol/wire/tbs.ts'
import { hmac256, inviteSecrets, keyName, sameSecret } from './crypto.ts'

/** [I13–I17] Invites as the core reads and proves them. */

export const parseInvite = (link: string) => readInvite(link, keyName)

type Parties = { who: 'j' | 'i'; inviter: Ik; joiner: Ik; knock: Uuid7 }

export function inviteProof(t: B64, { who, inviter, joiner, knock }: Parties): B64 {
  return toB64(hmac256(inviteSecrets(t).pk, proofInput(who, inviter, joiner, knock)))
}

export function isInviteProof(t: B64, parties: Parties, proof: B64): boolean {
  const given = parseB64(proof, 32)
  return given !== undefined && sameSecret(given, parseB64(inviteProof(t, parties))!)
}

/** [I11] What the QR code of a safety number holds, and what a scan of one says. */
export const VERIFY_PREFIX = 'parley://v#'

export function verifyCode(own: Uint8Array, peer: Uint8Array): string {
  const both = new Uint8Array(64)
  both.set(own)
  both.set(peer, 32)
  return VERIFY_PREFIX + toB64(both)
}

export function isVerifyCodeFor(code: string, me: Uint8Array, peer: Uint8Array): boolean {
  const bytes = code.startsWith(VERIFY_PREFIX) ? parseB64(code.slice(VERIFY_PREFIX.length), 64) : undefined
  return bytes !== undefined && sameSecret(bytes.subarray(0, 32), peer) && sameSecret(bytes.subarray(32), me)
}
