import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { KeepChoice } from '../protocol/app/views.ts'
import { startServer } from '../signaling-server/index.ts'
import { befriend, type Core, signUp, startCore, tempDir } from './testing/core.ts'

/** What is kept, what is told of reading and of abilities, and what is said before something is lost. */

async function pair(t: TestContext, keep: KeepChoice = 'disk') {
  const temp = tempDir()
  const serve = (port: number) => startServer({ dataDir: join(temp.path, 'server'), host: '127.0.0.1', port, registration: 'open' })
  let server = await serve(0)
  const port = Number(new URL(server.url).port)
  const open = (name: string) => startCore({ dir: join(temp.path, name) })
  const cores = { ada: await open('ada'), ben: await open('ben') }
  t.after(async () => {
    for (const core of Object.values(cores)) await core.close()
    await server.close()
    temp.remove()
  })
  await signUp(cores.ada, 'Ada', server.url)
  await signUp(cores.ben, 'Ben', server.url)
  const { adasBen, bensAda } = await befriend(cores.ada, cores.ben, { keep })
  return {
    cores, adasBen, bensAda,
    server: { close: () => server.close(), again: async () => void (server = await serve(port)) },
    async restarts(who: 'ada' | 'ben') {
      await cores[who].close()
      cores[who] = await open(who)
    },
  }
}
const online = async (core: Core) => {
  await core.client.call('goOnline', {})
  await core.until('on', () => core.state().connection.at === 'on')
}
const show = (core: Core, ik: Parameters<typeof core.chat>[0], shown: boolean) => core.client.call('showChat', { ik, shown })
const statesOf = (core: Core, text: string) => core.events.flatMap((event) => (event.e === 'item' && event.item.kind === 'message' && event.item.text === text ? [event.item.state] : []))

test('[W21] ME8: a message that was read stays read, though that it arrived is said later', async (t) => {
  const { cores: { ada, ben }, adasBen, bensAda } = await pair(t)
  for (const core of [ada, ben]) await core.client.call('setSetting', { key: 'readReceipts', value: true })
  await show(ben, bensAda, true)
  await ada.client.call('sendMessage', { ik: adasBen, text: 'read at once' })
  await ada.until('it is read', (core) => statesOf(core, 'read at once').includes('read'), 10_000)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  assert.equal(statesOf(ada, 'read at once').at(-1), 'read')
})

test('[W21] reading is told from when it is switched on, once, also after a restart; of the reader’s own words nothing is said', async (t) => {
  const p = await pair(t)
  const { ada } = p.cores
  await ada.client.call('setSetting', { key: 'readReceipts', value: true })
  await ada.client.call('sendMessage', { ik: p.adasBen, text: 'before' })
  await p.cores.ben.until('it is there', (core) => core.buddy('Ada')?.last?.text === 'before')
  await show(p.cores.ben, p.bensAda, true)
  await show(p.cores.ben, p.bensAda, false)
  await p.cores.ben.client.call('setSetting', { key: 'readReceipts', value: true })
  await p.restarts('ben')
  await online(p.cores.ben)
  await p.cores.ben.client.call('sendMessage', { ik: p.bensAda, text: 'mine' })
  await ada.client.call('sendMessage', { ik: p.adasBen, text: 'after' })
  await p.cores.ben.until('it is there', (core) => core.buddy('Ada')?.unread === 1)
  await show(p.cores.ben, p.bensAda, true)
  await ada.until('the new one is read', (core) => statesOf(core, 'after').includes('read'), 10_000)
  assert.deepEqual([statesOf(ada, 'before').includes('read'), statesOf(ada, 'mine')], [false, [undefined]])
})

test('[G2] *Don’t keep*: with its chat the last words leave the list, and what waits is asked about before quitting', async (t) => {
  const { cores: { ada, ben }, adasBen, bensAda } = await pair(t, 'off')
  await ada.client.call('holdChat', { ik: adasBen, held: true })
  await ben.client.call('sendMessage', { ik: bensAda, text: 'for now only' })
  await ada.until('it is there', (core) => core.buddy('Ben')?.last?.text === 'for now only')
  await ben.client.call('signOff', {})
  await ada.client.call('signOff', {})
  await ada.client.call('sendMessage', { ik: adasBen, text: 'waits' })
  await ada.client.call('holdChat', { ik: adasBen, held: false })
  await ada.until('the list is empty', (core) => core.buddy('Ben')?.last === undefined)
  assert.deepEqual(await ada.client.call('unsaved', {}), { unread: 0, waiting: 1, files: [] })
})

