import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Address } from '../protocol/ids.ts'
import type { C2S } from '../protocol/wire/signaling.ts'
import { commonFeatures, commonVersion, fits, isFindable, judgeAcknowledged, judgeKnock, judgeLogOn, judgeRegistration, judgeToken, mayTakeFromPool, shownState } from './broker.ts'
import { type Event, type Session, step } from './session.ts'
import { defaultLimits } from './settings.ts'
import { IS_TOMBSTONE, MAY_DROP, MAY_PRESENCE } from './store/acl.ts'
import type { RuleId } from '../protocol/ids.ts'

const challenge = { proto: 1, feat: [], nonce: 'n', ts: 5 }
const fresh = { nonce: () => 'n', now: () => 5 }
const rec = { p: 'AA', s: 'AA' }
const hello: C2S = { t: 'hello', proto: [1, 1], ua: '', feat: [] }
const auth = { t: 'auth', rec, dev: 'd', run: 1, sig: 's' } as unknown as C2S
const register = { t: 'register', q: 1, rec, dev: 'd', sig: 's' } as unknown as C2S
const ping: C2S = { t: 'ping', q: 1 }
const get: C2S = { t: 'account.get', q: 1, addr: 'ada@x.example' as Address }

test('[S3] which message is taken in which state: the whole table', () => {
  const states: Session[] = [{ at: 'greet' }, { at: 'challenged', challenge }, { at: 'judged', challenge }, { at: 'ready', challenge }, { at: 'closed' }]
  const table = states.map((session) => [session.at, ...[hello, auth, register, ping, get].map((message) => step(session, { t: 'message', message }, fresh).session.at)])
  assert.deepEqual(table, [
    //             hello         auth      register  ping      account.get
    ['greet', 'challenged', 'closed', 'closed', 'closed', 'closed'],
    ['challenged', 'closed', 'judged', 'judged', 'closed', 'closed'],
    ['judged', 'closed', 'closed', 'closed', 'closed', 'closed'],
    ['ready', 'closed', 'closed', 'closed', 'ready', 'ready'],
    ['closed', 'closed', 'closed', 'closed', 'closed', 'closed'],
  ])
})

test('[S3, S22] every end says why where there is a reason, lets go once, and closes', () => {
  const ends: [Event, string | undefined][] = [[{ t: 'malformed' }, 'bad-frame'], [{ t: 'silent' }, undefined], [{ t: 'refused' }, undefined], [{ t: 'end', code: 'replaced' }, 'replaced'], [{ t: 'gone' }, undefined]]
  for (const at of ['greet', 'challenged', 'judged', 'ready'] as const) {
    const session = (at === 'greet' ? { at } : { at, challenge }) as Session
    for (const [event, code] of ends) {
      const { session: after, effects } = step(session, event, fresh)
      assert.equal(after.at, 'closed')
      assert.deepEqual(effects.map((effect) => effect.do), [...(code === undefined ? [] : ['bye']), 'deadline', 'leave', 'close'])
      assert.deepEqual(step(after, event, fresh).effects, [], 'once')
    }
    assert.equal(step(session, { t: 'late' }, fresh).session.at, at === 'ready' ? 'ready' : 'closed')
    assert.equal(step(session, { t: 'accepted' }, fresh).session.at, at === 'judged' ? 'ready' : at)
  }
})

test('[W9] the highest common version, the intersection of features', () => {
  assert.deepEqual([commonVersion([1, 3], [2, 9]), commonVersion([1, 1], [2, 3]), commonVersion([2, 3], [1, 1]), commonVersion([1, 1], [1, 1])], [3, undefined, undefined, 1])
  assert.deepEqual(commonFeatures(['a', 'b', 'c'], ['c', 'x', 'a']), ['a', 'c'])
})

test('[S6, S7, I5] log-on: all cases', () => {
  const judge = (f: Partial<Parameters<typeof judgeLogOn>[0]>) => judgeLogOn({ record: 'same', isAddressOurs: true, isSameDevice: true, lastRun: 3, run: 4, ...f })
  assert.deepEqual([judge({}), judge({ run: 3 }), judge({ run: 2 }), judge({ record: 'older' }), judge({ record: 'newer' }), judge({ record: 'newer', isSameDevice: false, run: 1 }), judge({ record: 'newer', run: 3 }), judge({ isAddressOurs: false, record: 'newer' })],
    ['accept', 'conflict', 'conflict', 'conflict', 'accept-record', 'accept-record', 'conflict', 'denied'])
})

test('[S8, S9, S14] registration: all cases', () => {
  const judge = (f: Partial<Parameters<typeof judgeRegistration>[0]>) => judgeRegistration({ existing: undefined, handle: 'free', needsCode: false, isCodeGood: false, ...f })
  assert.deepEqual([judge({}), judge({ handle: 'taken' }), judge({ handle: 'resting' }), judge({ needsCode: true }), judge({ needsCode: true, isCodeGood: true }), judge({ needsCode: true, handle: 'taken' })],
    ['accept', 'taken', 'taken', 'invite-required', 'accept', 'invite-required'])
  assert.deepEqual([judge({ existing: { isSameRecord: true, run: 0 }, handle: 'taken', needsCode: true }), judge({ existing: { isSameRecord: true, run: 1 }, handle: 'taken' }), judge({ existing: { isSameRecord: false, run: 0 } })],
    ['again', 'taken', 'conflict'])
})

