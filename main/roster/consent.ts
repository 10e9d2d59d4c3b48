import type { Refusal } from '../../protocol/errors.ts'
import type { Address, DevId, Ik } from '../../protocol/ids.ts'
import { KNOCK_AGAIN, KNOCK_LIFE, KNOCK_OK_AGAIN } from '../../protocol/limits.ts'
import type { Invite } from '../../protocol/wire/invite.ts'
import type { Knock, KnockOk } from '../../protocol/wire/peer.ts'
import type { ReadRecord } from '../identity/records.ts'
import { createAnswering } from './answering.ts'
import { createAsking } from './asking.ts'
import { type ConsentDeps, createGround, type From, type Terms } from './ground.ts'
import { createParting } from './parting.ts'
import type { Buddy } from './roster.ts'
import { createStanding } from './standing.ts'

/** [6] How two people become buddies, and stop being it. Nothing but a knock and its answer passes before. Each part is a file. */

export interface Consent {
  /** Knocks at an address, by hand or by an invite [I15]. */
  request(of: { addr: Address; text: string; terms: Terms; invite?: Invite }): Promise<{ ok: true; ik: Ik } | Refusal>
  withdraw(ik: Ik): Promise<void>
  accept(ik: Ik, terms: Terms): Promise<Refusal | { ok: true }>
  decline(ik: Ik): void
  block(ik: Ik): void
  unblock(ik: Ik): void
  undo(ik: Ik): void
  remove(ik: Ik): void
  /** [I7] The user decided for the changed key. */
  takeChangedKey(ik: Ik, level: 'verified' | 'unverified'): Promise<Ik | undefined>
  /** [E20] Asks the server how this person stands, after a refusal or another record version. */
  look(ik: Ik): Promise<void>
  takeKnock(frame: Knock, from: From): void
  takeKnockOk(frame: KnockOk, from: From): void
  confirmed(ik: Ik, dev: DevId): void
  /** [I5] A record that came with HELLO. */
  judgeRecord(buddy: Buddy, came: ReadRecord): 'ok' | 'alarm'
  /** What is owed once signed on: requests, farewells, confirmations. */
  catchUp(): void
}

export function createConsent(deps: ConsentDeps): Consent {
  const { store, clock, roster } = deps
  const ground = createGround(deps)
  const parting = createParting(deps, ground)
  const answering = createAnswering(deps, ground, parting.remember)
  const asking = createAsking(deps, ground, answering.accept)
  const standing = createStanding(deps, ground, asking)
  const { confirmKnock } = answering
  const { sendKnock, sendOwedRejoin, withdraw } = asking
  const { farewell } = parting

  return {
    ...asking, ...answering, ...parting, ...standing,
    catchUp() {
      const now = clock.now()
      for (const buddy of roster.all()) {
        const { asked } = buddy
        if (buddy.state === 'asking') deps.background(confirmKnock(buddy.ik))
        if (buddy.state === 'removed' && buddy.theirTok !== undefined) deps.background(farewell(buddy.ik))
        // A quit came before the time to take a block back was over.
        if (buddy.state === 'blocked' && buddy.myTok !== undefined && !parting.mayUndo(buddy.ik)) parting.forgetBlocked(buddy.ik)
        if (buddy.state === 'declined' && now - (buddy.declinedAt ?? now) > KNOCK_LIFE) store.write(() => roster.forget(buddy.ik))
        if (asked !== undefined && asked.rejoin) deps.background(sendOwedRejoin(buddy.ik))
        else if (asked !== undefined && buddy.state === 'asked') {
          if (now - asked.at > KNOCK_LIFE) deps.background(withdraw(buddy.ik))
          else if (asked.sent === 0 || now - asked.sent > KNOCK_AGAIN) deps.background(sendKnock(buddy.ik))
        }
        // [C3] the answer goes again by itself until it is confirmed
        if (buddy.ok !== undefined && !buddy.ok.confirmed && now - buddy.ok.sent > KNOCK_OK_AGAIN) {
          store.write(() => roster.change(buddy.ik, { ok: { ...buddy.ok!, sent: 0 } }))
        }
      }
    },
  }
}
