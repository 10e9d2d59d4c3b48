import type { Address, Ik } from '../protocol/ids.ts'
import type { ServerCode } from '../protocol/wire/signaling.ts'
import type { Mail } from './backplane/backplane.ts'
import type { Presence } from './broker.ts'
import type { Watcher } from './presence.ts'

/** A session that is logged on, as the requests see it. In memory, and gone with its socket. */
export interface Live extends Watcher {
  readonly session: number
  readonly account: number
  readonly addr: Address
  readonly ik: Ik
  /** For the limits per address; undefined on loopback. */
  readonly address: string | undefined
  mail: Mailbox
  /** [P1] Nothing is told before it is set. */
  presence: Presence | undefined
  /** Whom it watches, by address. */
  watching: Map<Address, number>
  /** [C20] Tokens this session deposits with, hashed with its IK. */
  ruleHashes: Map<string, Buffer>
  /** [S16] Told once that the pool is low, until it is filled. */
  wasToldLow: boolean
  /** Text. */
  say(message: object): void
  /** Binary [S1]. */
  push(mail: Mail): void
  bye(code: ServerCode): void
}

/** [S20] */
export interface Mailbox {
  /** Rows up to this one were sent in this session, so each is sent once. */
  sent: number
  /** `left` was 0 once: from then on new mail is pushed. */
  isPushing: boolean
  /** No row that could be pushed waits: the next that comes needs no look into the database. */
  isCaughtUp: boolean
  /** Sent and not acknowledged: id to row. */
  unacknowledged: Map<string, number>
}

export const emptyMailbox = (): Mailbox => ({ sent: 0, isPushing: false, isCaughtUp: false, unacknowledged: new Map() })
