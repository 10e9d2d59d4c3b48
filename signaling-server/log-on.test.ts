import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Address } from '../protocol/ids.ts'
import { b64Of, bytesOf, keyName } from './crypto.ts'
import { admits, authOf, benWatchesAda, connect, DAY, greet, logsOn, makePerson, MINUTE, onNewComputer, place, recordOf, registerOf, registers, SECOND, shows } from './test-client.ts'

const refusedWith = (code: string) => ({ message: code })
const PROXIED = { behindProxy: true, name: 'chat.example' }
const from = (ip: string) => ({ 'x-forwarded-for': ip })

test('[S2] without TLS the name is made of the key, and behind a proxy it is the host name', async (t) => {
  const plain = await place(t)
  assert.equal(plain.server.name, keyName(bytesOf(plain.server.spk)))
  assert.match(plain.server.name, /^[a-z2-7]{16}\.parley$/)
  const named = await place(t, PROXIED)
  assert.equal(named.server.name, 'chat.example')
})

test('[S2] the key and the name stay over a restart', async (t) => {
  const where = await place(t)
  const { name, spk } = where.server
  await where.restart()
  assert.deepEqual([where.server.name, where.server.spk], [name, spk])
})

test('[S3, S4] the challenge is signed by the server key, with a new nonce each time', async (t) => {
  const where = await place(t)
  const first = await greet(await connect(where.server.url))
  const second = await greet(await connect(where.server.url))
  assert.equal(first.spk, where.server.spk)
  assert.equal(first.server, where.server.name)
  assert.equal(first.ts, where.clock.now())
  assert.notEqual(first.nonce, second.nonce)
})

test('[W9, S3] a client without a common version gets bye version', async (t) => {
  const where = await place(t)
  const client = await connect(where.server.url)
  client.say({ t: 'hello', proto: [2, 9], ua: 'test', feat: [] })
  assert.equal((await client.next('bye')).code, 'version')
  await client.closed()
  assert.equal((await greet(await connect(where.server.url), [1, 9])).proto, 1)
})

test('[S3] anything out of turn is bye bad-frame', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const early: object[] = [{ t: 'ping', q: 1 }, { t: 'mail.next', q: 1, max: 1 }, authOf(ada.person, ada.challenge, 1)]
  for (const message of early) {
    const client = await connect(where.server.url)
    client.say(message)
    assert.equal((await client.next('bye')).code, 'bad-frame', JSON.stringify(message))
    await client.closed()
  }
  const between = await connect(where.server.url)
  await greet(between)
  between.say({ t: 'ping', q: 1 })
  assert.equal((await between.next('bye')).code, 'bad-frame')
  ada.client.say({ t: 'hello', proto: [1, 1], ua: 'test', feat: [] })
  assert.equal((await ada.client.next('bye')).code, 'bad-frame')
})

test('[S3] each step has ten seconds', async (t) => {
  const where = await place(t)
  const silent = await connect(where.server.url)
  const greeted = await connect(where.server.url)
  where.clock.pass(9 * SECOND)
  await greet(greeted)
  where.clock.pass(SECOND)
  assert.equal((await silent.next('bye')).code, 'expired')
  await silent.closed()
  where.clock.pass(8 * SECOND)
  assert.equal(greeted.isClosed(), false)
  where.clock.pass(SECOND)
  assert.equal((await greeted.next('bye')).code, 'expired')
})

test('[S6] a log-on of a registered account is ready', async (t) => {
  const where = await place(t)
  const { person, client } = await registers(where, 'ada')
  await client.close()
  const { ready } = await logsOn(where, person)
  assert.equal(ready.addr, person.addr)
  assert.deepEqual(ready.lim, { maxEnv: 65_536, mailBytes: 20 * 2 ** 20, mailCount: 2000, ttlMax: 14 * 86_400, knocksPerDay: 5, turn: false })
  assert.deepEqual([ready.keys, ready.mail, ready.knocks], [{ once: 0, last: 0 }, { n: 0, bytes: 0 }, { refused: 0 }])
})

