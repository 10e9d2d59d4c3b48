import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY, hashOf, logsOn, makePrekey, type On, onNewComputer, type Place, place, registers, token } from './test-client.ts'

const WIDE = { claimsPerTarget: 1000, claims: { burst: 1000, everyMs: 1 }, messages: { burst: 10_000, everyMs: 1 } }
const keysOf = (on: On, where: Place, n: number, exp = where.clock.now() + 7 * DAY) => Array.from({ length: n }, () => makePrekey(on.person, { exp }))
const lastOf = (on: On, where: Place, exp = where.clock.now() + 7 * DAY) => makePrekey(on.person, { use: 'last-resort', exp })

test('[S16] a hundred keys and one for the last resort; a hundred and one are too many and change nothing', async (t) => {
  const where = await place(t, { limits: WIDE })
  const ada = await registers(where, 'ada')
  const { client } = ada
  assert.deepEqual(await client.get({ t: 'keys.put', once: keysOf(ada, where, 60), last: lastOf(ada, where), replace: true }), { once: 60 })
  assert.equal(await client.code({ t: 'keys.put', once: keysOf(ada, where, 41), replace: false }), 'quota')
  assert.deepEqual(await client.get({ t: 'keys.put', once: keysOf(ada, where, 40), replace: false }), { once: 100 })
  const { ready } = await logsOn(where, ada.person)
  assert.deepEqual(ready.keys, { once: 100, last: where.clock.now() + 7 * DAY })
})

test('[S16] replacing puts all anew; repeating changes nothing, not even for a key that was claimed', async (t) => {
  const where = await place(t, { limits: WIDE })
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const once = keysOf(ada, where, 100)
  await ada.client.get({ t: 'keys.put', once, replace: true })
  const claimed = await ben.client.get({ t: 'keys.claim', addr: ada.person.addr })
  assert.deepEqual(await ada.client.get({ t: 'keys.put', once, replace: true }), { once: 99 })
  assert.deepEqual(await ada.client.get({ t: 'keys.put', once, replace: false }), { once: 99 })
  for (let i = 0; i < 60; i++) assert.notDeepEqual(await ben.client.get({ t: 'keys.claim', addr: ada.person.addr }), claimed)
  assert.deepEqual(await ada.client.get({ t: 'keys.put', once: keysOf(ada, where, 10), replace: true }), { once: 10 })
})

test('[S12, S16] keys of another device, of the wrong kind, or past their end are refused; signatures are not looked at', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const put = (once: { p: string; s: string }[], last?: { p: string; s: string }) =>
    ada.client.code({ t: 'keys.put', once, replace: false, ...(last === undefined ? {} : { last }) })
  const exp = where.clock.now() + DAY
  assert.equal(await put([makePrekey(onNewComputer(ada.person), { exp })]), 'denied')
  assert.equal(await put([lastOf(ada, where)]), 'bad-frame')
  assert.equal(await put([], makePrekey(ada.person, { exp })), 'bad-frame')
  assert.equal(await put([makePrekey(ada.person, { exp: where.clock.now() })]), 'expired')
  assert.equal(await put([{ p: makePrekey(ada.person, { exp }).p, s: ada.person.rec.s }]), 'ok')
})

test('[S16] the end of a key is enforced', async (t) => {
  const where = await place(t, { limits: WIDE })
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const last = lastOf(ada, where, where.clock.now() + 2000)
  await ada.client.get({ t: 'keys.put', once: keysOf(ada, where, 50, where.clock.now() + 1000), last, replace: true })
  where.clock.pass(1000)
  assert.deepEqual(await ben.client.get({ t: 'keys.claim', addr: ada.person.addr }), { key: last })
  where.clock.pass(1000)
  assert.equal(await ben.client.code({ t: 'keys.claim', addr: ada.person.addr }), 'unavailable')
  assert.deepEqual((await logsOn(where, ada.person)).ready.keys, { once: 0, last: 0 })
})

test('[S16] keys.low is told once when a quarter is left, and again after a refill', async (t) => {
  const where = await place(t, { limits: { ...WIDE, poolKeys: 100 } })
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const gate = token()
  await ada.client.get({ t: 'knock.mode', mode: 'members', hashes: [hashOf(gate)] })
  const claims = async (n: number) => {
    for (let i = 0; i < n; i++) await ben.client.get({ t: 'keys.claim', addr: ada.person.addr, gate })
  }
  await ada.client.get({ t: 'keys.put', once: keysOf(ada, where, 28), replace: true })
  await claims(2)
  assert.deepEqual(await ada.client.settled(), [])
  await claims(4)
  assert.deepEqual(await ada.client.settled(), [{ t: 'keys.low', once: 25 }])
  await ada.client.get({ t: 'keys.put', once: keysOf(ada, where, 4), replace: false })
  await claims(2)
  assert.deepEqual(await ada.client.settled(), [{ t: 'keys.low', once: 25 }])
})

test('[S17] two keys a day of one target', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const cid = await registers(where, 'cid')
  await ada.client.get({ t: 'keys.put', once: keysOf(ada, where, 100), replace: true })
  const claim = (who: On) => who.client.code({ t: 'keys.claim', addr: ada.person.addr })
  assert.deepEqual([await claim(ben), await claim(ben), await claim(ben), await claim(cid)], ['ok', 'ok', 'rate', 'ok'])
  where.clock.pass(DAY)
  const again = await logsOn(where, ben.person)
  assert.equal(await claim(again), 'ok')
})

test('[S17] strangers get the last-resort key once a third is left; a gate or a token opens the rest', async (t) => {
  const where = await place(t, { limits: WIDE })
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const gate = token()
  const last = lastOf(ada, where)
  await ada.client.get({ t: 'knock.mode', mode: 'members', hashes: [hashOf(gate)] })
  await ada.client.get({ t: 'keys.put', once: keysOf(ada, where, 35), last, replace: true })
  const claim = (how: object = {}) => ben.client.get({ t: 'keys.claim', addr: ada.person.addr, ...how })
  assert.notDeepEqual(await claim(), { key: last })
  assert.notDeepEqual(await claim(), { key: last })
  assert.deepEqual(await claim(), { key: last })
  assert.deepEqual(await claim({ gate: token() }), { key: last })
  for (let i = 0; i < 33; i++) assert.notDeepEqual(await claim({ gate }), { key: last })
  assert.deepEqual(await claim({ gate }), { key: last })
})

test('[S17, S15] whether a claim is answered follows from who is found', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  await ada.client.get({ t: 'keys.put', once: keysOf(ada, where, 100), replace: true })
  await ada.client.get({ t: 'knock.mode', mode: 'nobody', hashes: [] })
  assert.equal(await ben.client.code({ t: 'keys.claim', addr: ada.person.addr }), 'not-found')
})