test('[G6] what came before the first choice is asked about before quitting, read or not', async (t) => {
  const temp = tempDir()
  const server = await startServer({ dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'open' })
  const [ada, ben] = [await startCore({ dir: join(temp.path, 'ada') }), await startCore({ dir: join(temp.path, 'ben') })]
  t.after(async () => {
    for (const core of [ada, ben]) await core.close()
    await server.close()
    temp.remove()
  })
  await signUp(ada, 'Ada', server.url)
  await signUp(ben, 'Ben', server.url)
  const { link } = await ada.client.call('createInvite', {})
  const { ik } = await ben.client.call('addByInvite', { link, connect: 'server', keep: 'disk' })
  await ben.until('buddies', (core) => core.buddy('Ada')?.state === 'accepted')
  await ben.client.call('sendMessage', { ik, text: 'not chosen yet' })
  await ada.until('it is there', (core) => core.buddy('Ben')?.last?.text === 'not chosen yet')
  await show(ada, ben.state().me!.ik, true)
  assert.equal((await ada.client.call('unsaved', {})).unread, 1)
})

test('[G1] *Until I sign off* ends whole: nothing unread stays, nothing goes out later', async (t) => {
  const p = await pair(t, 'session')
  const { ben } = p.cores
  await ben.client.call('sendMessage', { ik: p.bensAda, text: 'unread' })
  await p.cores.ada.until('it is unread', (core) => core.buddy('Ben')?.unread === 1)
  await p.server.close()
  await p.cores.ada.until('Ada waits for the server', (core) => core.state().connection.at === 'waiting', 10_000)
  await p.cores.ada.client.call('sendMessage', { ik: p.adasBen, text: 'never to leave' })
  assert.equal(p.cores.ada.buddy('Ben')?.waiting, 1)
  await p.cores.ada.client.call('signOff', {})
  const row = () => {
    const { unread, waiting, last } = p.cores.ada.buddy('Ben')!
    return { unread, waiting, last }
  }
  assert.deepEqual(row(), { unread: 0, waiting: 0, last: undefined })
  await p.server.again()
  await online(p.cores.ada)
  await ben.client.call('goOnline', {})
  await p.cores.ada.client.call('sendMessage', { ik: p.adasBen, text: 'this one' })
  await ben.until('it is there', (core) => core.buddy('Ada')?.last?.text === 'this one', 10_000)
  assert.equal(ben.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.text === 'never to leave'), false)
})

test('[E21] [W9] a mailbox that is switched off and on again is told each time, and what waited for it goes out', async (t) => {
  const { cores: { ada, ben }, adasBen } = await pair(t)
  for (let round = 0; round < 3; round++) {
    await ben.client.call('setSetting', { key: 'mailbox', value: false })
    await ada.until('Ben takes none', (core) => core.buddy('Ben')?.hasMailbox === false, 8_000)
    await ada.client.call('sendMessage', { ik: adasBen, text: `round ${round}` })
    assert.equal(ada.buddy('Ben')?.waiting, 1)
    await ben.client.call('setSetting', { key: 'mailbox', value: true })
    await ben.until('it is there', (core) => core.buddy('Ada')?.last?.text === `round ${round}`, 8_000)
  }
})

test('[L4] this network is left out again as soon as that is said', async (t) => {
  const { cores: { ada }, adasBen: ik } = await pair(t)
  const seen: boolean[] = []
  for (const lan of [false, true, false]) {
    await ada.client.call('setConnect', { ik, connect: 'direct', lan })
    seen.push(ada.buddy('Ben')!.lan)
  }
  assert.deepEqual(seen, [false, true, false])
})

test('[S11] a machine that woke asks at once: what waits is tried now', async (t) => {
  const p = await pair(t)
  await p.server.close()
  await p.cores.ada.until('Ada waits long', ({ state }) => {
    const { connection } = state()
    return connection.at === 'waiting' && connection.until - Date.now() > 2_000
  }, 30_000)
  await p.server.again()
  p.cores.ada.app.wake()
  await p.cores.ada.until('Ada is on', (core) => core.state().connection.at === 'on', 1_500)
})
