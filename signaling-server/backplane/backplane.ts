import type { Address, Ms } from '../../protocol/ids.ts'
import type { DropClass } from '../../protocol/wire/signaling.ts'
import type { Presence } from '../broker.ts'

/** An envelope on its way to its addressee; `seq` where it is a row of the mailbox. */
export interface Mail { id: string; cls: DropClass; at: Ms; envelope: Uint8Array; seq?: number }

/**
 * What the processes of one server tell each other. Accounts are rows of the one database. Nothing here is content, and nothing is
 * kept: a process that was not there did not miss anything it needs.
 */
export type News =
  /** [S10] A session has begun; every other one of this account ends. */
  | { t: 'session'; account: number; session: number }
  /** Committed, or a signal that nobody has to keep. */
  | { t: 'mail'; account: number; mail: Mail }
  | { t: 'presence'; account: number; addr: Address; presence: Presence | undefined; rv: string }
  /** [C31] Rules changed: what watchers may see is judged again. */
  | { t: 'rules'; account: number }
  /** [S13, S14] The account, or the device of all its sessions, is no longer. */
  | { t: 'ended'; account: number; code: 'replaced' | 'not-found' }

/**
 * One channel per process (one per contact doubled the cost of a log-on). What is said reaches every process that joined, the
 * speaker's too, in the order it was said. A process of a second machine would need besides: a directory of who is where, so that
 * `mail` and signals go to one process only, and presence for new watchers.
 */
export interface Backplane {
  join(hear: (news: News) => void): () => void
  say(news: News): void
}
