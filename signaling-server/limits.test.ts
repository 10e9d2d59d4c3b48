import assert from 'node:assert/strict'
import { connect as dial, type Socket } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { addressCut, addressKey, clientAddress, parseRange } from './addresses.ts'
import { createBucket, createFailures, takeAll } from './rates.ts'
import { admits, connect, DAY, envelopeFor, fakeClock, greet, HOUR, logsOn, MINUTE, place, registers, SECOND } from './test-client.ts'

const PROXIED = { behindProxy: true, name: 'chat.example' }
const from = (ip: string) => ({ 'x-forwarded-for': ip })
const status = (code: number) => ({ status: code })

test('[S23] a token bucket: so many at once, then one each so often, and never more than at first', () => {
  const clock = fakeClock()
  const bucket = createBucket(clock, { burst: 3, everyMs: 10_000 })
  const take = () => takeAll([bucket, 'x'])
  assert.deepEqual([take(), take(), take(), take()], [0, 0, 0, 10])
  clock.pass(9_999)
  assert.equal(take(), 1)
  clock.pass(1)
  assert.deepEqual([take(), take()], [0, 10])
  clock.pass(HOUR)
  bucket.prune()
  assert.deepEqual([take(), take(), take(), take()], [0, 0, 0, 10])
  assert.equal(takeAll([bucket, 'y']), 0)
  assert.equal(takeAll([createBucket(clock, { burst: 0, everyMs: 1000 }), 'x']), 1)
})

test('[S23] a clock that is put back a year makes nobody wait a year', () => {
  const clock = fakeClock()
  let back = 0
  const bucket = createBucket({ ...clock, now: () => clock.now() - back }, { burst: 3, everyMs: 10_000 })
  for (let i = 0; i < 3; i++) takeAll([bucket, 'x'])
  back = 365 * DAY
  assert.equal(bucket.wait('x'), 10)
})

test('[S23] tokens of several buckets are taken together or not at all', () => {
  const clock = fakeClock()
  const [a, b] = [createBucket(clock, { burst: 9, everyMs: 1000 }), createBucket(clock, { burst: 1, everyMs: 7000 })]
  assert.equal(takeAll([a, 1], [b, 1]), 0)
  for (let i = 0; i < 20; i++) assert.equal(takeAll([a, 1], [b, 1]), 7)
  for (let i = 0; i < 8; i++) assert.equal(takeAll([a, 1]), 0)
  assert.equal(takeAll([a, 1]), 1)
  assert.equal(takeAll([b, undefined]), 0)
})

test('[S12] failures: free ones first, then doubling up to a longest', () => {
  const clock = fakeClock()
  const failures = createFailures(clock, { free: 3, firstMs: 60_000, longestMs: 200_000 })
  const waits: number[] = []
  for (let i = 0; i < 6; i++) {
    failures.failed('k')
    waits.push(failures.wait('k'))
    clock.pass(200_000)
  }
  assert.deepEqual(waits, [0, 0, 60, 120, 200, 200])
  failures.succeeded('k')
  assert.equal(failures.wait('k'), 0)
})

