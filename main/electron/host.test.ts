import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { BytePipe } from '../../protocol/app/pipe.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { Ik } from '../../protocol/ids.ts'
import type { CreateApp } from '../app.ts'
import { MAX_WINDOW_BYTES } from '../hosts/byte-limits.ts'
import { createFakeCore } from '../hosts/fake-core.ts'
import { systemRandom } from '../hosts/givens.ts'
import { listenForStarts } from '../hosts/instance.ts'
import { profileKey } from '../hosts/key-file.ts'
import { lockProfile } from '../hosts/lock.ts'
import { byteSeamSuite, seamSuite } from '../hosts/seam.suite.ts'
import type { Ports } from '../ports.ts'
import { portBytePipe } from './byte-pipe.ts'
import { createFakeElectron, createFakePorts, FakeContents, type FakeOptions, type FakePort, invokeFrom, postFrom } from './fake.ts'
import { startElectronHost } from './host.ts'
import { outsideLink } from './outside.ts'
import { acceptPipes } from './pipes.ts'
import { portPipe } from './pipe.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-electron-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

interface StartOptions extends FakeOptions {
  root?: string
  argv?: string[]
  platform?: NodeJS.Platform
  createApp?: CreateApp
  warn?: (line: string) => void
}

async function start(t: TestContext, { root = folder(t), argv = [], platform = 'linux', createApp, warn = () => {}, ...options }: StartOptions = {}) {
  const out = folder(t)
  mkdirSync(join(out, 'renderer'))
  writeFileSync(join(out, 'renderer/index.html'), '<!doctype html><title>Parley</title>')
  const fake = createFakeElectron(options)
  const core = createFakeCore()
  let ports: Ports | undefined
  await startElectronHost({
    electron: fake.electron,
    argv: ['--data-dir', root, ...argv],
    out,
    platform,
    warn,
    createApp: createApp ?? (async (given) => ((ports = given), core.app)),
  })
  t.after(() => fake.app.emit('before-quit', { preventDefault() {} }))
  // As the core asks for it when someone to link with is there.
  ports?.windows.openLinkPage('default')
  return { ...fake, core, ports: ports!, root, profile: join(root, 'profiles/default'), fake }
}

const [MAIN, LINK] = [0, 1]

// ---------- the seam ----------

/** The preload's end of a port, as a window sees it. */
function pageOf(page: FakePort) {
  return portPipe(page as never)
}

seamSuite('Electron', async (attach) => {
  const fake = createFakeElectron()
  const ours = new FakeContents()
  const linkPage = new FakeContents()
  acceptPipes({
    electron: fake.electron,
    isWindow: (contents) => contents === (ours as never),
    linkRoutes: (contents) => (contents === (linkPage as never) ? 'all' : undefined),
    onWindow: attach,
    onLinkPage: () => {},
    onWindowBytes: () => {},
  })
  const tryFrom = (contents: unknown, frame?: unknown) => async () => {
    const { main, page } = createFakePorts()
    postFrom(fake, 'pipe', contents, main, frame)
    await new Promise(setImmediate)
    return !page.isClosed
  }
  return {
    async open() {
      const { main, page } = createFakePorts()
      postFrom(fake, 'pipe', ours, main)
      return pageOf(page)
    },
    strangers: {
      'a window that is not ours': tryFrom(new FakeContents()),
      'the link page': tryFrom(linkPage),
      'a frame in our window': tryFrom(ours, { origin: 'app://parley' }),
      'a frame that is gone': tryFrom(ours, null),
      'our window, gone elsewhere': tryFrom(Object.assign(new FakeContents(), { mainFrame: { origin: 'https://example.org' } })),
    },
    async close() {},
  }
})

