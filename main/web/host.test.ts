import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connect, Refused } from '../../protocol/app/rpc.ts'
import type { Ik } from '../../protocol/ids.ts'
import type { CreateApp } from '../app.ts'
import { type Args, readArgs } from '../hosts/args.ts'
import { createFakeCore } from '../hosts/fake-core.ts'
import type { System } from '../hosts/profile.ts'
import type { Ports } from '../ports.ts'
import { startWebHost } from './host.ts'
import { createLinger, renewAddress } from './lifetime.ts'
import { openBytes, openWindow } from './ws-client.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-web-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function args(...argv: string[]): Args {
  const read = readArgs(argv, true)
  assert.ok(read.ok)
  return read.args
}

async function start(t: TestContext, typed: Args, createApp?: CreateApp, system?: System) {
  const core = createFakeCore()
  const out: string[] = []
  const err: string[] = []
  let ports: Ports | undefined
  let ends = 0
  const host = await startWebHost({
    args: typed,
    createApp: createApp ?? (async (given) => ((ports = given), core.app)),
    root: '/nowhere',
    say: (line) => out.push(line),
    warn: (line) => err.push(line),
    onEnd: () => ends++,
    ...(system === undefined ? {} : { system }),
  })
  if (host.at === 'serving') t.after(host.close)
  return { host, core, out, err, ports: () => ports!, ends: () => ends }
}

/** What `http://127.0.0.1:PORT/…#TOKEN` holds. */
const parts = (url: string) => ({ origin: new URL(url).origin, first: { token: new URL(url).hash.slice(1) } })

test('the ready line is one line of JSON with an address that opens one window', async (t) => {
  const { host, out } = await start(t, args('--data-dir', folder(t)))
  assert.ok(host.at === 'serving')
  assert.equal(out.length, 1)
  const ready = JSON.parse(out[0]!)
  assert.deepEqual(Object.keys(ready), ['ready', 'url', 'pid'])
  assert.match(ready.url, /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}$/)
  const window = await openWindow(parts(ready.url))
  assert.ok(window.ok)
  assert.deepEqual(await connect(window.opened.pipe).call('completeWord', { start: 'x' }), { words: ['xorbit', '🜁 ß\u2028\u0000"'] })
  assert.equal((await openWindow(parts(ready.url))).ok, false)
})

test('a window of one chat gets an address of its own', async (t) => {
  const { ports } = await start(t, args('--data-dir', folder(t)))
  const url = ports().windows.popOut('A'.repeat(43) as Ik)!
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/\?chat=A{43}#[\w-]{43}$/)
  assert.ok((await openWindow(parts(url))).ok)
})

test('a window’s byte pipe reaches the core', async (t) => {
  const { host, core } = await start(t, args('--data-dir', folder(t)))
  assert.ok(host.at === 'serving')
  const window = await openWindow(parts(host.url))
  assert.ok(window.ok)
  const { pipe } = await openBytes({ origin: new URL(host.url).origin, path: '/bytes', first: { session: window.opened.session } })
  pipe.send(Uint8Array.of(7))
  while (core.windowBytes.length === 0) await new Promise(setImmediate)
  assert.deepEqual(await new Promise((resolve) => core.windowBytes[0]!.onBytes(resolve)), Uint8Array.of(7))
  assert.equal(core.linkPages.length, 0)
})

test('what it can is data: dialogs are the answers given, and no test starts a program', async (t) => {
  const home = folder(t)
  const desk: System = { platform: 'linux', env: { DISPLAY: ':0' }, home }
  const bare: System = { ...desk, env: {} }
  const on = async (system: System, ...more: string[]) => (await start(t, args('--data-dir', folder(t), ...more), undefined, system)).ports()
  const plain = await on(desk)
  assert.deepEqual(plain.can, { keychain: false, tray: false, notifications: false, popOut: true, saveFile: true, dialogs: false, dropPaths: false, openFiles: true })
  assert.equal(plain.paths.downloads, join(home, 'Downloads'))
  assert.equal(await plain.dialogs.pickFiles(), undefined)
  assert.equal(await (await on(bare)).desktop.open('/a.txt'), false)
  const tested = await on(desk, '--downloads', join(home, 'd'), '--pick', '/a.txt')
  assert.deepEqual([tested.can.dialogs, tested.can.openFiles, tested.paths.downloads], [true, true, join(home, 'd')])
  assert.equal(await tested.desktop.open('/a.txt'), true, 'as if it had been started')
  assert.deepEqual([await tested.dialogs.pickFiles(), await tested.dialogs.pickFiles()], [['/a.txt'], undefined])
  assert.equal(await tested.dialogs.pickSave('x.txt'), join(home, 'd', 'x.txt'))
})