test('[S15, S17] who finds, and who draws on the last third', () => {
  const base = { isOwn: false, isGate: false, hasRule: false } as const
  assert.deepEqual((['everyone', 'members', 'invite', 'nobody'] as const).map((mode) => isFindable({ ...base, mode })), [true, true, false, false])
  for (const one of ['isOwn', 'isGate', 'hasRule'] as const) assert.equal(isFindable({ ...base, mode: 'nobody', [one]: true }), true)
  const pool = (n: number, isPrivileged: boolean) => mayTakeFromPool({ pool: n, poolKeys: 100, isPrivileged })
  assert.deepEqual([pool(34, false), pool(33, false), pool(33, true), pool(1, true), pool(0, true)], [true, false, true, true, false])
})

test('[S19, C20, C30, C33] tokens: all sixteen cases', () => {
  const rows: string[] = []
  for (let flags = 0; flags < 8; flags++) for (const isForDevice of [true, false]) rows.push(judgeToken({ id: 'r' as RuleId, flags }, isForDevice))
  const perFlags = (flags: number) => rows.slice(2 * flags, 2 * flags + 2)
  for (let flags = 0; flags < 8; flags++) {
    const wanted = (flags & MAY_DROP) === 0 ? ['denied', 'denied'] : flags & IS_TOMBSTONE ? ['pretend', 'not-found'] : ['deliver', 'not-found']
    assert.deepEqual(perFlags(flags), wanted, String(flags))
  }
  assert.equal(judgeToken(undefined, true), 'denied')
})

test('[S21] quotas at their edges, without looking at the account where it does not matter', () => {
  const limits = defaultLimits
  const full = () => ({ n: limits.mailCount, bytes: 0 })
  const never = (): never => assert.fail('looked')
  const none = { n: 0, bytes: 0 }
  assert.equal(fits(1098, { n: 19, bytes: 0 }, never, limits), true)
  assert.equal(fits(1098, { n: 300, bytes: 0 }, never, limits), false)
  assert.equal(fits(1098, { n: 20, bytes: 0 }, full, limits), false)
  assert.equal(fits(1098, { n: 20, bytes: 0 }, () => ({ n: limits.mailCount - 1, bytes: limits.mailBytes - 1098 }), limits), true)
  assert.equal(fits(1098, { n: 20, bytes: 0 }, () => ({ n: 0, bytes: limits.mailBytes - 1097 }), limits), false)
  assert.equal(fits(65_098, { n: 3, bytes: limits.tokenAlwaysBytes - 65_098 }, never, limits), true)
  assert.equal(fits(65_098, { n: 3, bytes: limits.tokenAlwaysBytes - 65_097 }, full, limits), false)
  assert.equal(fits(65_098, { n: 80, bytes: limits.tokenBytes - 65_098 }, () => none, limits), true)
  assert.equal(fits(65_098, { n: 80, bytes: limits.tokenBytes - 65_097 }, () => none, limits), false)
})

test('[C6, C7] a knock is kept only if everything holds', () => {
  const fine = { mode: 'members', isGate: false, isForDevice: true, isDenied: false, isTombstone: false, isOverRate: false, isAgain: false, slots: { all: 0, plain: 0 }, isRoom: true } as const
  const judge = (f: object) => judgeKnock({ ...fine, ...f }, defaultLimits)
  assert.equal(judge({}), 'store')
  for (const one of [{ isForDevice: false }, { isDenied: true }, { isTombstone: true }, { isOverRate: true }, { isAgain: true }, { isRoom: false }, { slots: { all: 40, plain: 40 } }, { slots: { all: 50, plain: 30 } }, { mode: 'invite' }, { mode: 'nobody', isGate: true }, { isGate: true, slots: { all: 50, plain: 40 } }]) {
    assert.equal(judge(one), 'swallow', JSON.stringify(one))
  }
  for (const one of [{ mode: 'invite', isGate: true }, { mode: 'everyone' }, { isGate: true, slots: { all: 49, plain: 40 } }, { slots: { all: 49, plain: 39 } }]) assert.equal(judge(one), 'store', JSON.stringify(one))
})

test('[P1, P3, P5, C31] what is shown, and what fetching leaves behind', () => {
  const id = 'r' as RuleId
  const on = { state: 'on', cls: new Set([id]) } as const
  const both = MAY_DROP | MAY_PRESENCE
  assert.equal(shownState({ id, flags: both }, on), 'on')
  assert.equal(shownState({ id, flags: MAY_DROP }, on), 'off')
  assert.equal(shownState({ id, flags: both | IS_TOMBSTONE }, on), 'off')
  assert.equal(shownState({ id, flags: both }, { state: 'on', cls: new Set<RuleId>() }), 'off')
  assert.equal(shownState({ id, flags: both }, { ...on, state: 'hidden' }), 'off')
  assert.equal(shownState({ id, flags: both }, undefined), 'off')
  assert.equal(shownState(undefined, on), 'off')
  assert.deepEqual([judgeAcknowledged({ id, flags: both }, on), judgeAcknowledged({ id, flags: MAY_DROP }, on), judgeAcknowledged({ id, flags: both }, undefined), judgeAcknowledged({ id, flags: both | IS_TOMBSTONE }, on), judgeAcknowledged(undefined, on)],
    ['remove', 'remove', 'hold', 'ghost', 'remove'])
})