test('[S6, S12, W3] every part of a log-on is covered by its signature', async (t) => {
  const where = await place(t)
  const { person, challenge: old, client } = await registers(where, 'ada')
  const eve = makePerson('eve', where.server.name)
  await client.close()
  const wrong: [string, (auth: ReturnType<typeof authOf>) => object][] = [
    ['signature', (auth) => ({ ...auth, sig: b64Of(randomBytes(64)) })],
    ['run', (auth) => ({ ...auth, run: 99 })],
    ['device', (auth) => ({ ...auth, dev: b64Of(randomBytes(16)) })],
    ['other key', () => ({ ...authOf({ ...person, dk: eve.dk }, old, 1) })],
    ['replayed nonce', () => authOf(person, old, 1)],
    ['S + L', (auth) => ({ ...auth, sig: plusL(auth.sig) })],
    ['record of another key', (auth) => ({ ...auth, rec: recordOf({ ...person, ik: eve.ik }) })],
    ['tampered record', (auth) => ({ ...auth, rec: { p: auth.rec.p, s: b64Of(randomBytes(64)) } })],
  ]
  for (const [what, change] of wrong) {
    const one = await connect(where.server.url)
    const challenge = await greet(one)
    one.say(change(authOf(person, challenge, 1)))
    assert.equal((await one.next('err')).code, 'bad-auth', what)
    await one.closed()
  }
  assert.ok((await logsOn(where, person)).ready)
})

/** The second form of a valid signature, S + L, which a library may accept. */
function plusL(signature: string): string {
  const bytes = bytesOf(signature)
  const L = 2n ** 252n + 27742317777372353535851937790883648493n
  let s = 0n
  for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(bytes[i]!)
  s += L
  for (let i = 32; i < 64; i++, s >>= 8n) bytes[i] = Number(s & 0xffn)
  return b64Of(bytes)
}

test('[S3] a nonce serves one log-on: a second auth on the connection ends it', async (t) => {
  const where = await place(t)
  const { person, client } = await registers(where, 'ada')
  await client.close()
  const one = await connect(where.server.url)
  const challenge = await greet(one)
  one.say(authOf(person, challenge, 1))
  one.say(authOf(person, challenge, 2))
  assert.equal((await one.next('bye')).code, 'bad-frame')
})

test('[S7] a run that was used is conflict, also after a restart', async (t) => {
  const where = await place(t)
  const { person, client } = await registers(where, 'ada')
  await client.close()
  await (await logsOn(where, person)).client.close()
  person.run = 0
  await assert.rejects(logsOn(where, person), refusedWith('conflict'))
  await where.restart()
  person.run = 0
  await assert.rejects(logsOn(where, person), refusedWith('conflict'))
  assert.ok((await logsOn(where, person)).ready)
})

test('[S7, S12] whoever has only the record learns nothing from a log-on', async (t) => {
  const where = await place(t)
  const { person } = await registers(where, 'ada')
  const stranger = makePerson('ben', where.server.name)
  for (const [who, run] of [[person, 0], [person, 5], [stranger, 1]] as const) {
    const client = await connect(where.server.url)
    const challenge = await greet(client)
    client.say({ ...authOf(who, challenge, Math.max(1, run)), sig: b64Of(randomBytes(64)) })
    assert.equal((await client.next('err')).code, 'bad-auth')
  }
})

test('[S6] an account that is not here is not-found', async (t) => {
  const where = await place(t)
  await assert.rejects(logsOn(where, makePerson('ada', where.server.name)), refusedWith('not-found'))
})

test('[S8] registering: taken, foreign address, bad signature, and the same once more', async (t) => {
  const where = await place(t)
  const { person } = await registers(where, 'ada')
  await assert.rejects(registers(where, 'ada'), refusedWith('taken'))
  const tries: [string, ReturnType<typeof makePerson>, object][] = [
    ['denied', makePerson('ben', 'elsewhere.example'), {}],
    ['bad-auth', makePerson('ben', where.server.name), { sig: b64Of(randomBytes(64)) }],
    ['bad-auth', makePerson('ben', where.server.name), { dev: b64Of(randomBytes(16)) }],
    ['conflict', { ...person, ...recordAt(person, `other@${where.server.name}`) }, {}],
  ]
  for (const [code, who, change] of tries) {
    const client = await connect(where.server.url)
    client.say({ ...registerOf(who, await greet(client)), ...change })
    const error = await client.next('err')
    assert.deepEqual([error.code, error.q], [code, 77])
    await client.closed()
  }
  // The answer was lost: the same registration is answered again, as long as nobody has logged on.
  const again = await connect(where.server.url)
  again.say(registerOf(person, await greet(again)))
  assert.equal((await again.next('ready')).addr, person.addr)
  await logsOn(where, person)
  const late = await connect(where.server.url)
  late.say(registerOf(person, await greet(late)))
  assert.equal((await late.next('err')).code, 'taken')
})

function recordAt(of: ReturnType<typeof makePerson>, addr: string) {
  const moved = { ...of, addr: addr as Address }
  return { addr: moved.addr, rec: recordOf(moved) }
}

