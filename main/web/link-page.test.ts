import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { type Browser, chromium } from '@playwright/test'
import { build } from 'vite'
import { type FromPage, readFromPage, type ToPage, writeToPage } from '../../protocol/app/link.ts'
import type { BytePipe } from '../../protocol/app/pipe.ts'
import { MAX_FRAME } from '../../protocol/limits.ts'
import { systemClock, systemRandom } from '../hosts/givens.ts'
import { readSdp, writeSdp } from '../links/sdp.ts'
import { startServer } from './server.ts'
import { createSessions } from './sessions.ts'

/** The link page as it is shipped, in a real Chromium, with this file in the core's place. */

const CHROMIUM = process.env['PARLEY_CHROMIUM'] ?? '/usr/bin/chromium'
let browser: Browser
let root: string

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'parley-link-'))
  const pages = join(import.meta.dirname, '../../renderer')
  await build({
    configFile: false,
    root: pages,
    base: './',
    logLevel: 'error',
    build: { outDir: root, target: 'es2024', modulePreload: { polyfill: false }, rollupOptions: { input: join(pages, 'link/link.html') } },
  })
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns'] })
})
after(async () => {
  await browser?.close()
  rmSync(root, { recursive: true, force: true })
})

interface LinkPage {
  tell(message: ToPage): void
  /** Resolves with the next message of this kind and link that was not yet asked for. */
  hears<K extends FromPage['kind']>(kind: K, link: number): Promise<FromPage & { kind: K }>
  /** All that came so far and was not asked for. */
  unheard: FromPage[]
  run<T>(script: string): Promise<T>
  cut(): void
}

