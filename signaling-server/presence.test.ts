import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adaAdmitsBen, admits, benWatchesAda, fakeClock, logsOn, place, registers, SECOND, shows, token, watches } from './test-client.ts'
import { createPresence } from './presence.ts'
import type { Address, RuleId } from '../protocol/ids.ts'
import { recordOf } from './test-client.ts'
import { b64Of, bytesOf, sha256 } from './crypto.ts'

test('[P1] nothing is told before presence.set, and only to the rules it lists', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const cid = await registers(where, 'cid')
  const forBen = await admits(ada, ben)
  const forCid = await admits(ada, cid)
  await watches(ben, ada, forBen.tok)
  await watches(cid, ada, forCid.tok)
  for (const who of [ben, cid]) assert.deepEqual(await who.client.settled(), [{ t: 'presence', addr: ada.person.addr, state: 'off' }])
  await shows(ada, [forBen.rule], 'away')
  const rv = b64Of(sha256(bytesOf(ada.person.rec.p)).subarray(0, 8))
  assert.deepEqual(await ben.client.settled(), [{ t: 'presence', addr: ada.person.addr, state: 'away', rv }])
  assert.deepEqual(await cid.client.settled(), [])
  await shows(ada, [])
  where.clock.pass(5 * SECOND)
  assert.deepEqual(await ben.client.settled(), [{ t: 'presence', addr: ada.person.addr, state: 'off' }], '[] is nobody')
})

test('[P1] hidden shows off to all', async (t) => {
  const where = await place(t, { limits: { presenceSpacingMs: 0 } })
  const { ada, ben, tok, rule } = await adaAdmitsBen(where)
  await shows(ada, [rule], 'hidden')
  await watches(ben, ada, tok)
  assert.equal((await ben.client.next('presence')).state, 'off')
  await shows(ada, [rule], 'on')
  assert.equal((await ben.client.next('presence')).state, 'on')
  await shows(ada, [rule], 'hidden')
  assert.deepEqual(await ben.client.settled(), [{ t: 'presence', addr: ada.person.addr, state: 'off' }])
})

test('[P1] the first change at once, further ones at most every five seconds, and then what holds', async (t) => {
  const where = await place(t)
  const { ada, ben, tok, rule } = await adaAdmitsBen(where)
  await watches(ben, ada, tok)
  await ben.client.next('presence')
  const states = async () => (await ben.client.settled()).map((one) => one.t === 'presence' && one.state)
  await shows(ada, [rule], 'on')
  assert.deepEqual(await states(), ['on'])
  for (const state of ['away', 'busy', 'on', 'away', 'busy'] as const) await shows(ada, [rule], state)
  where.clock.pass(5 * SECOND - 1)
  assert.deepEqual(await states(), [])
  where.clock.pass(1)
  assert.deepEqual(await states(), ['busy'])
  await shows(ada, [rule], 'on')
  await shows(ada, [rule], 'busy')
  where.clock.pass(5 * SECOND)
  assert.deepEqual(await states(), [], 'back to what was told is no news')
  where.clock.pass(5 * SECOND)
  await shows(ada, [rule], 'on')
  assert.deepEqual(await states(), ['on'], 'after a pause at once again')
})

test('[P1, C20] a subscription needs a token with presence, held by this session', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const cid = await registers(where, 'cid')
  const { tok } = await admits(ada, ben)
  const dropOnly = await admits(ada, cid, ['drop'])
  const { addr } = ada.person
  const zoe = addr.replace('ada', 'zoe') as typeof addr
  assert.deepEqual(await watches(cid, ada, tok), { denied: [addr] })
  assert.deepEqual(await watches(cid, ada, dropOnly.tok), { denied: [addr] })
  assert.deepEqual(await cid.client.get({ t: 'presence.sub', add: [{ addr: zoe, tok }], del: [] }), { denied: [zoe] })
  // [C4] presence joins the rule later
  await ada.client.get({ t: 'acl.put', rules: [{ ...dropOnly.rule, may: ['drop', 'presence'] }] })
  assert.deepEqual(await watches(cid, ada, dropOnly.tok), { denied: [] })
})

