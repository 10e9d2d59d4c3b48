import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { type Bytes, concat, u16be, utf8 } from '../protocol/wire/bytes.ts'
import { binaryMessage } from '../protocol/wire/codec.ts'
import { adaAdmitsBen, admits, type Client, DAY, envelopeFor, HOUR, logsOn, type MailIn, type On, place, type Place, registers, ruleFor, SECOND, shows, token } from './test-client.ts'
import { DATABASE } from './store/open.ts'

const FAST = { drops: { burst: 100_000, everyMs: 1 }, sigs: { burst: 100_000, everyMs: 1 }, messages: { burst: 100_000, everyMs: 1 } }

/** Ada, away or not, and Ben who may drop. */
async function scene(t: Parameters<typeof place>[0], limits: object = {}) {
  const where = await place(t, { limits: { ...FAST, ...limits } })
  const { ada, ben, tok, rule } = await adaAdmitsBen(where)
  const addr = ada.person.addr
  const drops = async (envelope: Bytes, how: object = {}) => {
    const reply = await ben.client.drop({ addr, tok, cls: 'msg', ...how }, envelope)
    return reply.t === 'ok' ? 'ok' : reply.code
  }
  return { where, ada, ben, tok, rule, addr, drops }
}

const mails = async (client: Client, n: number): Promise<MailIn[]> => {
  const all: MailIn[] = []
  for (let i = 0; i < n; i++) all.push(await client.next('mail'))
  return all
}
const countRows = (where: Place, sql = 'SELECT count(*) FROM mail'): number => {
  const db = new Database(join(where.dir, DATABASE), { readonly: true })
  try {
    return Number(db.prepare(sql).pluck().get())
  } finally {
    db.close()
  }
}

test('[S18] when a drop is answered its row is committed', async (t) => {
  const { where, ada, ben, addr, tok } = await scene(t)
  await ada.client.close()
  for (let n = 1; n <= 20; n++) {
    await ben.client.drop({ addr, tok, cls: 'msg' }, envelopeFor(ada.person))
    // A second connection sees only what is committed.
    assert.equal(countRows(where), n)
  }
})

test('[S18] what was answered is there after the server was cut off in the middle', async (t) => {
  const { where, ada, drops } = await scene(t)
  const envelope = envelopeFor(ada.person)
  assert.equal(await drops(envelope), 'ok')
  await where.restart()
  const { client, ready } = await logsOn(where, ada.person)
  assert.deepEqual(ready.mail, { n: 1, bytes: envelope.length })
  await client.get({ t: 'mail.next', max: 1 })
  assert.deepEqual((await client.next('mail')).envelope, envelope)
})

test('[S18, S1] a burst of drops is answered in order, and each envelope comes once, byte for byte', async (t) => {
  const { ada, ben, addr, tok } = await scene(t)
  await ada.client.get({ t: 'mail.next', max: 50 })
  const envelopes = Array.from({ length: 40 }, () => envelopeFor(ada.person))
  envelopes.forEach((envelope, i) => ben.client.raw(binaryMessage({ t: 'drop', q: 1000 + i, addr, tok, cls: 'msg', ttl: 60 }, envelope)))
  for (let i = 0; i < 40; i++) {
    const reply = await ben.client.next('ok')
    assert.equal(reply.q, 1000 + i)
  }
  const came = await mails(ada.client, 40)
  assert.deepEqual(came.map(({ envelope }) => envelope), envelopes)
  assert.equal(new Set(came.map(({ id }) => id)).size, 40)
})

test('[S19, C20] msg and sig need a token with drop; a token that was passed on is unknown', async (t) => {
  const { where, ada, ben, tok, addr, drops } = await scene(t)
  const cid = await registers(where, 'cid')
  const envelope = envelopeFor(ada.person)
  for (const cls of ['msg', 'sig'] as const) {
    const asCid = await cid.client.drop({ addr, tok, cls }, envelope)
    assert.equal(asCid.t === 'err' && asCid.code, 'denied')
    const without = await ben.client.drop({ addr, cls }, envelope)
    assert.equal(without.t === 'err' && without.code, 'denied')
    assert.equal(await drops(envelope, { cls, tok: token() }), 'denied')
    assert.equal(await drops(envelopeFor(cid.person), { cls }), 'not-found', 'another device')
    assert.equal(await drops(envelope, { cls, addr: addr.replace('ada', 'zoe') }), 'denied', 'nobody there reads like no token')
  }
  const watchOnly = await admits(ada, cid, ['presence'])
  const noDrop = await cid.client.drop({ addr, tok: watchOnly.tok, cls: 'msg' }, envelope)
  assert.equal(noDrop.t === 'err' && noDrop.code, 'denied')
})