byteSeamSuite('Electron', async (attach) => {
  const fake = createFakeElectron()
  const ours = new FakeContents()
  acceptPipes({
    electron: fake.electron,
    isWindow: (contents) => contents === (ours as never),
    linkRoutes: () => undefined,
    onWindow: () => {},
    onLinkPage: () => {},
    onWindowBytes: attach,
  })
  const tryFrom = (contents: unknown, frame?: unknown) => async () => {
    const { main, page } = createFakePorts()
    postFrom(fake, 'byte-pipe', contents, main, frame)
    await new Promise(setImmediate)
    return !page.isClosed
  }
  return {
    async open() {
      const { main, page } = createFakePorts()
      postFrom(fake, 'byte-pipe', ours, main)
      return { pipe: portBytePipe(page as never, MAX_WINDOW_BYTES), say: (text) => page.postMessage(text) }
    },
    strangers: {
      'a window that is not ours': tryFrom(new FakeContents()),
      'a frame in our window': tryFrom(ours, { origin: 'app://parley' }),
      'a frame that is gone': tryFrom(ours, null),
      'our window, gone elsewhere': tryFrom(Object.assign(new FakeContents(), { mainFrame: { origin: 'https://example.org' } })),
    },
    async close() {},
  }
})

test('[H8] our own window at another origin, and a port more or less, get no pipe', async () => {
  const fake = createFakeElectron()
  let attached = 0
  const [link, window] = [new FakeContents(), new FakeContents()]
  acceptPipes({
    electron: fake.electron, isWindow: () => true, linkRoutes: (contents) => (contents === (link as never) ? 'all' : undefined),
    onWindow: () => attached++, onLinkPage: () => attached++, onWindowBytes: () => attached++,
  })
  for (const origin of ['null', 'file://', 'app://other', 'https://parley', 'app://parley.example']) {
    window.mainFrame = link.mainFrame = { origin }
    for (const [channel, contents] of [['pipe', window], ['byte-pipe', window], ['byte-pipe', link]] as const) postFrom(fake, channel, contents, createFakePorts().main)
  }
  window.mainFrame = { origin: 'app://parley' }
  for (const channel of ['pipe', 'byte-pipe']) {
    for (const ports of [[], [createFakePorts().main, createFakePorts().main]]) fake.ipcMain.emit(channel, { ports, sender: window, senderFrame: window.mainFrame })
  }
  assert.equal(attached, 0)
})

test('the link page’s bytes are cloned both ways, also where they are part of a larger buffer', async (t) => {
  const { windows, core, fake } = await start(t)
  const { main, page } = createFakePorts()
  postFrom(fake, 'byte-pipe', windows[LINK]!.webContents, main)
  const { pipe, serves } = core.linkPages[0]!
  assert.deepEqual(serves, ['default'])
  page.postMessage(Uint8Array.of(1, 2, 3).subarray(1))
  const came = await new Promise<Uint8Array>((resolve) => pipe.onBytes(resolve))
  assert.deepEqual([[...came], came.buffer.byteLength], [[2, 3], 2])
  const heard = new Promise<{ data: Uint8Array }>((resolve) => page.on('message', resolve))
  page.start()
  pipe.send(new Uint8Array(1_000_000).subarray(5, 7))
  const { data } = await heard
  assert.deepEqual([data.length, data.buffer.byteLength], [2, 2])
  const closed = new Promise<void>((resolve) => pipe.onClose(resolve))
  page.postMessage('text is malformed here')
  await closed
})

test('the bytes of a window and of the link page each go their own way', async (t) => {
  const { windows, ports, core, fake } = await start(t)
  ports.windows.popOut('A'.repeat(43) as Ik)
  const sent = [windows[MAIN]!, windows[LINK]!, windows[2]!].map(({ webContents }, n) => {
    const { main, page } = createFakePorts()
    postFrom(fake, 'byte-pipe', webContents, main)
    page.postMessage(Uint8Array.of(n))
    return page
  })
  assert.deepEqual([core.windowBytes.length, core.linkPages.length], [2, 1])
  const first = (pipe: BytePipe) => new Promise((resolve) => pipe.onBytes(resolve))
  assert.deepEqual(await Promise.all([...core.windowBytes, core.linkPages[0]!.pipe].map(first)), [Uint8Array.of(0), Uint8Array.of(2), Uint8Array.of(1)])
  assert.deepEqual(sent.map(({ isClosed }) => isClosed), [false, false, false])
})

