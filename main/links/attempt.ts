import type { B64, DevId, Sid } from '../../protocol/ids.ts'
import { MAX_CANDIDATES } from '../../protocol/limits.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import type { Cand, Desc } from '../../protocol/wire/peer.ts'
import type { SealKey } from '../envelopes/hpke.ts'
import type { Proof } from './proof.ts'

/** One try at a link, from the offer on: what each side has said in it so far. */
export interface Attempt {
  sid: Sid
  /** The device this link is with: as pinned when it began, and as it proved itself. */
  dev: DevId
  /** Number of the connection in the link page. */
  link: number
  role: 'i' | 'r'
  rk: SealKey
  /** The exact bytes of both frames: their hashes enter the proof [L11]. */
  offer?: Bytes
  answer?: Bytes
  local?: Desc
  fpOwn?: Bytes
  remote?: Desc
  peerRk?: B64
  /** Own candidates not yet told; how many were told, and how many of theirs were heard. */
  candidates: Cand[]
  told: number
  heard: number
  isGathered: boolean
  isOfferSent: boolean
  /** Number of the next `sig.cand`. */
  nextN: number
  stopCandidates?: (() => void) | undefined
  proof?: Proof
  isOpen: boolean
}

export const newAttempt = (of: Pick<Attempt, 'sid' | 'dev' | 'link' | 'role' | 'rk'>): Attempt =>
  ({ ...of, candidates: [], told: 0, heard: 0, isGathered: false, isOfferSent: false, nextN: 1, isOpen: true })

export function addCandidates({ candidates }: Attempt, more: readonly Cand[]): void {
  for (const c of more) if (!candidates.some((one) => one.ip === c.ip && one.port === c.port && one.typ === c.typ)) candidates.push(c)
}

/** What has not been told yet, as far as the limit of one attempt reaches. */
export function takeCandidates(attempt: Attempt): Cand[] {
  const now = attempt.candidates.splice(0, MAX_CANDIDATES - attempt.told)
  attempt.candidates = []
  attempt.told += now.length
  return now
}
