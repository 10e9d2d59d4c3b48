import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admits, DAY, envelopeFor, hashOf, logsOn, makePrekey, place, registers, shows, token, watches } from './test-client.ts'

test('[S8, S17, S18, S20, C6, C21] first buddy by invite, text while away, and back', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')

  const gate = token()
  const exp = where.clock.now() + 7 * DAY
  await ada.client.get({ t: 'knock.mode', mode: 'invite', hashes: [hashOf(gate)] })
  await ada.client.get({ t: 'keys.put', once: [makePrekey(ada.person, { exp })], last: makePrekey(ada.person, { use: 'last-resort', exp }), replace: true })
  assert.deepEqual(await ben.client.get({ t: 'account.get', addr: ada.person.addr, gate }), { rec: ada.person.rec })
  assert.ok((await ben.client.get({ t: 'keys.claim', addr: ada.person.addr, gate })).key)

  const knock = envelopeFor(ada.person, 4096)
  assert.equal((await ben.client.drop({ addr: ada.person.addr, gate, cls: 'knock' }, knock)).t, 'ok')
  assert.deepEqual(await ada.client.get({ t: 'mail.next', max: 50 }), { left: 0 })
  const came = await ada.client.next('mail')
  assert.deepEqual(came.envelope, knock)
  assert.equal(came.cls, 'knock')
  await ada.client.get({ t: 'mail.ack', ids: [came.id] })

  const forBen = await admits(ada, ben)
  const forAda = await admits(ben, ada)
  await watches(ben, ada, forBen.tok)
  assert.equal((await ben.client.next('presence')).state, 'off')
  await shows(ada, [forBen.rule])
  assert.equal((await ben.client.next('presence')).state, 'on')
  await watches(ada, ben, forAda.tok)
  assert.equal((await ada.client.next('presence')).state, 'off')

  const live = envelopeFor(ada.person)
  assert.equal((await ben.client.drop({ addr: ada.person.addr, tok: forBen.tok, cls: 'msg' }, live)).t, 'ok')
  assert.deepEqual((await ada.client.next('mail')).envelope, live)

  await ada.client.close()
  where.clock.pass(5000)
  assert.equal((await ben.client.next('presence')).state, 'off')
  const later = envelopeFor(ada.person)
  assert.equal((await ben.client.drop({ addr: ada.person.addr, tok: forBen.tok, cls: 'msg' }, later)).t, 'ok')
  const again = await logsOn(where, ada.person)
  assert.equal(again.ready.mail.n, 2)
  await again.client.get({ t: 'mail.next', max: 50 })
  assert.deepEqual((await again.client.next('mail')).envelope, live)
  assert.deepEqual((await again.client.next('mail')).envelope, later)
})