// ---------- what is dropped (ADR 7) ----------

test('a file dropped on our own windows goes to the core by its path, and the page gets what stands for it', async (t) => {
  const { windows, ports, core, fake } = await start(t)
  ports.windows.popOut('A'.repeat(43) as Ik)
  const given = await invokeFrom(fake, 'give', windows[MAIN]!.webContents, '/home/ada/a.txt')
  assert.deepEqual(given, { pick: 'pick 1', name: 'given.txt', type: 'text', size: 1 })
  await invokeFrom(fake, 'give', windows[2]!.webContents, `/${'x'.repeat(4_095)}`)
  assert.deepEqual(core.given, ['/home/ada/a.txt', `/${'x'.repeat(4_095)}`])
})

test('[H8] a path from anybody else, or that is none, is answered like a file that can’t be sent', async (t) => {
  const { windows, core, fake } = await start(t)
  const [main, link] = [windows[MAIN]!.webContents, windows[LINK]!.webContents]
  const path = '/home/ada/a.txt'
  for (const [sender, frame] of [[link], [new FakeContents()], [main, { origin: 'app://parley' }], [main, null]] as const) {
    assert.equal(await invokeFrom(fake, 'give', sender, path, frame), undefined)
  }
  for (const none of ['', 'a.txt', './a.txt', `/${'x'.repeat(4_096)}`, undefined, null, 7, [path], { path }, Buffer.from(path)]) {
    assert.equal(await invokeFrom(fake, 'give', main, none), undefined)
  }
  windows[MAIN]!.webContents.mainFrame = { origin: 'https://example.org' }
  assert.equal(await invokeFrom(fake, 'give', main, path), undefined)
  const closed = windows[MAIN]!.webContents
  closed.mainFrame = { origin: 'app://parley' }
  windows[MAIN]!.emit('closed')
  assert.equal(await invokeFrom(fake, 'give', closed, path), undefined)
  assert.deepEqual(core.given, [])
})

test('a bug while a file is taken crosses without its words, which may hold the path', async (t) => {
  const told: string[] = []
  const { app } = createFakeCore()
  const give = async () => { throw new TypeError('no such file: /home/ada/a.txt') }
  const { windows, fake } = await start(t, { warn: (line) => told.push(line), createApp: async () => ({ ...app, give }) })
  assert.equal(await invokeFrom(fake, 'give', windows[MAIN]!.webContents, '/home/ada/a.txt'), undefined)
  assert.deepEqual(told, ['bug {"name":"TypeError"}\n'])
})

// ---------- windows ----------

test('[L6] every window is sandboxed, isolated, without Node, without webviews; the link page is hidden and never throttled', async (t) => {
  const { windows, ports } = await start(t)
  ports.windows.popOut('A'.repeat(43) as Ik)
  assert.equal(windows.length, 3)
  for (const { options } of windows) {
    const { preload, devTools, backgroundThrottling, ...rest } = options['webPreferences']
    assert.match(preload, /preload[\\/]index\.cjs$/)
    assert.deepEqual(rest, {
      contextIsolation: true, sandbox: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false,
      webSecurity: true, allowRunningInsecureContent: false, webviewTag: false, navigateOnDragDrop: false, spellcheck: false,
    })
    assert.equal(options['show'], false)
  }
  const link = windows[LINK]!
  assert.equal(link.options['webPreferences'].backgroundThrottling, false)
  assert.equal(windows[MAIN]!.options['webPreferences'].backgroundThrottling, undefined)
  assert.equal(link.webContents.webRtcPolicy, 'default_public_interface_only')
  ports.windows.openLinkPage('default')
  assert.equal(windows.length, 3, 'one page for each kind of routes')
  ports.windows.openLinkPage('all')
  assert.deepEqual([windows[3]!.webContents.webRtcPolicy, windows[3]!.options['show']], ['default_public_and_private_interfaces', false])
  link.emit('ready-to-show')
  assert.deepEqual(link.did, ['load app://parley/link/link.html'])
  windows[MAIN]!.emit('ready-to-show')
  assert.deepEqual(windows[MAIN]!.did, ['load app://parley/index.html', 'show'])
  assert.equal(windows[2]!.did[0], `load app://parley/index.html?chat=${'A'.repeat(43)}`)
})

