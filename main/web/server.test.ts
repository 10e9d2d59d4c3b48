import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { BytePipe } from '../../protocol/app/pipe.ts'
import { systemRandom } from '../hosts/givens.ts'
import { byteSeamSuite, seamSuite } from '../hosts/seam.suite.ts'
import { wsBytePipe } from './byte-pipe.ts'
import { startServer } from './server.ts'
import { createSessions, TOKEN_LIFE } from './sessions.ts'
import { openBytes, openWindow } from './ws-client.ts'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; " +
  "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

type Attach = Partial<Pick<Parameters<typeof startServer>[0], 'onWindow' | 'onLinkPage' | 'onWindowBytes'>>

async function startHost(attach: Attach = {}) {
  const root = mkdtempSync(join(tmpdir(), 'parley-pages-'))
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>Parley</title>')
  writeFileSync(join(root, 'a-1.js'), 'export {}')
  writeFileSync(join(root, '.env'), 'secret')
  writeFileSync(join(root, 'index.js.map'), '{}')
  let now = 1_000_000
  const counts: number[] = []
  const sessions = createSessions({ clock: { now: () => now, after: () => () => {} }, random: systemRandom })
  const server = await startServer({ root, port: 0, sessions, onWindow() {}, onLinkPage() {}, onWindowBytes() {}, ...attach, onCount: (n) => counts.push(n) })
  return {
    origin: server.origin,
    sessions,
    counts,
    pass: (ms: number) => (now += ms),
    async close() {
      await server.close()
      rmSync(root, { recursive: true })
    },
  }
}

async function forTest(t: TestContext, attach?: Attach) {
  const host = await startHost(attach)
  t.after(host.close)
  return host
}

/** A request as nobody's browser would send it. */
async function ask(origin: string, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(origin)
  const sent = request({ hostname, port, path, method, headers })
  sent.end()
  const [response] = await once(sent, 'response')
  let body = ''
  for await (const chunk of response) body += chunk
  return { status: response.statusCode as number, headers: response.headers as Record<string, string>, body }
}

seamSuite('WebSocket', async (attach) => {
  const host = await startHost({ onWindow: attach })
  const first = (extra: object) => async () => (await openWindow({ origin: host.origin, first: { token: host.sessions.mintToken() }, ...extra })).ok
  return {
    async open() {
      const window = await openWindow({ origin: host.origin, first: { token: host.sessions.mintToken() } })
      assert.ok(window.ok)
      return window.opened.pipe
    },
    strangers: {
      'a page of another origin': first({ headers: { origin: 'https://example.org' } }),
      'a page of another port': first({ headers: { origin: 'http://127.0.0.1:1' } }),
      'a sandboxed frame': first({ headers: { origin: 'null' } }),
      'a name rebound to this computer': first({ headers: { host: 'evil.example', origin: 'http://evil.example' } }),
      'localhost by name': first({ headers: { host: host.origin.replace('http://127.0.0.1', 'localhost') } }),
      'another path': first({ path: '/pipe/' }),
      'a guessed token': first({ first: { token: 'A'.repeat(43) } }),
      'a guessed session': first({ first: { session: 'A'.repeat(43) } }),
      'a call without a token': first({ first: { i: 1, m: 'quit', p: {} } }),
      'no JSON': first({ first: 'hello' }),
    },
    close: host.close,
  }
})

byteSeamSuite('WebSocket', async (attach) => {
  let onPipe = () => {}
  const host = await startHost({ onWindowBytes: (pipe) => (onPipe(), attach(pipe)) })
  const ask = () => ({ origin: host.origin, path: '/bytes', first: { session: host.sessions.trade(host.sessions.mintToken())! } as unknown })
  const tryWith = (extra: object) => async () => {
    const taken = new Promise<boolean>((resolve) => (onPipe = () => resolve(true)))
    const { refusal } = await openBytes({ ...ask(), ...extra })
    return Promise.race([taken, refusal.then(() => false)])
  }
  return {
    async open() {
      const { pipe, socket } = await openBytes(ask())
      return { pipe, say: (text) => socket.send(text) }
    },
    strangers: {
      'a page of another origin': tryWith({ headers: { origin: 'https://example.org' } }),
      'a name rebound to this computer': tryWith({ headers: { host: 'evil.example', origin: 'http://evil.example' } }),
      'another path': tryWith({ path: '/bytes/' }),
      'a token': tryWith({ first: { token: host.sessions.mintToken() } }),
      'a guessed session': tryWith({ first: { session: 'A'.repeat(43) } }),
      'a list for a session': tryWith({ first: { session: [] } }),
      'bytes without a session': tryWith({ first: '' }),
    },
    close: host.close,
  }
})