test('[S23, S24, S25] addresses: /32, /64, loopback skipped; cut for the log', () => {
  assert.equal(addressKey('203.0.113.7'), '203.0.113.7')
  assert.equal(addressKey('::ffff:203.0.113.7'), '203.0.113.7')
  assert.equal(addressKey('2001:db8:1:2:3:4:5:6'), addressKey('2001:db8:1:2::9'))
  assert.notEqual(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:3::1'))
  for (const own of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) assert.equal(addressKey(own), undefined)
  assert.equal(addressCut('203.0.113.7'), '203.0.113.0/24')
  assert.equal(addressCut('2001:db8:1:2:3:4:5:6'), '2001:db8:1::/48')
})

test('[S24] X-Forwarded-For is believed as far as named proxies wrote it', () => {
  const isProxy = (ip: string) => ['127.0.0.0/8', '10.0.0.0/8', 'fd00::/8'].some((range) => parseRange(range)!(ip))
  assert.equal(clientAddress('203.0.113.7', '198.51.100.1', isProxy), '203.0.113.7')
  assert.equal(clientAddress('127.0.0.1', '198.51.100.1', isProxy), '198.51.100.1')
  assert.equal(clientAddress('127.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.9', isProxy), '198.51.100.1', 'what a client wrote itself is not')
  assert.equal(clientAddress('::ffff:127.0.0.1', undefined, isProxy), '127.0.0.1')
  assert.equal(clientAddress('fd00::1', 'nonsense', isProxy), 'nonsense')
  assert.deepEqual(['1.2.3', '1.2.3.4/33', 'x/8', '1.2.3.4/8/8'].map(parseRange), [undefined, undefined, undefined, undefined])
})

test('[S22] a session that says nothing for forty seconds is closed, one that pings is not', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  where.clock.pass(25 * SECOND)
  assert.equal(await ben.client.code({ t: 'ping' }), 'ok')
  where.clock.pass(15 * SECOND)
  await ada.client.closed()
  assert.equal(await ben.client.code({ t: 'ping' }), 'ok')
})

test('[S23] connections per address: twenty at once, then one each three seconds; loopback is free', async (t) => {
  const where = await place(t, PROXIED)
  for (let i = 0; i < 20; i++) await connect(where.server.url, from('203.0.113.7'))
  await assert.rejects(connect(where.server.url, from('203.0.113.7')), status(429))
  await connect(where.server.url, from('203.0.113.8'))
  for (let i = 0; i < 30; i++) await connect(where.server.url)
  where.clock.pass(3 * SECOND)
  await connect(where.server.url, from('203.0.113.7'))
  await assert.rejects(connect(where.server.url, from('203.0.113.7')), status(429))
})

test('[S24] without a named proxy X-Forwarded-For says nothing', async (t) => {
  const where = await place(t)
  for (let i = 0; i < 25; i++) await connect(where.server.url, from('203.0.113.7'))
})

test('[S23] messages per account: err rate with after; the next ones are fine again', async (t) => {
  const where = await place(t)
  const { client } = await registers(where, 'ada')
  for (let i = 0; i < 60; i++) assert.equal(await client.code({ t: 'ping' }), 'ok')
  const reply = await client.ask({ t: 'ping' })
  assert.deepEqual(reply.t === 'err' && [reply.code, reply.after], ['rate', 1])
  where.clock.pass(50)
  assert.equal(await client.code({ t: 'ping' }), 'ok')
  assert.equal(await client.code({ t: 'ping' }), 'rate')
})

test('[S23] messages per address: over it is bye rate', async (t) => {
  const where = await place(t, { ...PROXIED, limits: { messagesPerAddress: { burst: 10, everyMs: 1000 } } })
  const { client } = await registers(where, 'ada', { headers: from('203.0.113.7') })
  for (let i = 0; i < 8; i++) assert.equal(await client.code({ t: 'ping' }), 'ok')
  client.say({ t: 'ping', q: 99 })
  const bye = await client.next('bye')
  assert.deepEqual([bye.code, bye.after], ['rate', 1])
  await client.closed()
})

test('[S23] control frames count as messages', async (t) => {
  const where = await place(t, { ...PROXIED, limits: { messagesPerAddress: { burst: 10, everyMs: 1000 } } })
  const { client } = await registers(where, 'ada', { headers: from('203.0.113.7') })
  for (let i = 0; i < 20; i++) client.ws.ping()
  assert.equal((await client.next('bye')).code, 'rate')
})

test('[S23] drops and signals per account', async (t) => {
  const where = await place(t, { limits: { messages: { burst: 1000, everyMs: 1 } } })
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const { tok } = await admits(ada, ben)
  for (const [cls, burst, after] of [['msg', 60, 1], ['sig', 30, 2]] as const) {
    for (let i = 0; i < burst; i++) assert.equal((await ben.client.drop({ addr: ada.person.addr, tok, cls }, envelopeFor(ada.person))).t, 'ok', `${cls} ${i}`)
    const reply = await ben.client.drop({ addr: ada.person.addr, tok, cls }, envelopeFor(ada.person))
    assert.deepEqual(reply.t === 'err' && [reply.code, reply.after], ['rate', after])
  }
})