test('a spell checker only where it needs no download; developer tools not in a package', async (t) => {
  const mac = await start(t, { platform: 'darwin', isPackaged: true })
  assert.equal(mac.windows[MAIN]!.options['webPreferences'].spellcheck, true)
  assert.equal(mac.windows[MAIN]!.options['webPreferences'].devTools, false)
  const { webContents } = mac.windows[MAIN]!
  webContents.emit('devtools-opened')
  assert.equal(webContents.devToolsClosed, 1)
  const linux = await start(t)
  assert.equal(linux.windows[MAIN]!.options['webPreferences'].devTools, true)
})

test('no page goes elsewhere, embeds, opens a window, downloads, or gets a permission but to copy', async (t) => {
  const { windows, session, handlers } = await start(t)
  for (const { webContents } of windows) {
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
      let prevented = 0
      webContents.emit(name, { preventDefault: () => prevented++ })
      assert.equal(prevented, 1, name)
    }
    for (const url of ['app://parley/index.html', 'https://example.org', 'javascript:1', 'file:///etc/passwd']) assert.deepEqual(webContents.openHandler!({ url }), { action: 'deny' })
  }
  let prevented = 0
  session.emit('will-download', { preventDefault: () => prevented++ })
  assert.equal(prevented, 1)
  const ask = (permission: string, url: string) => {
    let answer: boolean | undefined
    handlers['request']({ getURL: () => url }, permission, (given: boolean) => (answer = given))
    return answer
  }
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fileSystem', 'fullscreen', 'hid', 'unknown']) {
    assert.equal(ask(permission, 'app://parley/index.html'), false, permission)
    assert.equal(handlers['check'](null, permission, 'app://parley'), false, permission)
  }
  assert.equal(ask('clipboard-sanitized-write', 'app://parley/index.html'), true)
  assert.equal(ask('clipboard-sanitized-write', 'https://example.org/'), false)
  assert.equal(handlers['check'](null, 'clipboard-sanitized-write', 'https://example.org'), false)
  assert.equal(handlers['device'](), false)
})

test('only web and mail links leave Parley, and never from the link page', async (t) => {
  const { windows, called } = await start(t)
  windows[LINK]!.webContents.openHandler!({ url: 'https://example.org' })
  windows[MAIN]!.webContents.openHandler!({ url: 'https://example.org' })
  windows[MAIN]!.webContents.openHandler!({ url: 'file:///etc/passwd' })
  assert.deepEqual(called('openExternal'), [['https://example.org/']])
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'smb://host/x', 'ms-msdt:/id', 'parley://i#x', 'https://a:b@example.org', '//example.org', 'example.org', '', `https://example.org/${'x'.repeat(2_048)}`, 'vbscript:x', 'blob:https://x/1']) {
    assert.equal(outsideLink(bad), undefined, bad)
  }
  assert.equal(outsideLink('mailto:ben@example.org'), 'mailto:ben@example.org')
})