test('[S9] by code: the first start gives one, members get five a day, each is good once', async (t) => {
  const where = await place(t, { registration: 'code' })
  const code = where.server.firstCode!
  await assert.rejects(registers(where, 'ada'), refusedWith('invite-required'))
  await assert.rejects(registers(where, 'ada', { invite: 'nope' }), refusedWith('invite-required'))
  const ada = await registers(where, 'ada', { invite: code.toUpperCase().replaceAll('-', ' ') })
  await assert.rejects(registers(where, 'ben', { invite: code }), refusedWith('invite-required'))
  const codes: { code: string; exp: number }[] = []
  for (let i = 0; i < 5; i++) codes.push(await ada.client.get({ t: 'reg.new' }))
  assert.equal(await ada.client.code({ t: 'reg.new' }), 'rate')
  await registers(where, 'ben', { invite: codes[0]!.code })
  where.clock.pass(30 * DAY)
  await assert.rejects(registers(where, 'cid', { invite: codes[1]!.code }), refusedWith('invite-required'))
  await registers(where, 'cid', { invite: where.server.newCode() })
  await where.restart()
  assert.equal(where.server.firstCode, undefined)
})

test('[S9] a refused registration leaves its code good', async (t) => {
  const where = await place(t, { registration: 'code' })
  await registers(where, 'ada', { invite: where.server.newCode() })
  const code = where.server.newCode()
  await assert.rejects(registers(where, 'ada', { invite: code }), refusedWith('taken'))
  await registers(where, 'ben', { invite: code })
})

test('[S10] the newest session wins and the older is told', async (t) => {
  const where = await place(t)
  const first = await registers(where, 'ada')
  const second = await logsOn(where, first.person)
  assert.equal((await first.client.next('bye')).code, 'replaced')
  await first.client.closed()
  assert.equal(await second.client.code({ t: 'ping' }), 'ok')
})

test('[S10, P1] presence goes from one session to the next', async (t) => {
  const where = await place(t, { limits: { presenceSpacingMs: 0 } })
  const { ada, ben, rule } = await benWatchesAda(where)
  assert.equal((await ben.client.next('presence')).state, 'on')
  const again = await logsOn(where, ada.person)
  assert.equal((await ben.client.next('presence')).state, 'off')
  await shows(again, [rule], 'busy')
  assert.equal((await ben.client.next('presence')).state, 'busy')
  await ada.client.closed()
  assert.deepEqual(await ben.client.settled(), [])
})

test('[S12, S23] failed log-ons of one account from one address wait, twice as long each time', async (t) => {
  const where = await place(t, { ...PROXIED, limits: { connect: { burst: 1000, everyMs: 1 } } })
  const { person, client } = await registers(where, 'ada', { headers: from('203.0.113.5') })
  await client.close()
  const fails = async (ip: string) => {
    const one = await connect(where.server.url, from(ip))
    one.say({ ...authOf(person, await greet(one), 1), sig: b64Of(randomBytes(64)) })
    return one.next('err')
  }
  for (let i = 0; i < 3; i++) assert.equal((await fails('203.0.113.5')).code, 'bad-auth')
  const waiting = await fails('203.0.113.5')
  assert.deepEqual([waiting.code, waiting.after], ['rate', 60])
  await assert.rejects(logsOn(where, person, from('203.0.113.5')), refusedWith('rate'))
  assert.equal((await fails('198.51.100.1')).code, 'bad-auth', 'another address')
  where.clock.pass(MINUTE)
  assert.equal((await fails('203.0.113.5')).code, 'bad-auth')
  assert.equal((await fails('203.0.113.5')).after, 120)
  where.clock.pass(2 * MINUTE)
  person.run = 0
  assert.ok((await logsOn(where, person, from('203.0.113.5'))).ready)
})

test('[S13, S6, I10] a new computer: the new record is taken at log-on, the old computer ends, rules stay', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  await admits(ada, ben)
  const state = (await logsOn(where, ada.person)).ready.acl
  const moved = onNewComputer(ada.person)
  const there = await logsOn(where, moved)
  assert.equal(there.ready.acl, state)
  assert.deepEqual(await ben.client.get({ t: 'account.get', addr: ada.person.addr }), { rec: moved.rec })
  await assert.rejects(logsOn(where, ada.person), refusedWith('conflict'))
})

test('[I5, S6] another record of the same number is conflict', async (t) => {
  const where = await place(t)
  const { person } = await registers(where, 'ada')
  const divergent = { ...onNewComputer(person), seq: person.seq }
  divergent.rec = recordOf(divergent)
  await assert.rejects(logsOn(where, divergent), refusedWith('conflict'))
})