test('[S23] account.get and keys.claim, per account and per address', async (t) => {
  const where = await place(t, { ...PROXIED, limits: { messages: { burst: 1000, everyMs: 1 }, getsPerAddress: { burst: 40, everyMs: 30_000 }, claimsPerTarget: 1000 } })
  const ada = await registers(where, 'ada', { headers: from('203.0.113.7') })
  const get = (on = ada) => on.client.code({ t: 'account.get', addr: ada.person.addr })
  for (let i = 0; i < 30; i++) assert.equal(await get(), 'ok')
  assert.equal(await get(), 'rate')
  const ben = await registers(where, 'ben', { headers: from('203.0.113.7') })
  for (let i = 0; i < 10; i++) assert.equal(await get(ben), 'ok')
  assert.equal(await get(ben), 'rate')
  for (let i = 0; i < 20; i++) assert.equal(await ben.client.code({ t: 'keys.claim', addr: ada.person.addr }), 'unavailable')
  assert.equal(await ben.client.code({ t: 'keys.claim', addr: ada.person.addr }), 'rate')
})

test('[S23, S9] three registrations a day per address; refused ones do not count', async (t) => {
  const where = await place(t, { ...PROXIED, limits: { connect: { burst: 100, everyMs: 1 } } })
  const headers = from('203.0.113.7')
  await registers(where, 'ada', { headers })
  for (let i = 0; i < 5; i++) await assert.rejects(registers(where, 'ada', { headers }), { message: 'taken' })
  await registers(where, 'ben', { headers })
  await registers(where, 'cid', { headers })
  await assert.rejects(registers(where, 'dan', { headers }), { message: 'rate' })
  await registers(where, 'dan', { headers: from('203.0.113.8') })
  where.clock.pass(DAY)
  await registers(where, 'eve', { headers })
})

test('[S23] a bucket outlives its session', async (t) => {
  const where = await place(t, { limits: { gets: { burst: 2, everyMs: MINUTE } } })
  const ada = await registers(where, 'ada')
  const get = (on: typeof ada) => on.client.code({ t: 'account.get', addr: ada.person.addr })
  await get(ada)
  await get(ada)
  assert.equal(await get(await logsOn(where, ada.person)), 'rate')
})

test('[S1] a message over 98,304 bytes closes the socket', async (t) => {
  const where = await place(t)
  const { client } = await registers(where, 'ada')
  const code = new Promise((done) => client.ws.once('close', done))
  client.raw(new Uint8Array(98_305))
  assert.equal(await code, 1009)
})

test('[S1] compression is never agreed', async (t) => {
  const where = await place(t)
  const ws = new WebSocket(where.server.url, { perMessageDeflate: true })
  await new Promise((done) => ws.once('open', done))
  assert.equal(ws.extensions, '')
  ws.terminate()
})

test('[S24] no page in a browser reaches the server', async (t) => {
  const where = await place(t)
  await assert.rejects(connect(where.server.url, { origin: 'https://evil.example' }), status(403))
})

test('[S24] connections at once', async (t) => {
  const where = await place(t, { limits: { connections: 2 } })
  const open = [await connect(where.server.url), await connect(where.server.url)]
  await assert.rejects(connect(where.server.url))
  await open[0]!.close()
})

test('[S1] /healthz answers, everything else is 404', async (t) => {
  const where = await place(t)
  const url = where.server.url.replace('ws', 'http')
  const health = await fetch(`${url}/healthz`)
  assert.deepEqual([health.status, await health.json()], [200, { ok: true }])
  assert.equal((await fetch(`${url}/`)).status, 404)
  assert.equal((await fetch(`${url}/healthz`, { method: 'POST', body: 'x' })).status, 404)
})