test('[E2] an envelope of a size that suite 1 does not have is bad-frame', async (t) => {
  const { where, ada, tok, addr } = await scene(t)
  for (const size of [1023, 1025, 0, 65_025]) {
    const one = await registers(where, `u.${size}`)
    const envelope = concat(envelopeFor(ada.person).subarray(0, 26), new Uint8Array(size + 48))
    one.client.raw(binaryMessage({ t: 'drop', q: 1, addr, tok, cls: 'msg', ttl: 60 }, envelope))
    assert.equal((await one.client.next('bye')).code, 'bad-frame', String(size))
  }
  const other = envelopeFor(ada.person, 1000)
  other[1] = 2
  const reply = await (await registers(where, 'ok1')).client.drop({ addr, tok: token(), cls: 'msg' }, other)
  assert.equal(reply.t === 'err' && reply.code, 'denied', 'another suite has other sizes')
})

test('[S19] bytes that wait already are answered ok and stored once', async (t) => {
  const { where, ada, drops } = await scene(t)
  const envelope = envelopeFor(ada.person)
  for (let i = 0; i < 30; i++) assert.equal(await drops(envelope), 'ok')
  assert.equal(countRows(where), 1)
  await ada.client.get({ t: 'mail.next', max: 50 })
  const [one] = await mails(ada.client, 1)
  await shows(ada, [], 'on')
  await ada.client.get({ t: 'mail.ack', ids: [one!.id] })
})

test('[S19] sig is pushed at once, or waits a minute in memory, at most sixteen per token', async (t) => {
  const { where, ada, drops } = await scene(t)
  const live = envelopeFor(ada.person)
  assert.equal(await drops(live, { cls: 'sig' }), 'ok')
  const came = await ada.client.next('mail')
  assert.deepEqual([came.cls, came.envelope], ['sig', live])
  await ada.client.close()
  await where.server.close()
  const again = await scene(t)
  await again.ada.client.close()
  // Until the server has seen it go, a signal would go to the closing socket.
  await again.ben.client.settled()
  const sent = Array.from({ length: 20 }, () => envelopeFor(again.ada.person))
  for (const envelope of [...sent, ...sent.slice(-1)]) assert.equal(await again.drops(envelope, { cls: 'sig' }), 'ok')
  assert.equal(countRows(again.where), 0, 'nothing on disk')
  const { client, ready } = await logsOn(again.where, again.ada.person)
  assert.equal(ready.mail.n, 0)
  assert.deepEqual((await mails(client, 16)).map(({ envelope }) => envelope), sent.slice(-16))
  assert.deepEqual(await client.settled(), [])
})

test('[S19] a sig is gone after a minute, or after its own time', async (t) => {
  const { where, ada, ben, drops } = await scene(t)
  await ada.client.close()
  await ben.client.settled()
  await drops(envelopeFor(ada.person), { cls: 'sig', ttl: 3600 })
  await drops(envelopeFor(ada.person), { cls: 'sig', ttl: 5 })
  const kept = envelopeFor(ada.person)
  where.clock.pass(10 * SECOND)
  await drops(kept, { cls: 'sig' })
  where.clock.pass(51 * SECOND)
  const { client } = await logsOn(where, ada.person)
  assert.deepEqual((await client.settled()).map((one) => one.t === 'mail' && one.envelope), [kept])
})

test('[S20] mail.next: the oldest first, up to max, then ok with what is left; each once a session', async (t) => {
  const { where, ada, drops } = await scene(t)
  const sent = Array.from({ length: 5 }, () => envelopeFor(ada.person))
  for (const envelope of sent) await drops(envelope)
  assert.deepEqual(await ada.client.settled(), [], 'nothing is pushed before left was 0')
  assert.deepEqual(await ada.client.get({ t: 'mail.next', max: 3 }), { left: 2 })
  const heard = ada.client.heard.slice(-4).map((text) => (text.startsWith('{') ? JSON.parse(text).t : 'mail'))
  assert.deepEqual(heard, ['mail', 'mail', 'mail', 'ok'])
  assert.deepEqual(await ada.client.get({ t: 'mail.next', max: 50 }), { left: 0 })
  assert.deepEqual((await mails(ada.client, 5)).map(({ envelope }) => envelope), sent)
  assert.deepEqual(await ada.client.get({ t: 'mail.next', max: 50 }), { left: 0 })
  assert.deepEqual(await ada.client.settled(), [])
  // A new session gets them again: nothing was acknowledged.
  const again = await logsOn(where, ada.person)
  await again.client.get({ t: 'mail.next', max: 50 })
  assert.equal((await mails(again.client, 5)).length, 5)
})