test('bytes that fill their memory are not copied', () => {
  const socket = Object.assign(new EventEmitter(), { binaryType: 'nodebuffer' })
  const pipe = wsBytePipe(socket as never)
  assert.equal(socket.binaryType, 'arraybuffer')
  const { buffer } = Uint8Array.of(1, 2)
  socket.emit('message', buffer, true)
  let came: unknown
  pipe.onBytes((bytes) => (came = bytes.buffer))
  assert.equal(came, buffer)
})

test('[H8] a token works once, and for sixty seconds', async (t) => {
  const host = await forTest(t)
  const token = host.sessions.mintToken()
  const late = host.sessions.mintToken()
  assert.ok((await openWindow({ origin: host.origin, first: { token } })).ok)
  assert.deepEqual(await openWindow({ origin: host.origin, first: { token } }), { ok: false, code: 4401 })
  host.pass(TOKEN_LIFE)
  assert.deepEqual(await openWindow({ origin: host.origin, first: { token: late } }), { ok: false, code: 4401 })
})

test('[H8] a session opens the window again and the link page; a token does not open the link page', async (t) => {
  const linkPages: BytePipe[] = []
  const host = await forTest(t, { onLinkPage: (pipe) => void linkPages.push(pipe) })
  const window = await openWindow({ origin: host.origin, first: { token: host.sessions.mintToken() } })
  assert.ok(window.ok)
  const { session } = window.opened
  const again = await openWindow({ origin: host.origin, first: { session } })
  assert.ok(again.ok && again.opened.session === session)
  assert.deepEqual(await openWindow({ origin: host.origin, path: '/link', first: { token: host.sessions.mintToken() } }), { ok: false, code: 4401 })

  const { pipe: page, socket } = await openBytes({ origin: host.origin, path: '/link', first: { session } })
  page.send(Uint8Array.of(0, 1, 255))
  while (linkPages.length === 0) await new Promise(setImmediate)
  const bytes = await new Promise<Uint8Array>((resolve) => linkPages[0]!.onBytes(resolve))
  assert.deepEqual([...bytes], [0, 1, 255])
  linkPages[0]!.send(Uint8Array.of(7))
  assert.deepEqual(await new Promise((resolve) => page.onBytes(resolve)), Uint8Array.of(7))
  const closed = new Promise<void>((resolve) => linkPages[0]!.onClose(resolve))
  socket.send('text is malformed here')
  await closed
})

test('[H5] bytes on a window’s pipe close it', async (t) => {
  const host = await forTest(t)
  const window = await openWindow({ origin: host.origin, first: { token: host.sessions.mintToken() } })
  assert.ok(window.ok)
  window.opened.socket.send(Uint8Array.of(1))
  await once(window.opened.socket, 'close')
})

test('windows are counted from their first proof to their close', async (t) => {
  const host = await forTest(t)
  await openWindow({ origin: host.origin, first: { token: 'nothing' } })
  const window = await openWindow({ origin: host.origin, first: { token: host.sessions.mintToken() } })
  assert.ok(window.ok)
  assert.deepEqual(host.counts, [1])
  window.opened.pipe.close()
  while (host.counts.length < 2) await new Promise(setImmediate)
  assert.deepEqual(host.counts, [1, 0])
})

test('every answer carries the policy and its companions', async (t) => {
  const host = await forTest(t)
  for (const path of ['/', '/index.html', '/a-1.js', '/nothing.js']) {
    const { headers } = await ask(host.origin, path)
    assert.equal(headers['content-security-policy'], POLICY)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['access-control-allow-origin'], undefined)
  }
})

test('only built files of known types are served, by GET, under our own address', async (t) => {
  const host = await forTest(t)
  assert.match((await ask(host.origin, '/?chat=x')).body, /Parley/)
  assert.equal((await ask(host.origin, '/a-1.js')).headers['content-type'], 'text/javascript; charset=utf-8')
  for (const path of ['/.env', '/index.js.map', '/../package.json', '/%2e%2e/package.json', '//etc/passwd', '/a-1.js/', '/./a-1.js', '/..\\a-1.js', '/a-1.js%00.html', '*']) {
    assert.equal((await ask(host.origin, path)).status, 404, path)
  }
  assert.equal((await ask(host.origin, '/', {}, 'POST')).status, 405)
  assert.equal((await ask(host.origin, '/', { host: 'evil.example' })).status, 421)
})
