import assert from 'node:assert/strict'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { startServer } from '../signaling-server/index.ts'
import { befriend, type Core, signUp, startCore, systemClock, tempDir, textsOf } from './testing/core.ts'

/** What goes wrong around a core: clocks, servers, copies. Each with a sentence at the place, and nothing lost. */

describe('faults', () => {
  const temp = tempDir()
  const open = (dataDir: string, port = 0) => startServer({ dataDir: join(temp.path, dataDir), host: '127.0.0.1', port, registration: 'open' })
  let server: Awaited<ReturnType<typeof open>>
  const cores: Core[] = []
  const bugs: string[] = []
  let n = 0

  before(async () => void (server = await open('server')))
  after(async () => {
    await server.close()
    temp.remove()
  })
  afterEach(async () => {
    for (const core of cores.splice(0)) await core.close()
    assert.deepEqual(bugs.splice(0), [])
  })

  const dir = (name: string) => join(temp.path, name)
  async function start(folder: string, more: object = {}): Promise<Core> {
    const core = await startCore({ dir: dir(folder), logTo: (fact, details) => fact === 'bug' && bugs.push(JSON.stringify(details)), ...more })
    cores.push(core)
    return core
  }
  async function person(name: string, more: object = {}, url = server.url): Promise<[Core, string]> {
    const folder = `${name.toLowerCase()}${++n}`
    const core = await start(folder, more)
    await signUp(core, name, url, folder)
    return [core, folder]
  }
  const ikOf = (core: Core) => core.state().me!.ik
  const online = async (core: Core) => {
    await core.client.call('goOnline', {})
    await core.until('on', () => core.state().connection.at === 'on', 10_000)
  }

  test('[S11] [S20] a server that says "too much at once" is asked again: who comes and goes often is seen, and gets what waits', async (t) => {
    const strict = await startServer({ dataDir: dir('strict'), host: '127.0.0.1', port: 0, registration: 'open', limits: { presenceSpacingMs: 0, messages: { burst: 20, everyMs: 100 } } })
    t.after(() => strict.close())
    const [ada] = await person('Ada', {}, strict.url)
    const [ben] = await person('Ben', {}, strict.url)
    const { adasBen } = await befriend(ada, ben)
    await ada.until('Ben is there', (core) => core.buddy('Ben')?.presence === 'on', 20_000)
    for (let i = 0; i < 6; i++) {
      await ben.client.call('signOff', {})
      await ada.until('Ben is away', (core) => core.buddy('Ben')?.presence === 'off', 20_000)
      await ada.client.call('sendMessage', { ik: adasBen, text: `line ${i}` })
      await online(ben)
      await ada.until('Ben is there', (core) => core.buddy('Ben')?.presence === 'on', 20_000)
      await ben.until(`line ${i}`, (core) => core.buddy('Ada')?.last?.text === `line ${i}`, 20_000)
    }
  })

  for (const [what, offset] of [['an hour behind', -3_600_000], ['two days ahead', 2 * 86_400_000], ['in 1970', -Date.now() + 86_400_000], ['in 2039', 13 * 365 * 86_400_000]] as const) {
    test(`[W10] F9: with a clock ${what} it is told, and everything arrives in order`, async () => {
      const [ada] = await person('Ada', { clock: { ...systemClock, now: () => Date.now() + offset } })
      const [ben] = await person('Ben')
      assert.ok(ada.state().banners.some((banner) => banner.kind === 'clock'))
      const { adasBen, bensAda } = await befriend(ada, ben)
      for (let i = 0; i < 6; i++) {
        const [from, to] = i % 2 === 0 ? [ada, ben] : [ben, ada]
        await from.client.call('sendMessage', { ik: ikOf(to), text: `line ${i}` })
        await to.until(`line ${i}`, (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.text === `line ${i}`))
      }
      const [adas, bens] = [textsOf(await ada.chat(adasBen)), textsOf(await ben.chat(bensAda))]
      assert.deepEqual([...adas].sort(), [...bens].sort())
      const numbersOf = (texts: string[], parity: number) => texts.map((text) => Number(text.at(-1))).filter((number) => number % 2 === parity)
      for (const texts of [adas, bens]) {
        assert.deepEqual(numbersOf(texts, 0), [0, 2, 4], 'each person’s own order is kept')
        assert.deepEqual(numbersOf(texts, 1), [1, 3, 5])
      }
    })
  }

  test('[S5] another server at the same address stops with its sentence, and nothing is signed for it', async () => {
    const first = await open('first')
    const [ada] = await person('Ada', {}, first.url)
    await ada.client.call('signOff', {})
    await first.close()
    const other = await open('other', first.port)
    await ada.client.call('goOnline', {})
    const state = await ada.until('stopped', (core) => (core.state().connection.at === 'stopped' ? core.state().connection : undefined))
    assert.equal(state.at === 'stopped' && state.code, 'server-key')
    await ada.client.call('acceptServerKey', {}).then(() => assert.fail('taken'), (error: { code: string }) => assert.equal(error.code, 'wrong-server'))
    await other.close()
  })

  test('[S11] F10: the server goes and comes back: signed on again by itself, and what was written meanwhile arrives', async () => {
    let own = await open('goes')
    const [ada] = await person('Ada', {}, own.url)
    const [ben] = await person('Ben', {}, own.url)
    await befriend(ada, ben)
    await own.close()
    await ada.until('waiting', () => ada.state().connection.at === 'waiting')
    await ada.client.call('sendMessage', { ik: ikOf(ben), text: 'are you there?' })
    own = await open('goes', own.port)
    await ada.until('on again', () => ada.state().connection.at === 'on', 10_000)
    await ben.until('it came', (core) => core.buddy('Ada')?.last?.text === 'are you there?', 15_000)
    for (const core of cores.splice(0)) await core.close()
    await own.close()
  })

  test('[S7] a copied profile: the second copy is refused and asks for the words, which certify a new device', async () => {
    const [ada, folder] = await person('Ada')
    const [ben] = await person('Ben')
    await befriend(ada, ben)
    const { words } = await ada.client.call('showWords', {})
    await ada.close()
    cores.splice(cores.indexOf(ada), 1)
    mkdirSync(dir('copy'))
    cpSync(dir(folder), dir('copy'), { recursive: true })
    const original = await start(folder)
    await online(original)
    await original.close()
    cores.splice(cores.indexOf(original), 1)
    const copy = await start('copy')
    await copy.client.call('goOnline', {})
    const state = await copy.until('stopped', (core) => (core.state().connection.at === 'stopped' ? core.state().connection : undefined))
    assert.equal(state.at === 'stopped' && state.code, 'copied-profile')
    await copy.client.call('restoreIdentity', { words: words.join(' '), handle: folder, where: { kind: 'server', server: server.url } })
    await online(copy)
    await ben.client.call('sendMessage', { ik: ikOf(copy), text: 'which one are you?' })
    await copy.until('it came to the new device', (core) => core.buddy('Ben')?.last?.text === 'which one are you?', 15_000)
  })

  test('[S10] F14: the same identity twice: the newest wins, the older is told and does not come back by itself', async () => {
    const [ada, folder] = await person('Ada')
    mkdirSync(dir('twin'))
    cpSync(dir(folder), dir('twin'), { recursive: true })
    const twin = await start('twin')
    // Its run number is made to be the newer: a restored profile that went on.
    for (let i = 0; i < 3 && twin.state().connection.at !== 'on'; i++) {
      await twin.client.call('goOnline', {})
      await twin.until('decided', () => ['on', 'stopped'].includes(twin.state().connection.at))
    }
    assert.equal(twin.state().connection.at, 'on')
    const state = await ada.until('told', (core) => (core.state().connection.at === 'off' ? core.state().connection : undefined))
    assert.equal(state.at === 'off' && state.why, 'replaced')
    assert.equal(twin.state().connection.at, 'on')
  })

  test('Welcome: a taken handle, no server, no address: a code with a sentence, and nothing is made', async () => {
    const [, taken] = await person('Ada')
    const core = await start('welcome')
    const refusal = (p: { name?: string; handle?: string; server?: string }) =>
      core.client.call('createIdentity', { name: p.name ?? 'Eve', handle: p.handle ?? 'eve', where: { kind: 'server', server: p.server ?? server.url } })
        .then(() => 'made', (error: { code: string }) => error.code)
    assert.equal(await refusal({ handle: taken }), 'handle-taken')
    assert.equal(await refusal({ handle: 'E V E' }), 'bad-handle')
    assert.equal(await refusal({ name: '' }), 'bad-name')
    assert.equal(await refusal({ server: 'ws://chat.example' }), 'bad-server')
    assert.equal(await refusal({ server: '127.0.0.1:1' }), 'no-server')
    assert.equal(core.state().phase.at, 'welcome')
    assert.equal(await refusal({}), 'made')
  })
})
