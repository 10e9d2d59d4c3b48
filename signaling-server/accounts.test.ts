import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { accountDeleteInput } from '../protocol/wire/tbs.ts'
import { b64Of } from './crypto.ts'
import { admits, benWatchesAda, DAY, envelopeFor, hashOf, logsOn, makePerson, makePrekey, onNewComputer, place, recordOf, registers, token } from './test-client.ts'

test('[S13] account.put takes a newer record of this IK and address, and nothing else', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const { person, client } = ada
  const eve = makePerson('ada', where.server.name)
  const put = (rec: { p: string; s: string }) => client.code({ t: 'account.put', rec })
  assert.equal(await put(eve.rec), 'denied')
  assert.equal(await put(recordOf({ ...person, addr: eve.addr.replace('ada', 'eve') as typeof person.addr }, { seq: 2000 })), 'denied')
  assert.equal(await put(recordOf(person, { seq: 999 })), 'conflict')
  assert.equal(await put({ ...recordOf(person, { seq: 2000 }), s: b64Of(randomBytes(64)) }), 'bad-auth')
  assert.equal(await put(recordOf(person, { seq: 2000, certSeq: 2001 })), 'bad-auth')
  assert.equal(await put(person.rec), 'ok', 'the same again')
  const newer = recordOf(person, { seq: 2000 })
  assert.equal(await put(newer), 'ok')
  assert.deepEqual(await client.get({ t: 'account.get', addr: person.addr }), { rec: newer })
})

test('[S13, P2] a newer record is told to buddies by rv', async (t) => {
  const where = await place(t, { limits: { presenceSpacingMs: 0 } })
  const { ada, ben } = await benWatchesAda(where)
  const before = await ben.client.next('presence')
  await ada.client.get({ t: 'account.put', rec: recordOf(ada.person, { seq: 2000 }) })
  const after = await ben.client.next('presence')
  assert.equal(after.state, 'on')
  assert.notEqual(after.rv, before.rv)
})

test('[S13] the device that is no longer listed loses session, mail and keys; rules and denied stay', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const { tok } = await admits(ada, ben)
  await ada.client.get({ t: 'acl.deny', add: [token()], del: [] })
  await ada.client.get({ t: 'keys.put', once: [makePrekey(ada.person, { exp: where.clock.now() + DAY })], replace: true })
  await ben.client.drop({ addr: ada.person.addr, tok, cls: 'msg' }, envelopeFor(ada.person))
  const moved = onNewComputer(ada.person)
  assert.equal(await ada.client.code({ t: 'account.put', rec: moved.rec }), 'ok')
  assert.equal((await ada.client.next('bye')).code, 'replaced')
  const { ready, client } = await logsOn(where, moved)
  assert.deepEqual([ready.keys.once, ready.mail.n], [0, 0])
  const { rules, deny } = await client.get({ t: 'acl.get' })
  assert.deepEqual([rules.length, deny.length], [1, 1])
  // An envelope for the old device has nowhere to go.
  const late = await ben.client.drop({ addr: ada.person.addr, tok, cls: 'msg' }, envelopeFor(ada.person))
  assert.equal(late.t === 'err' && late.code, 'not-found')
})

test('[S14] deleting needs the IK over this connection’s nonce; the handle rests for 180 days', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const { tok } = await admits(ada, ben)
  const other = await logsOn(where, ada.person)
  const sign = (nonce: string, key = ada.person.ik) => b64Of(key.sign(accountDeleteInput(where.server.name, nonce, ada.person.ik.b64, ada.person.addr)))
  assert.equal(await other.client.code({ t: 'account.delete', sig: sign(ada.challenge.nonce) }), 'bad-auth', 'an older nonce')
  assert.equal(await other.client.code({ t: 'account.delete', sig: b64Of(ada.person.dk.sign(accountDeleteInput(where.server.name, other.challenge.nonce, ada.person.ik.b64, ada.person.addr))) }), 'bad-auth', 'the device key')
  assert.equal(await other.client.code({ t: 'account.delete', sig: sign(other.challenge.nonce) }), 'ok')
  await other.client.closed()
  assert.equal(await ben.client.code({ t: 'account.get', addr: ada.person.addr, tok }), 'not-found')
  const dropped = await ben.client.drop({ addr: ada.person.addr, tok, cls: 'msg' }, envelopeFor(ada.person))
  assert.equal(dropped.t === 'err' && dropped.code, 'denied')
  await assert.rejects(logsOn(where, ada.person), { message: 'not-found' })
  await assert.rejects(registers(where, 'ada'), { message: 'taken' })
  where.clock.pass(180 * DAY - 1)
  await assert.rejects(registers(where, 'ada'), { message: 'taken' })
  where.clock.pass(1)
  assert.ok(await registers(where, 'ada'))
})

test('[S15, I8, C7] who is found: by mode, gate, token, and always myself', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const cid = await registers(where, 'cid')
  const gate = token()
  const { tok, rule } = await admits(ada, ben)
  const { addr } = ada.person
  const found = async (how: object = {}, who = ben) => (await who.client.code({ t: 'account.get', addr, ...how })) === 'ok'
  for (const [mode, byAnyone] of [['everyone', true], ['members', true], ['invite', false], ['nobody', false]] as const) {
    await ada.client.get({ t: 'knock.mode', mode, hashes: [hashOf(gate)] })
    assert.equal(await found(), byAnyone, mode)
    assert.equal(await found({ gate }), true)
    assert.equal(await found({ gate: token() }), byAnyone)
    assert.equal(await found({ tok }), true)
    assert.equal(await found({ tok }, cid), byAnyone, 'a token that was passed on')
    assert.equal(await found({}, ada), true)
  }
  await ada.client.get({ t: 'acl.put', rules: [{ ...rule, tomb: true }] })
  assert.equal(await found({ tok }), true, 'a tombstone')
  await ada.client.get({ t: 'acl.del', ids: [rule.id] })
  assert.equal(await found({ tok }), false)
  const unknown = await ben.client.code({ t: 'account.get', addr: addr.replace('ada', 'zoe') as typeof addr })
  const elsewhere = await ben.client.code({ t: 'account.get', addr: 'ada@elsewhere.example' as typeof addr })
  assert.deepEqual([unknown, elsewhere], ['not-found', 'not-found'])
})

test('[S23] turn.get is not there yet, and ready says so', async (t) => {
  const where = await place(t)
  const { client, ready } = await registers(where, 'ada')
  assert.equal(ready.lim.turn, false)
  assert.equal(await client.code({ t: 'turn.get' }), 'unavailable')
})