/** A raw socket and when it was closed. */
function rawSocket(port: number, send: (socket: Socket) => void): { closed: Promise<void> } {
  const socket = dial(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.on('data', () => {})
  socket.on('connect', () => send(socket))
  return { closed: new Promise((done) => socket.on('close', () => done())) }
}

const UPGRADE = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'

test('[S22, S24] slow and crooked sockets are closed: F19', async (t) => {
  const where = await place(t, { limits: { headersMs: 100, checkConnectionsMs: 20 } })
  const frame = (...bytes: number[]) => Buffer.concat([Buffer.from(UPGRADE), Buffer.from(bytes)])
  const attacks: Record<string, (socket: Socket) => void> = {
    'says nothing': () => {},
    'half a line': (socket) => socket.write('GET / HT'),
    'headers without end': (socket) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n'),
    'one header byte at a time': (socket) => {
      const timer = setInterval(() => socket.write('a'), 20)
      socket.on('close', () => clearInterval(timer))
      socket.write('GET / HTTP/1.1\r\nX: ')
    },
    'a body that never comes': (socket) => socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx'),
    'not HTTP': (socket) => socket.write(Buffer.alloc(200, 0x16)),
    'a wrong upgrade': (socket) => socket.write(UPGRADE.replace('13', '12')),
    'an unmasked frame': (socket) => socket.write(frame(0x81, 0x01, 0x61)),
    'a reserved bit': (socket) => socket.write(frame(0xc1, 0x81, 0, 0, 0, 0, 0x61)),
    'a reserved opcode': (socket) => socket.write(frame(0x83, 0x81, 0, 0, 0, 0, 0x61)),
    'a length of 2^63': (socket) => socket.write(frame(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0)),
    'a length of 100 MiB': (socket) => socket.write(frame(0x81, 0xff, 0, 0, 0, 0, 6, 0x40, 0, 0)),
    'text that is not UTF-8': (socket) => socket.write(frame(0x81, 0x81, 0, 0, 0, 0, 0xff)),
    'a continuation of nothing': (socket) => socket.write(frame(0x80, 0x81, 0, 0, 0, 0, 0x61)),
    'fragments beyond the limit': (socket) => {
      socket.write(UPGRADE)
      const part = Buffer.concat([Buffer.from([0x00, 0xfe, 0x80, 0x00, 0, 0, 0, 0]), Buffer.alloc(32_768)])
      socket.write(Buffer.concat([Buffer.from([0x02, 0xfe, 0x80, 0x00, 0, 0, 0, 0]), Buffer.alloc(32_768), part, part, part]))
    },
  }
  await Promise.all(Object.entries(attacks).map(async ([what, send]) => {
    const { closed } = rawSocket(where.server.port, send)
    const late = new Promise<never>((_, fail) => setTimeout(() => fail(new Error(`still open: ${what}`)), 4000).unref())
    await Promise.race([closed, late])
  }))
  assert.ok(await registers(where, 'ada'), 'and an honest one comes in')
})

test('[S3] an upgraded socket that sends half a frame has ten seconds like any other', async (t) => {
  const where = await place(t)
  let sent: () => void = () => {}
  const isSent = new Promise<void>((done) => (sent = done))
  const { closed } = rawSocket(where.server.port, (socket) => {
    socket.once('data', () => socket.write(Buffer.from([0x81, 0xfe, 0x10]), () => sent()))
    socket.write(UPGRADE)
  })
  await isSent
  await greet(await connect(where.server.url))
  where.clock.pass(10 * SECOND)
  await closed
})

test('[S20] a client that takes nothing is cut before it fills the memory', async (t) => {
  const where = await place(t, { limits: { bufferedBytes: 200_000, drops: { burst: 1000, everyMs: 1 }, messages: { burst: 1000, everyMs: 1 }, unacknowledged: 1000 } })
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  const { tok } = await admits(ada, ben)
  await ada.client.get({ t: 'mail.next', max: 50 })
  ada.client.ws.pause()
  for (let i = 0; i < 70; i++) await ben.client.drop({ addr: ada.person.addr, tok, cls: 'msg' }, envelopeFor(ada.person, 65_024))
  ada.client.ws.resume()
  await ada.client.closed()
  const again = await logsOn(where, ada.person)
  assert.equal(again.ready.mail.n, 70, 'nothing is lost')
})