/** A window's context with nothing but the link page in it; any violation or console error fails the test. */
async function openLinkPage(t: TestContext): Promise<LinkPage> {
  const sessions = createSessions({ clock: systemClock, random: systemRandom })
  const session = sessions.trade(sessions.mintToken())!
  let pipe!: BytePipe
  const attached = new Promise<void>((resolve) => {
    void startServer({ root, port: 0, sessions, onWindow() {}, onWindowBytes() {}, onCount() {}, onLinkPage: (given) => ((pipe = given), resolve()) }).then(async (server) => {
      t.after(server.close)
      const context = await browser.newContext({ permissions: ['microphone'] })
      t.after(() => context.close())
      const page = await context.newPage()
      const faults: string[] = []
      t.after(() => assert.deepEqual(faults, []))
      // As a whole page, not as a frame, it is asked for an icon.
      page.on('console', (message) => message.type() === 'error' && !message.location().url.endsWith('/favicon.ico') && faults.push(message.text()))
      page.on('pageerror', (error) => faults.push(String(error)))
      await page.addInitScript(`sessionStorage.setItem('parley-session', ${JSON.stringify(session)})
        addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))
        globalThis.made = []
        const Real = RTCPeerConnection
        globalThis.RTCPeerConnection = class extends Real { constructor(config) { super(config); made.push(this) } }`)
      await page.goto(`${server.origin}/link/link.html`)
      run = (script) => page.evaluate(script) as Promise<never>
    })
  })
  let run: LinkPage['run'] = () => Promise.reject(new Error('not open yet'))
  await attached
  const unheard: FromPage[] = []
  let wake = () => {}
  pipe.onBytes((bytes) => {
    const message = readFromPage(bytes)
    assert.ok(message)
    unheard.push(message)
    wake()
  })
  return {
    tell: (message) => pipe.send(writeToPage(message)),
    async hears(kind, link) {
      for (;;) {
        const at = unheard.findIndex((message) => message.kind === kind && message.link === link)
        if (at >= 0) return unheard.splice(at, 1)[0] as never
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    unheard,
    run: (script) => run(script),
    cut: () => pipe.close(),
  }
}

const open = (link: number, initiator: boolean, iceServers: { urls: string[] }[] = []): ToPage => ({ kind: 'open', link, initiator, iceServers, policy: 'all' })

/** What the two cores do between them: descriptions through the template [L1], candidates of 127.0.0.1 only. */
async function connectPages(from: LinkPage, to: LinkPage, link: number, between?: (offer: string) => void) {
  from.tell(open(link, true))
  const offer = await from.hears('local', link)
  await from.hears('gathered', link)
  const candidates = takeCandidates(from, link)
  between?.(through(offer.sdp))
  to.tell(open(link, false))
  to.tell({ kind: 'remote', link, type: 'offer', sdp: through(offer.sdp) })
  for (const candidate of candidates) to.tell({ kind: 'candidate', link, candidate })
  const answer = await to.hears('local', link)
  await to.hears('gathered', link)
  from.tell({ kind: 'remote', link, type: 'answer', sdp: through(answer.sdp) })
  for (const candidate of takeCandidates(to, link)) from.tell({ kind: 'candidate', link, candidate })
  const [upFrom, upTo] = await Promise.all([from.hears('up', link), to.hears('up', link)])
  return { offer, answer, upFrom, upTo }
}

function takeCandidates(page: LinkPage, link: number): string[] {
  const found = page.unheard.filter((message) => message.kind === 'candidate' && message.link === link)
  for (const message of found) page.unheard.splice(page.unheard.indexOf(message), 1)
  return found.flatMap((message) => (message.kind === 'candidate' && / 127\.0\.0\.1 /.test(message.candidate) ? [message.candidate] : []))
}

function through(sdp: string): string {
  const read = readSdp(sdp, () => false)
  assert.ok(read.ok)
  return writeSdp(read.value)
}

const hash = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')

test('[L5] [L7] nothing of WebRTC is constructed before the core says open; then with our iceServers, also when there are none', async (t) => {
  const page = await openLinkPage(t)
  page.tell({ kind: 'remote', link: 1, type: 'offer', sdp: 'v=0' })
  page.tell({ kind: 'ctl', link: 1, bytes: Uint8Array.of(1) })
  page.tell({ kind: 'close', link: 1 })
  page.tell(open(2, true))
  assert.deepEqual((await page.hears('local', 2)).iceServers, [])
  assert.equal(await page.run('made.length'), 1)
  page.tell(open(3, true, [{ urls: ['stun:127.0.0.1:9'] }]))
  assert.deepEqual((await page.hears('local', 3)).iceServers, ['stun:127.0.0.1:9'])
  assert.deepEqual(await page.run('made[0].getConfiguration().iceServers'), [])
  page.tell(open(4, true, [{ urls: ['nonsense:'] }]))
  assert.equal((await page.hears('closed', 4)).why, 'config')
})

test('[L1] [L8] two pages connect through the template; each says which certificate the other really used, a fresh one for each link', async (t) => {
  const [ada, ben] = await Promise.all([openLinkPage(t), openLinkPage(t)])
  const first = await connectPages(ada, ben, 1)
  assert.equal(hash(first.upFrom.der), first.answer.fp)
  assert.equal(hash(first.upTo.der), first.offer.fp)
  const pair = await ada.hears('pair', 1)
  assert.deepEqual([pair.local, pair.localType], ['127.0.0.1', 'host'])
  const second = await connectPages(ada, ben, 2)
  assert.notEqual(second.offer.fp, first.offer.fp)
  assert.notEqual(second.answer.fp, first.answer.fp)
})

test('messages cross as the bytes they are, in order, both ways, and text of the other side too', async (t) => {
  const [ada, ben] = await Promise.all([openLinkPage(t), openLinkPage(t)])
  await connectPages(ada, ben, 7)
  const sent = [Uint8Array.of(0, 255), new Uint8Array(), new Uint8Array(MAX_FRAME).fill(34), ...Array.from({ length: 30 }, (_, n) => Uint8Array.of(n))]
  for (const bytes of sent) ada.tell({ kind: 'ctl', link: 7, bytes })
  for (const bytes of sent) assert.deepEqual((await ben.hears('ctl', 7)).bytes, bytes)
  ben.tell({ kind: 'ctl', link: 7, bytes: Uint8Array.of(9) })
  assert.deepEqual((await ada.hears('ctl', 7)).bytes, Uint8Array.of(9))
  ben.tell({ kind: 'ctl', link: 7, bytes: new Uint8Array(MAX_FRAME + 1) })
  assert.equal((await ada.hears('closed', 7)).why, 'too-big')
  await ben.hears('closed', 7)
})

test('[L2] an offer to the initiator and a second description are dropped before simple-peer', async (t) => {
  const [ada, ben] = await Promise.all([openLinkPage(t), openLinkPage(t)])
  await connectPages(ada, ben, 1, (offer) => ada.tell({ kind: 'remote', link: 1, type: 'offer', sdp: offer }))
  ada.tell({ kind: 'remote', link: 1, type: 'answer', sdp: 'v=0' })
  ben.tell({ kind: 'remote', link: 1, type: 'offer', sdp: 'v=0' })
  ada.tell({ kind: 'ctl', link: 1, bytes: Uint8Array.of(1) })
  await ben.hears('ctl', 1)
  ben.tell({ kind: 'ctl', link: 1, bytes: Uint8Array.of(2) })
  await ada.hears('ctl', 1)
  assert.deepEqual([...ada.unheard, ...ben.unheard].filter(({ kind }) => kind === 'local' || kind === 'closed'), [])
})

test('[L9] a channel that the other side opens is closed at once, and our own stays', async (t) => {
  const [ada, ben] = await Promise.all([openLinkPage(t), openLinkPage(t)])
  await connectPages(ada, ben, 1)
  await ada.run(`new Promise((resolve) => { const channel = made[0].createDataChannel('more'); channel.onclose = resolve })`)
  ada.tell({ kind: 'ctl', link: 1, bytes: Uint8Array.of(1) })
  await ben.hears('ctl', 1)
})

test('close frees everything and says nothing; the other side hears it', async (t) => {
  const [ada, ben] = await Promise.all([openLinkPage(t), openLinkPage(t)])
  await connectPages(ada, ben, 1)
  ada.tell({ kind: 'close', link: 1 })
  await ben.hears('closed', 1)
  assert.deepEqual(await ada.run('made.map((pc) => pc.connectionState)'), ['closed'])
  assert.deepEqual(ada.unheard.filter(({ kind }) => kind === 'closed'), [])
  ada.tell(open(2, true))
  ada.tell({ kind: 'close', link: 2 })
  ada.tell(open(3, true))
  await ada.hears('local', 3)
  assert.ok(Number(await ada.run('made.filter((pc) => pc.connectionState !== "closed").length')) === 1)
})

test('when the core goes, every link closes', async (t) => {
  const [ada, ben] = await Promise.all([openLinkPage(t), openLinkPage(t)])
  await connectPages(ada, ben, 1)
  ada.cut()
  await ben.hears('closed', 1)
})