test('[S20] at left 0 new mail is pushed, while fewer than fifty are unacknowledged; an acknowledgement goes on', async (t) => {
  const { ada, drops } = await scene(t)
  await shows(ada, [])
  assert.deepEqual(await ada.client.get({ t: 'mail.next', max: 50 }), { left: 0 })
  for (let i = 0; i < 70; i++) assert.equal(await drops(envelopeFor(ada.person)), 'ok')
  const first = await mails(ada.client, 50)
  assert.deepEqual(await ada.client.settled(), [])
  await ada.client.get({ t: 'mail.ack', ids: first.slice(0, 5).map(({ id }) => id) })
  const more = await mails(ada.client, 5)
  assert.deepEqual(await ada.client.settled(), [])
  await ada.client.get({ t: 'mail.ack', ids: [...first.slice(5), ...more].map(({ id }) => id).slice(0, 50) })
  const rest = await mails(ada.client, 15)
  await ada.client.get({ t: 'mail.ack', ids: rest.map(({ id }) => id) })
  assert.equal(await drops(envelopeFor(ada.person)), 'ok')
  assert.equal((await mails(ada.client, 1)).length, 1)
})

test('[S20] mail.next never sends beyond fifty unacknowledged', async (t) => {
  const { ada, drops } = await scene(t)
  for (let i = 0; i < 60; i++) await drops(envelopeFor(ada.person))
  assert.deepEqual(await ada.client.get({ t: 'mail.next', max: 50 }), { left: 10 })
  assert.deepEqual(await ada.client.get({ t: 'mail.next', max: 50 }), { left: 10 })
})

test('[S21] an acknowledged envelope is deleted; ids of an earlier session and unknown ones are fine', async (t) => {
  const { where, ada, rule, drops } = await scene(t)
  await drops(envelopeFor(ada.person))
  await drops(envelopeFor(ada.person))
  await ada.client.get({ t: 'mail.next', max: 50 })
  const [first, second] = await mails(ada.client, 2)
  const again = await logsOn(where, ada.person)
  await shows(again, [rule])
  await again.client.get({ t: 'mail.ack', ids: [first!.id, 'nonsense'] })
  assert.equal(countRows(where), 1)
  await again.client.get({ t: 'mail.ack', ids: [second!.id, second!.id] })
  assert.equal(countRows(where), 0)
})

test('[S21] nobody acknowledges another’s mail', async (t) => {
  const { where, ada, ben, drops } = await scene(t)
  await drops(envelopeFor(ada.person))
  await ada.client.get({ t: 'mail.next', max: 1 })
  const [one] = await mails(ada.client, 1)
  await ben.client.get({ t: 'mail.ack', ids: [one!.id] })
  assert.equal(countRows(where), 1)
})

test('[S21] the TTL ends an envelope, capped by the server’s', async (t) => {
  const { where, ada, drops } = await scene(t)
  await drops(envelopeFor(ada.person), { ttl: 3600 })
  await drops(envelopeFor(ada.person), { ttl: 365 * 86_400 })
  await ada.client.close()
  where.clock.pass(HOUR)
  const first = await logsOn(where, ada.person)
  assert.equal(first.ready.mail.n, 1)
  where.clock.pass(14 * DAY)
  assert.equal((await logsOn(where, ada.person)).ready.mail.n, 0)
  assert.equal(countRows(where), 0, 'and pruned')
})

test('[S21] per token 300 envelopes or 5 MiB; acknowledged ones make room', async (t) => {
  const { where, ada, rule, drops } = await scene(t)
  for (let i = 0; i < 300; i++) assert.equal(await drops(envelopeFor(ada.person)), 'ok', String(i))
  assert.equal(await drops(envelopeFor(ada.person)), 'quota')
  await shows(ada, [rule])
  await ada.client.get({ t: 'mail.next', max: 1 })
  const [one] = await mails(ada.client, 1)
  await ada.client.get({ t: 'mail.ack', ids: [one!.id] })
  assert.equal(await drops(envelopeFor(ada.person)), 'ok')
  assert.equal(await drops(envelopeFor(ada.person)), 'quota')
  assert.equal(countRows(where), 300)
})

test('[S21] per token 5 MiB', async (t) => {
  const { ada, drops } = await scene(t)
  const fits = Math.floor((5 * 2 ** 20) / 65_098)
  for (let i = 0; i < fits; i++) assert.equal(await drops(envelopeFor(ada.person, 65_024)), 'ok', String(i))
  assert.equal(await drops(envelopeFor(ada.person, 65_024)), 'quota')
  assert.equal(await drops(envelopeFor(ada.person, 32_768)), 'ok', 'a smaller one fits')
})