test('[S23] 500 subscriptions; unsubscribing ends them', async (t) => {
  const where = await place(t, { limits: { subscriptions: 1, presenceSpacingMs: 0 } })
  const ada = await registers(where, 'ada')
  const bob = await registers(where, 'bob')
  const ben = await registers(where, 'ben')
  const { tok, rule } = await admits(ada, ben)
  const atBob = await admits(bob, ben)
  await watches(ben, ada, tok)
  await watches(ben, ada, tok)
  assert.equal(await ben.client.code({ t: 'presence.sub', add: [{ addr: bob.person.addr, tok: atBob.tok }], del: [] }), 'quota')
  await ben.client.get({ t: 'presence.sub', add: [{ addr: bob.person.addr, tok: atBob.tok }], del: [ada.person.addr] })
  await ben.client.settled()
  await shows(ada, [rule])
  await shows(bob, [atBob.rule])
  assert.deepEqual((await ben.client.settled()).map((one) => one.t === 'presence' && one.addr), [bob.person.addr])
})

test('[P2] signing off, a cut line and a deleted rule all read as off', async (t) => {
  const where = await place(t, { limits: { presenceSpacingMs: 0 } })
  const ben = await registers(where, 'ben')
  for (const [handle, how] of [['ada1', 'close'], ['ada2', 'cut'], ['ada3', 'rule']] as const) {
    const ada = await registers(where, handle)
    const { tok, rule } = await admits(ada, ben)
    await shows(ada, [rule])
    await watches(ben, ada, tok)
    assert.equal((await ben.client.next('presence')).state, 'on')
    if (how === 'close') await ada.client.close()
    else if (how === 'cut') ada.client.cut()
    else await ada.client.get({ t: 'acl.del', ids: [rule.id] })
    assert.deepEqual(await ben.client.next('presence'), { t: 'presence', addr: ada.person.addr, state: 'off' })
  }
})

test('[P1, C23] a watcher outlives a list that is put whole in pieces', async (t) => {
  const where = await place(t, { limits: { presenceSpacingMs: 1000 } })
  const { ada, ben, rule } = await benWatchesAda(where)
  await ben.client.next('presence')
  await ada.client.get({ t: 'acl.put', rules: [{ ...rule, id: b64Of(new Uint8Array(8)) as RuleId, h: token() }], replace: true })
  await ada.client.get({ t: 'acl.put', rules: [rule] })
  where.clock.pass(1000)
  assert.deepEqual((await ben.client.settled()).map((one) => one.t === 'presence' && one.state).at(-1), 'on')
})

test('[P2] what a session asked just before it was cut does not outlive it', async (t) => {
  const where = await place(t, { limits: { presenceSpacingMs: 0 } })
  const { ada, ben, tok, rule } = await adaAdmitsBen(where)
  await watches(ben, ada, tok)
  await ben.client.next('presence')
  for (let i = 0; i < 20; i++) {
    const again = await logsOn(where, ada.person)
    again.client.say({ t: 'presence.set', q: 1, state: 'on', cls: [rule.id] })
    // The breach is read in the same turn as the request before it.
    again.client.say({ t: 'hello' })
    await again.client.closed()
  }
  const told = (await ben.client.settled()).map((one) => one.t === 'presence' && one.state)
  assert.notEqual(told.at(-1), 'on')
})

test('[P2] rv changes with the record at a log-on too', async (t) => {
  const where = await place(t, { limits: { presenceSpacingMs: 0 } })
  const { ada, ben, tok, rule } = await adaAdmitsBen(where)
  await watches(ben, ada, tok)
  await ben.client.next('presence')
  ada.person.rec = recordOf(ada.person, { seq: 2000 })
  const again = await logsOn(where, ada.person)
  await shows(again, [rule])
  const told = await ben.client.next('presence')
  assert.equal(told.rv, b64Of(sha256(bytesOf(ada.person.rec.p)).subarray(0, 8)))
})

test('[P1] a frame is built once for all who get it, and nothing stays behind', () => {
  const clock = fakeClock()
  const rule = { id: 'r' as RuleId, flags: 3 }
  const hub = createPresence({ clock, spacingMs: 5000, ruleOf: () => rule })
  const got: Buffer[] = []
  const watchers = Array.from({ length: 100 }, () => ({ tell: (frame: Buffer) => void got.push(frame) }))
  const addr = 'ada@x.example' as Address
  for (const watcher of watchers) hub.watch(watcher, { account: 1, addr, h: Buffer.alloc(32), rule })
  got.length = 0
  hub.set(1, addr, { state: 'on', cls: new Set([rule.id]) }, 'AAAAAAAAAAA')
  assert.equal(got.length, 100)
  assert.equal(new Set(got).size, 1)
  hub.set(1, addr, undefined, '')
  for (const watcher of watchers) hub.unwatch(watcher, 1)
  assert.equal(hub.size(), 0)
})