test('pages come from our own scheme, with the policy, and nothing of the disk beside them', async (t) => {
  const { handlers, called } = await start(t)
  assert.deepEqual(called('registerSchemesAsPrivileged'), [[[{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]]])
  const get = (url: string, method = 'GET'): Promise<Response> => handlers['app']({ url, method })
  const page = await get('app://parley/index.html?chat=x')
  assert.match(await page.text(), /Parley/)
  assert.equal(
    page.headers.get('content-security-policy'),
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'none'; frame-src 'none'; frame-ancestors 'none'; " +
      "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  )
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff')
  for (const [url, status] of [['app://parley/../preload/index.cjs', 404], ['app://parley/%2e%2e/x.html', 404], ['app://other/index.html', 403], ['app://parley/nothing.js', 404]] as const) {
    assert.equal((await get(url)).status, status, url)
  }
  assert.equal((await get('app://parley/index.html', 'POST')).status, 403)
})

test('a window that is there is brought to the front, not made again', async (t) => {
  const { windows, ports } = await start(t)
  windows[MAIN]!.isSmall = true
  ports.windows.focus()
  assert.deepEqual(windows[MAIN]!.did.slice(1), ['restore', 'show', 'focus'])
  assert.equal(ports.windows.popOut('A'.repeat(43) as Ik), undefined)
  ports.windows.popOut('A'.repeat(43) as Ik)
  assert.equal(windows.length, 3)
  windows[2]!.emit('closed')
  ports.windows.popOut('A'.repeat(43) as Ik)
  assert.equal(windows.length, 4)
})

test('the program ends with its last window, but for macOS; a link page that died is loaded again', async (t) => {
  const linux = await start(t)
  linux.windows[LINK]!.webContents.emit('render-process-gone')
  assert.equal(linux.windows[LINK]!.did.length, 2)
  linux.windows[MAIN]!.emit('closed')
  while (linux.ended.length === 0) await new Promise(setImmediate)
  assert.deepEqual(linux.ended, [0])
  assert.ok(linux.core.isClosed())
  const mac = await start(t, { platform: 'darwin' })
  mac.windows[MAIN]!.emit('closed')
  await new Promise(setImmediate)
  assert.deepEqual(mac.ended, [])
  mac.app.emit('activate')
  assert.equal(mac.windows.length, 3)
})

// ---------- start-up ----------

test('the profile is set before the single instance lock is asked for, and what Chromium keeps lies apart', async (t) => {
  const { calls, profile } = await start(t)
  const names = calls.map(({ what }) => what)
  assert.deepEqual(names.slice(0, 8), ['enableSandbox', 'appendSwitch', 'appendSwitch', 'registerSchemesAsPrivileged', 'setPath', 'setPath', 'requestSingleInstanceLock', 'whenReady'])
  assert.deepEqual(calls[2]!.with, ['disable-features', 'WebRtcHideLocalIpsWithMdns'])
  assert.deepEqual(calls[4]!.with, ['userData', profile])
  assert.deepEqual(calls[5]!.with, ['sessionData', join(profile, 'electron')])
})

test('[F28] a second start ends at once; the first shows its window and opens the link', async (t) => {
  const second = await start(t, { isSecond: true })
  assert.deepEqual([second.ended, second.windows], [[0], []])
  const first = await start(t)
  first.app.emit('second-instance', {}, ['/usr/bin/parley', '--no-sandbox', '--', 'parley://i#x'])
  assert.deepEqual(first.core.links, ['parley://i#x'])
  assert.ok(first.windows[MAIN]!.did.includes('focus'))
})

test('[F28] a profile that the web host has open is asked to show itself', async (t) => {
  const root = folder(t)
  const profile = join(root, 'profiles/default')
  mkdirSync(profile, { recursive: true })
  const lock = lockProfile(profile)!
  t.after(lock.release)
  const alone = await start(t, { root })
  assert.deepEqual([alone.ended, alone.called('showErrorBox')], [[1], [['Parley', 'This profile is open already.']]])
  let knocks = 0
  t.after(listenForStarts(profile, () => knocks++).close)
  assert.deepEqual((await start(t, { root })).ended, [0])
  assert.equal(knocks, 1)
})

test('[I18] a link is handed to the core as it came, whichever way it came; the system opens links behind `--`', async (t) => {
  const { core, app, called } = await start(t, { argv: ['--', 'parley://i#argv'], isPackaged: true })
  let prevented = 0
  app.emit('open-url', { preventDefault: () => prevented++ }, 'parley://i#url')
  app.emit('open-url', { preventDefault: () => prevented++ }, 'https://example.org')
  assert.deepEqual(core.links, ['parley://i#argv', 'parley://i#url'])
  assert.equal(prevented, 2)
  assert.deepEqual(called('setAsDefaultProtocolClient'), [['parley', process.execPath, ['--']]])
  assert.deepEqual((await start(t)).called('setAsDefaultProtocolClient'), [])
})

test('a failure before the first window is one sentence in a dialog', async (t) => {
  const refused = await start(t, { createApp: async () => { throw new Refused('newer-database') } })
  assert.deepEqual([refused.called('showErrorBox'), refused.ended, refused.windows], [[['Parley', 'A newer Parley has used this profile. Please update.']], [1], []])
  const bug = await start(t, { createApp: async () => { throw new TypeError('details') } })
  assert.deepEqual(bug.called('showErrorBox'), [['Parley', 'Something went wrong in Parley. Nothing was lost; please try again.']])
  const usage = await start(t, { argv: ['--profile', '../x'] })
  assert.deepEqual(usage.ended, [2])
})

test('quitting waits for the core to close', async (t) => {
  const { app, core, ended } = await start(t)
  let prevented = 0
  app.emit('before-quit', { preventDefault: () => prevented++ })
  app.emit('before-quit', { preventDefault: () => prevented++ })
  while (ended.length === 0) await new Promise(setImmediate)
  assert.deepEqual([prevented, core.isClosed(), ended], [2, true, [0]])
})

// ---------- the small ports ----------

test('a key that the web host left is taken over by the keychain, and its file goes', async (t) => {
  const root = folder(t)
  const profile = join(root, 'profiles/default')
  mkdirSync(profile, { recursive: true })
  const key = Buffer.from(profileKey({ folder: profile, random: systemRandom }))
  const { ports } = await start(t, { root })
  assert.equal(ports.can.keychain, true)
  assert.equal(existsSync(join(profile, 'secrets.key')), false)
  assert.equal(readFileSync(join(profile, 'secrets.sealed')).includes(key), false)
  assert.deepEqual(ports.secrets.open(ports.secrets.seal(Uint8Array.of(1))), Uint8Array.of(1))
})

test('where the keychain is none, it says so, and the key stays in its file', async (t) => {
  for (const keychain of [undefined, 'basic_text', 'unknown']) {
    const fake = createFakeElectron({ keychain })
    // `undefined` in options means the default, so it is set by hand.
    if (keychain === undefined) fake.electron.safeStorage.isEncryptionAvailable = () => false
    const root = folder(t)
    let ports: Ports | undefined
    await startElectronHost({ electron: fake.electron, argv: ['--data-dir', root], out: root, platform: 'linux', warn() {}, createApp: async (given) => ((ports = given), createFakeCore().app) })
    t.after(() => fake.app.emit('before-quit', { preventDefault() {} }))
  // As the core asks for it when someone to link with is there.
  ports?.windows.openLinkPage('default')
    assert.equal(ports!.can.keychain, false)
    assert.equal(existsSync(join(root, 'profiles/default/secrets.key')), true)
  }
})

test('a notification takes the place of one with its tag, and a click leads to its chat', async (t) => {
  const { ports, notifications, windows } = await start(t)
  const ik = 'A'.repeat(43) as Ik
  ports.notifier.show({ tag: 'a', title: 'Ben', body: 'one', ik })
  ports.notifier.show({ tag: 'a', title: 'Ben', body: 'two', ik })
  ports.notifier.show({ tag: 'b', title: 'Chen', body: 'three' })
  assert.deepEqual(notifications.map(({ did }) => did), [['show', 'close'], ['show'], ['show']])
  notifications[1]!.emit('click')
  assert.equal(windows.length, 3)
  notifications[2]!.emit('click')
  assert.ok(windows[MAIN]!.did.includes('focus'))
  ports.notifier.clear('b')
  ports.notifier.clear('b')
  assert.deepEqual(notifications[2]!.did, ['show', 'close'])
})

test('saving asks where, and nothing is saved where the user put it off', async (t) => {
  const path = join(folder(t), 'invite.svg')
  const { ports, answers, called } = await start(t)
  assert.equal(await ports.dialogs.saveFile({ name: 'invite.svg', content: 'x' }), false)
  assert.equal(await ports.dialogs.pickSave('invite.svg'), null)
  answers.save = { canceled: false, filePath: path }
  assert.equal(await ports.dialogs.saveFile({ name: '../invite.svg', content: 'x' }), true)
  assert.equal(readFileSync(path, 'utf8'), 'x')
  assert.equal(await ports.dialogs.pickSave('../invite.svg'), path)
  // Without the property GTK writes over a file and asks nobody.
  assert.deepEqual(called('showSaveDialog'), Array(4).fill([{ defaultPath: 'invite.svg', properties: ['showOverwriteConfirmation'] }]))
})

test('files are chosen by several, a folder alone, and nothing where the user put it off', async (t) => {
  const { ports, answers, called } = await start(t)
  assert.deepEqual([await ports.dialogs.pickFiles(), await ports.dialogs.pickFolder()], [[], null])
  answers.open = { canceled: false, filePaths: ['/a', '/b'] }
  assert.deepEqual([await ports.dialogs.pickFiles(), await ports.dialogs.pickFolder()], [['/a', '/b'], '/a'])
  assert.deepEqual(called('showOpenDialog').slice(2), [[{ properties: ['openFile', 'multiSelections'] }], [{ properties: ['openDirectory'] }]])
})

test('answers given beforehand are for tests: a package asks', async (t) => {
  const argv = ['--downloads', 'd', '--pick', '/a.txt']
  const tested = await start(t, { argv })
  assert.deepEqual([await tested.ports.dialogs.pickFiles(), await tested.ports.dialogs.pickFiles(), tested.called('showOpenDialog')], [['/a.txt'], [], []])
  const shipped = await start(t, { argv, isPackaged: true })
  assert.deepEqual([await shipped.ports.dialogs.pickFiles(), shipped.called('showOpenDialog').length], [[], 1])
})

test('files are opened and shown by the system, which says what went wrong with opening', async (t) => {
  const { ports, answers, called } = await start(t)
  assert.equal(await ports.desktop.open('/a/b.pdf'), true)
  answers.fault = 'Failed to open path'
  assert.equal(await ports.desktop.open('/a/c.pdf'), false)
  assert.equal(await ports.desktop.reveal('/a/d.pdf'), true)
  assert.deepEqual([called('openPath'), called('showItemInFolder')], [[['/a/b.pdf'], ['/a/c.pdf']], [['/a/d.pdf']]])
  for (const path of ['-a', 'a.pdf', '']) {
    await assert.rejects(ports.desktop.open(path))
    await assert.rejects(ports.desktop.reveal(path))
  }
  assert.equal(called('openPath').length + called('showItemInFolder').length, 3)
})

test('files are saved where it was typed, else in the system’s folder for downloads', async (t) => {
  const { ports } = await start(t)
  assert.equal(ports.paths.downloads, '/home/ada/downloads')
  assert.deepEqual([ports.can.dialogs, ports.can.dropPaths, ports.can.openFiles], [true, true, true])
  assert.equal((await start(t, { argv: ['--downloads', 'd'] })).ports.paths.downloads, resolve('d'))
})