test('[S21] every token holds 20 envelopes and 256 KiB even where the account is full', async (t) => {
  const { where, ada, drops } = await scene(t, { mailCount: 30 })
  for (let i = 0; i < 30; i++) assert.equal(await drops(envelopeFor(ada.person)), 'ok', String(i))
  assert.equal(await drops(envelopeFor(ada.person)), 'quota')
  const cid = await registers(where, 'cid')
  const { tok } = await admits(ada, cid)
  const codes: string[] = []
  for (let i = 0; i < 21; i++) {
    const reply = await cid.client.drop({ addr: ada.person.addr, tok, cls: 'msg' }, envelopeFor(ada.person))
    codes.push(reply.t === 'ok' ? 'ok' : reply.code)
  }
  assert.deepEqual(codes, [...Array<string>(20).fill('ok'), 'quota'])
  const dan = await registers(where, 'dan')
  const his = await admits(ada, dan)
  const big: string[] = []
  for (let i = 0; i < 5; i++) {
    const reply = await dan.client.drop({ addr: ada.person.addr, tok: his.tok, cls: 'msg' }, envelopeFor(ada.person, 65_024))
    big.push(reply.t === 'ok' ? 'ok' : reply.code)
  }
  assert.deepEqual(big, ['ok', 'ok', 'ok', 'ok', 'quota'])
})

/** How many more fit under Ben's token, found by filling it. */
async function room(ada: On, drops: (envelope: Bytes) => Promise<string>): Promise<number> {
  for (let n = 0; ; n++) if ((await drops(envelopeFor(ada.person))) !== 'ok') return n
}

test('[P5] what a hidden user fetches goes on counting until they are visible', async (t) => {
  const { ada, rule, drops } = await scene(t, { tokenCount: 10 })
  await shows(ada, [rule], 'hidden')
  await ada.client.get({ t: 'mail.next', max: 50 })
  for (let i = 0; i < 4; i++) await drops(envelopeFor(ada.person))
  await ada.client.get({ t: 'mail.ack', ids: (await mails(ada.client, 4)).map(({ id }) => id) })
  assert.equal(await room(ada, drops), 6)
  await shows(ada, [], 'on')
  assert.equal(await drops(envelopeFor(ada.person)), 'quota', 'on, but not for Ben')
  await shows(ada, [rule], 'on')
  assert.equal(await room(ada, drops), 4)
})

test('[P5, S19] bytes fetched by a hidden user still read as waiting', async (t) => {
  const { where, ada, rule, drops } = await scene(t)
  await shows(ada, [rule], 'hidden')
  await ada.client.get({ t: 'mail.next', max: 50 })
  const envelope = envelopeFor(ada.person)
  await drops(envelope)
  await ada.client.get({ t: 'mail.ack', ids: [(await ada.client.next('mail')).id] })
  assert.equal(await drops(envelope), 'ok')
  assert.deepEqual([countRows(where), await ada.client.settled()], [1, []])
})

test('[P5] … for a day at most', async (t) => {
  const { where, ada, ben, rule, drops } = await scene(t, { tokenCount: 2, silentMs: 10 * DAY })
  await shows(ada, [rule], 'hidden')
  await ada.client.get({ t: 'mail.next', max: 50 })
  await drops(envelopeFor(ada.person))
  await drops(envelopeFor(ada.person))
  await ada.client.get({ t: 'mail.ack', ids: (await mails(ada.client, 2)).map(({ id }) => id) })
  assert.equal(await drops(envelopeFor(ada.person)), 'quota')
  where.clock.pass(DAY)
  await ben.client.settled()
  assert.equal(await drops(envelopeFor(ada.person)), 'ok')
})

test('[S1] binary is only drop, and a head that is none is bad-frame', async (t) => {
  const { where } = await scene(t)
  const bad: (string | Uint8Array)[] = [
    new Uint8Array(0), u16be(5), concat(u16be(2), utf8('{}')), concat(u16be(0xffff), utf8('{"t":"drop"}')), randomBytes(300),
    utf8(JSON.stringify({ t: 'ping', q: 1 })), JSON.stringify({ t: 'drop', q: 1 }),
  ]
  for (const [i, data] of bad.entries()) {
    const one = await registers(where, `bad${i}`)
    one.client.raw(data)
    assert.equal((await one.client.next('bye')).code, 'bad-frame', String(i))
    await one.client.closed()
  }
})

test('[C22, C30] an envelope under a rule that is deleted is still delivered; later ones are denied', async (t) => {
  const { ada, ben, rule, drops, tok, addr } = await scene(t)
  await drops(envelopeFor(ada.person))
  await ada.client.get({ t: 'acl.del', ids: [rule.id] })
  assert.equal(await drops(envelopeFor(ada.person)), 'denied')
  assert.deepEqual(await ada.client.get({ t: 'mail.next', max: 50 }), { left: 0 })
  await mails(ada.client, 1)
  assert.deepEqual(await ben.client.get({ t: 'presence.sub', add: [{ addr, tok }], del: [] }), { denied: [addr] })
  const fresh = ruleFor(tok, ben.person)
  await ada.client.get({ t: 'acl.put', rules: [fresh] })
  assert.equal(await drops(envelopeFor(ada.person)), 'ok')
})
