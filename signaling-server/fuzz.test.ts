import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Bytes } from '../protocol/wire/bytes.ts'
import { binaryMessage } from '../protocol/wire/codec.ts'
import { type Client, connect, envelopeFor, greet, type On, type Place, place, registers, token } from './test-client.ts'

const OPEN = { messages: { burst: 1e9, everyMs: 1 }, gets: { burst: 1e9, everyMs: 1 }, drops: { burst: 1e9, everyMs: 1 } }

/** Every request in a right form, to be made wrong. */
const samples = (on: On): object[] => [
  { t: 'hello', proto: [1, 1], ua: 'x', feat: [] },
  { t: 'auth', rec: on.person.rec, dev: on.person.dev, run: 1, sig: 'A'.repeat(86) },
  { t: 'register', q: 1, rec: on.person.rec, dev: on.person.dev, sig: 'A'.repeat(86) },
  { t: 'account.put', q: 1, rec: on.person.rec }, { t: 'account.get', q: 1, addr: on.person.addr, gate: token(), tok: token() },
  { t: 'keys.put', q: 1, once: [on.person.rec], replace: true }, { t: 'keys.claim', q: 1, addr: on.person.addr },
  { t: 'acl.put', q: 1, rules: [{ id: 'AAAAAAAAAAA', h: token(), may: ['drop'] }] }, { t: 'acl.del', q: 1, ids: ['AAAAAAAAAAA'] },
  { t: 'acl.get', q: 1 }, { t: 'acl.deny', q: 1, add: [token()], del: [] }, { t: 'knock.mode', q: 1, mode: 'members', hashes: [] },
  { t: 'presence.set', q: 1, state: 'on', cls: [] }, { t: 'presence.sub', q: 1, add: [{ addr: on.person.addr, tok: token() }], del: [] },
  { t: 'mail.next', q: 1, max: 1 }, { t: 'mail.ack', q: 1, ids: ['x'] }, { t: 'turn.get', q: 1 }, { t: 'ping', q: 1 }, { t: 'reg.new', q: 1 },
]

const value = fc.oneof(fc.constantFrom<unknown>(null, true, -1, 1.5, 2 ** 53, 1e308, '', '\u0000', '\ud800', [], {}, [[[[[[[[[]]]]]]]]], '__proto__'), fc.string(), fc.integer(), fc.array(fc.string()))

/** One member taken away, added, or replaced by something else; or the text cut or changed. */
const broken = (on: On) => fc.tuple(fc.constantFrom(...samples(on)), fc.constantFrom('drop', 'add', 'swap', 'cut', 'byte'), fc.nat(), value).map(([sample, how, n, other]) => {
  const copy: Record<string, unknown> = structuredClone(sample) as Record<string, unknown>
  const keys = Object.keys(copy)
  const key = keys[n % keys.length]!
  if (how === 'drop') delete copy[key]
  else if (how === 'add') copy['extra'] = other
  else if (how === 'swap') copy[key] = other
  const text = JSON.stringify(copy)
  if (how === 'cut') return text.slice(0, n % text.length)
  if (how === 'byte') return `${text.slice(0, n % text.length)}${String.fromCharCode(n % 128)}${text.slice((n % text.length) + 1)}`
  return text
})

/** Sends, and tells whether the connection lived on. */
async function survives(client: Client, data: string | Uint8Array): Promise<boolean> {
  client.raw(data)
  client.say({ t: 'ping', q: 4_000_000_000 })
  const message = await Promise.race([client.take((one) => (one.t === 'ok' && one.q === 4_000_000_000) || one.t === 'bye'), client.closed().then(() => undefined)])
  client.inbox.length = 0
  return message?.t === 'ok'
}

async function rounds(where: Place, inputs: (string | Uint8Array)[], logOn: () => Promise<Client>) {
  let client = await logOn()
  let ended = 0
  for (const input of inputs) {
    if (await survives(client, input)) continue
    await client.closed()
    ended++
    client = await logOn()
  }
  await client.close()
  assert.ok(await registers(where, `after${randomBytes(4).toString('hex')}`), 'the server lives')
  return ended
}

