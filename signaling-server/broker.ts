import type { RuleId } from '../protocol/ids.ts'
import type { KnockMode, OwnState, ServerCode, ShownState } from '../protocol/wire/signaling.ts'
import { equalBytes } from '../protocol/wire/bytes.ts'
import type { Limits } from './settings.ts'
import { IS_TOMBSTONE, MAY_DROP, MAY_PRESENCE, type Rule } from './store/acl.ts'
import type { Totals } from './store/mail.ts'

/** Decisions, and nothing else: facts in, a verdict out. Whoever calls has looked the facts up and does what is said. */

// ---------- log-on ----------

/** [W9] The highest version both understand. */
export const commonVersion = (mine: readonly [number, number], theirs: readonly [number, number]): number | undefined => {
  const highest = Math.min(mine[1], theirs[1])
  return highest >= Math.max(mine[0], theirs[0]) ? highest : undefined
}

/** [W9] */
export const commonFeatures = (mine: readonly string[], theirs: readonly string[]): string[] => mine.filter((feature) => theirs.includes(feature))

/** [I5, S13] What a record that came is to the one kept. */
export function compareRecord(kept: { seq: number; rec_p: Uint8Array }, came: { seq: number; rec_p: Uint8Array }): 'same' | 'newer' | 'older' {
  if (came.seq > kept.seq) return 'newer'
  return came.seq === kept.seq && equalBytes(came.rec_p, kept.rec_p) ? 'same' : 'older'
}

/**
 * [S6, S7] A log-on whose signature held. `conflict` makes the client stop and ask for the words: the run was used, so this
 * profile is a copy; or a newer record is known, so this device was replaced.
 */
export function judgeLogOn(f: { record: 'same' | 'newer' | 'older'; isAddressOurs: boolean; isSameDevice: boolean; lastRun: number; run: number }): 'accept' | 'accept-record' | ServerCode {
  if (!f.isAddressOurs) return 'denied'
  if (f.record === 'older') return 'conflict'
  if (f.isSameDevice && f.run <= f.lastRun) return 'conflict'
  return f.record === 'newer' ? 'accept-record' : 'accept'
}

/**
 * [S8, S9, S14] `again`: the same registration once more, because its answer was lost; nothing has happened since.
 * `existing` is the account of this IK, `handle` what is known of the handle.
 */
export function judgeRegistration(f: {
  existing: { isSameRecord: boolean; run: number } | undefined; handle: 'free' | 'taken' | 'resting'; needsCode: boolean; isCodeGood: boolean
}): 'accept' | 'again' | ServerCode {
  if (f.existing?.isSameRecord && f.existing.run === 0) return 'again'
  if (f.needsCode && !f.isCodeGood) return 'invite-required'
  if (f.handle !== 'free') return 'taken'
  return f.existing === undefined ? 'accept' : 'conflict'
}

// ---------- finding ----------

/** [S15] Whether an address is found. Asked alike by account.get and keys.claim, so neither tells more than the other. */
export function isFindable(f: { isOwn: boolean; mode: KnockMode; isGate: boolean; hasRule: boolean }): boolean {
  return f.isOwn || f.isGate || f.hasRule || f.mode === 'everyone' || f.mode === 'members'
}

/** [S17] The last third of the pool is for whoever was invited or is known. */
export const mayTakeFromPool = (f: { pool: number; poolKeys: number; isPrivileged: boolean }): boolean =>
  f.pool > (f.isPrivileged ? 0 : Math.floor(f.poolKeys / 3))

// ---------- depositing ----------

/**
 * [S19, C20, C30, C32] What becomes of a `msg` or `sig`. An address that is not there looks like a token that is not: nobody
 * learns by depositing which addresses exist. Under a tombstone all is as if the owner were away.
 */
export function judgeToken(rule: Rule | undefined, isForDevice: boolean): 'deliver' | 'pretend' | 'denied' | 'not-found' {
  if (rule === undefined || (rule.flags & MAY_DROP) === 0) return 'denied'
  if (!isForDevice) return 'not-found'
  return rule.flags & IS_TOMBSTONE ? 'pretend' : 'deliver'
}

/** [S21] Whether this many bytes more fit. The account's totals are asked for only where they matter. */
export function fits(size: number, token: Totals, account: () => Totals, limits: Limits): boolean {
  if (token.n + 1 > limits.tokenCount || token.bytes + size > limits.tokenBytes) return false
  if (token.n + 1 <= limits.tokenAlwaysCount && token.bytes + size <= limits.tokenAlwaysBytes) return true
  return fitsAccount(size, account(), limits)
}

export const fitsAccount = (size: number, { n, bytes }: Totals, limits: Limits): boolean => n + 1 <= limits.mailCount && bytes + size <= limits.mailBytes

/** [C6, C7] Whether a knock reaches its addressee. The answer is `ok` either way. */
export function judgeKnock(f: {
  mode: KnockMode; isGate: boolean; isForDevice: boolean; isDenied: boolean; isTombstone: boolean; isOverRate: boolean; isAgain: boolean
  slots: { all: number; plain: number }; isRoom: boolean
}, limits: Limits): 'store' | 'swallow' {
  const passesMode = f.mode !== 'nobody' && (f.mode !== 'invite' || f.isGate)
  const hasSlot = f.slots.all < limits.knocksPending && (f.isGate || f.slots.plain < limits.knocksPending - limits.knocksForGates)
  return passesMode && hasSlot && f.isRoom && f.isForDevice && !f.isDenied && !f.isTombstone && !f.isOverRate && !f.isAgain ? 'store' : 'swallow'
}

/**
 * [P5, C32] What becomes of an acknowledged envelope. Where its sender must not learn that it was fetched, it goes on counting:
 * for good (until its end) under a tombstone, for a while where the owner is hidden from them.
 */
export function judgeAcknowledged(rule: Rule | undefined, presence: Presence | undefined): 'remove' | 'ghost' | 'hold' {
  if (rule === undefined) return 'remove'
  if (rule.flags & IS_TOMBSTONE) return 'ghost'
  return isVisible(rule, presence) ? 'remove' : 'hold'
}

// ---------- presence ----------

/** [P1] What a session has set. Undefined before that, and while there is no session. */
export interface Presence { state: OwnState; cls: ReadonlySet<RuleId> }

/** [P3] Visible to whoever holds this rule's token. */
export const isVisible = (rule: Rule | undefined, presence: Presence | undefined): boolean =>
  rule !== undefined && (rule.flags & IS_TOMBSTONE) === 0 && presence !== undefined && presence.state !== 'hidden' && presence.cls.has(rule.id)

/** [P1, C31] */
export function shownState(rule: Rule | undefined, presence: Presence | undefined): ShownState {
  if (rule === undefined || (rule.flags & MAY_PRESENCE) === 0 || !isVisible(rule, presence)) return 'off'
  return presence!.state as ShownState
}

/** [C32] A tombstone lets subscribe, and shows nobody. */
export const maySubscribe = (rule: Rule | undefined): boolean => rule !== undefined && (rule.flags & MAY_PRESENCE) !== 0