test('[F26] a core that refuses to start is a page that says why', async (t) => {
  const { host, err } = await start(t, args('--data-dir', folder(t)), async () => {
    throw new Refused('newer-database')
  })
  assert.ok(host.at === 'serving')
  assert.deepEqual(err, ['A newer Parley has used this profile. Please update.\n'])
  const window = await openWindow(parts(host.url))
  assert.ok(window.ok)
  const client = connect(window.opened.pipe)
  let phase: unknown
  await client.subscribe((snapshot) => (phase = snapshot.phase), () => {})
  assert.deepEqual(phase, { at: 'failed', code: 'newer-database' })
  await assert.rejects(client.call('goOnline', {}), { code: 'newer-database' })
})

test('[F8] a folder that can’t be used is a page that says why', async (t) => {
  const root = folder(t)
  writeFileSync(join(root, 'profiles'), '')
  const { host, err, core } = await start(t, args('--data-dir', root))
  assert.ok(host.at === 'serving')
  assert.deepEqual(err, ['Parley’s folder is missing or can’t be opened.\n'])
  assert.equal(core.calls.length, 0)
})

test('[F28] started twice: the second says so and ends, the first shows its window and opens the link', async (t) => {
  const root = folder(t)
  const first = await start(t, args('--data-dir', root, '--until-last-window'))
  const script = await start(t, args('--data-dir', root))
  assert.deepEqual([script.host.at, script.out, script.err], ['failed', [], ['This profile is open already.\n']])
  const starter = await start(t, args('--data-dir', root, '--until-last-window', 'parley://invite'))
  assert.deepEqual([starter.host.at, starter.out], ['open-already', []])
  assert.deepEqual(first.core.links, ['parley://invite'])
  assert.deepEqual(first.out.slice(1), ['{"focus":true}\n', '{"focus":true}\n'])
  assert.equal((await start(t, args('--data-dir', root, '--profile', 'ben'))).host.at, 'serving')
})

test('a port that is taken is said in words', async (t) => {
  const first = await start(t, args('--data-dir', folder(t)))
  assert.ok(first.host.at === 'serving')
  const second = await start(t, args('--data-dir', folder(t), '--port', new URL(first.host.url).port))
  assert.equal(second.host.at, 'failed')
  assert.match(second.err.join(''), /^Another program uses port \d+ on this computer\.\n$/)
})

test('closing closes the core, the windows and the profile', async (t) => {
  const root = folder(t)
  const { host, core } = await start(t, args('--data-dir', root))
  assert.ok(host.at === 'serving')
  const window = await openWindow(parts(host.url))
  assert.ok(window.ok)
  const closed = new Promise<void>((resolve) => window.opened.pipe.onClose(resolve))
  await host.close()
  await closed
  assert.ok(core.isClosed())
  assert.equal((await start(t, args('--data-dir', root))).host.at, 'serving')
})

test('the host lingers after its last window, not before its first', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let gone = 0
  const linger = createLinger({ onGone: () => gone++ })
  t.mock.timers.tick(60_000)
  linger.count(1)
  linger.count(0)
  t.mock.timers.tick(9_999)
  linger.count(1)
  t.mock.timers.tick(60_000)
  assert.equal(gone, 0)
  linger.count(0)
  t.mock.timers.tick(10_000)
  assert.equal(gone, 1)
  linger.stop()
  linger.count(0)
  t.mock.timers.tick(60_000)
  assert.equal(gone, 1)
})

test('a fresh address is said when the last one ran out unused, until a window opens', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let minted = 0
  let hasOpened = false
  const waiting = new Set(['first'])
  const stop = renewAddress({ first: 'first', announce: () => `t${++minted}`, isWaiting: (token) => waiting.has(token), hasOpened: () => hasOpened, every: 10 })
  t.mock.timers.tick(50)
  assert.equal(minted, 0)
  waiting.clear()
  t.mock.timers.tick(10)
  assert.equal(minted, 1)
  hasOpened = true
  t.mock.timers.tick(50)
  assert.equal(minted, 1)
  stop()
})