/** Refused connections are cheaper in numbers: many sockets, each told one thing. */
test('[S1, S3, W5, W6] malformed messages before log-on: 12,000, none throws', async (t) => {
  const faults: string[] = []
  const where = await place(t, { limits: OPEN, log: (fact, details) => void (fact === 'bug' && faults.push(String(details?.['error']))) })
  const on = await registers(where, 'ada')
  const texts = fc.sample(fc.oneof(broken(on), fc.string(), fc.json()), 12_000)
  // Packed twenty to a socket: the first ends it, the rest arrive at a socket that is closing.
  for (let i = 0; i < texts.length; i += 400) {
    await Promise.all(Array.from({ length: 20 }, async (_, lane) => {
      const client = await connect(where.server.url)
      for (const text of texts.slice(i + lane * 20, i + lane * 20 + 20)) client.raw(text)
      client.say({ t: 'ping', q: 1 })
      await client.closed()
    }))
  }
  assert.deepEqual(faults, [])
  assert.equal(await on.client.code({ t: 'ping' }), 'ok')
})

test('[S1, S12, W6] malformed messages of someone logged on: 4,000, each answered or bye bad-frame', async (t) => {
  const faults: string[] = []
  const where = await place(t, { limits: OPEN, log: (fact, details) => void (fact === 'bug' && faults.push(String(details?.['error']))) })
  let n = 0
  const first = await registers(where, 'ada')
  const ended = await rounds(where, fc.sample(broken(first), 4000), async () => (await registers(where, `u${++n}.x`)).client)
  assert.deepEqual(faults, [])
  assert.ok(ended > 100 && n < 4000, `${ended} connections ended`)
})

test('[S1, E2] malformed binary messages: 4,000, none throws', async (t) => {
  const faults: string[] = []
  const where = await place(t, { limits: OPEN, log: (fact, details) => void (fact === 'bug' && faults.push(String(details?.['error']))) })
  const on = await registers(where, 'ada')
  const good = binaryMessage({ t: 'drop', q: 1, addr: on.person.addr, tok: token(), cls: 'msg', ttl: 60 }, envelopeFor(on.person))
  const bad = fc.sample(fc.tuple(fc.nat(400), fc.nat(255), fc.nat(good.length), fc.boolean()), 4000).map(([at, byte, length, isCut]) => {
    const copy = Uint8Array.from(good) as Bytes
    copy[at] = byte
    return isCut ? copy.subarray(0, length) : copy
  })
  let n = 0
  for (let i = 0; i < bad.length; i += 100) {
    const { client } = await registers(where, `b${++n}.x`)
    for (const data of bad.slice(i, i + 100)) client.raw(data)
    client.say({ t: 'hello', proto: [1, 1], ua: '', feat: [] })
    await client.closed()
  }
  assert.deepEqual(faults, [])
})

test('[S12] nothing that a log-on carries can throw', async (t) => {
  const faults: string[] = []
  const where = await place(t, { limits: OPEN, log: (fact, details) => void (fact === 'bug' && faults.push(String(details?.['error']))) })
  const on = await registers(where, 'ada')
  const json = (of: unknown) => Buffer.from(JSON.stringify(of)).toString('base64url')
  const ps = [json({}), json(null), json([]), json({ v: 1, ik: 'x' }), Buffer.from([0xff, 0xfe]).toString('base64url'), json('x'.repeat(2000)), json({ ...JSON.parse(Buffer.from(on.person.rec.p, 'base64url').toString()), devs: [{ p: json({}), s: on.person.rec.s }] })]
  for (const p of ps) {
    for (const t of ['auth', 'register']) {
      const client = await connect(where.server.url)
      await greet(client)
      client.say({ t, ...(t === 'auth' ? { run: 1 } : { q: 1 }), rec: { p, s: on.person.rec.s }, dev: on.person.dev, sig: 'A'.repeat(86) })
      assert.equal((await client.next('err')).code, 'bad-auth')
    }
  }
  assert.deepEqual(faults, [])
})
