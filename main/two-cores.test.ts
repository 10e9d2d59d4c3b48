import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startServer } from '../signaling-server/index.ts'
import { befriend, type Core, signUp, startCore, tempDir, textsOf } from './testing/core.ts'

describe('two cores in one process', () => {
  const temp = tempDir()
  let server: Awaited<ReturnType<typeof startServer>>
  let ada: Core
  let ben: Core
  const log: string[] = []

  before(async () => {
    server = await startServer({ dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'open' })
    const logTo = (fact: string, details?: object) => void log.push(`${fact} ${JSON.stringify(details ?? {})}`)
    ada = await startCore({ dir: join(temp.path, 'ada'), logTo })
    ben = await startCore({ dir: join(temp.path, 'ben'), logTo })
    await signUp(ada, 'Ada', server.url)
    await signUp(ben, 'Ben', server.url)
  })
  after(async () => {
    await ada.close()
    await ben.close()
    await server.close()
    temp.remove()
  })

  test('[I13] [I16] [C21] an invite makes two buddies at level linked, who talk through the server', async () => {
    const { adasBen, bensAda } = await befriend(ada, ben)
    assert.equal(ada.buddy('Ben')!.level, 'linked')
    assert.equal(ben.buddy('Ada')!.level, 'linked')
    await ada.until('Ada sees Ben', (core) => core.buddy('Ben')?.presence === 'on')
    await ben.until('Ben sees Ada', (core) => core.buddy('Ada')?.presence === 'on')
    await ada.client.call('sendMessage', { ik: adasBen, text: 'see you at six' })
    await ben.until('the text is there', (core) => core.buddy('Ada')?.last?.text === 'see you at six')
    await ada.until('it arrived', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.state === 'arrived'), 8_000)
    await ben.client.call('sendMessage', { ik: bensAda, text: 'good' })
    await ada.until('the answer is there', (core) => core.buddy('Ben')?.last?.text === 'good')
    assert.deepEqual(textsOf(await ada.chat(adasBen)), ['see you at six', 'good'])
    assert.deepEqual(textsOf(await ben.chat(bensAda)), ['see you at six', 'good'])
    assert.deepEqual(log.filter((line) => line.startsWith('bug')), [])
  })

  test('[L10] [L12] both choose Direct: the link is up and carries the text', async () => {
    const adasBen = ben.state().me!.ik
    const bensAda = ada.state().me!.ik
    await ada.client.call('setConnect', { ik: adasBen, connect: 'direct', lan: false })
    await ben.client.call('setConnect', { ik: bensAda, connect: 'direct', lan: false })
    await ada.client.call('showChat', { ik: adasBen, shown: true })
    await ada.until('direct', (core) => core.buddy('Ben')?.link.at === 'direct', 15_000).catch((error) => {
      throw new Error(`${error} ${log.join('\n')}`)
    })
    await ben.until('direct', (core) => core.buddy('Ada')?.link.at === 'direct')
    await ada.client.call('sendMessage', { ik: adasBen, text: 'straight across' })
    await ben.until('it is there', (core) => core.buddy('Ada')?.last?.text === 'straight across')
    await ada.until('it arrived', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.text === 'straight across' && event.item.state === 'arrived'))
  })

  test('[ME1] what is written while the buddy is away waits, and is there in order when he comes back', async () => {
    const adasBen = ben.state().me!.ik
    await ben.client.call('signOff', {})
    await ada.until('Ben is away', (core) => core.buddy('Ben')?.presence === 'off', 45_000)
    for (const n of [1, 2, 3, 4, 5]) await ada.client.call('sendMessage', { ik: adasBen, text: `while away ${n}` })
    await ben.client.call('goOnline', {})
    await ben.until('all are there', (core) => core.buddy('Ada')?.last?.text === 'while away 5', 10_000)
    assert.deepEqual(textsOf(await ben.chat(ada.state().me!.ik)).slice(-5), [1, 2, 3, 4, 5].map((n) => `while away ${n}`))
    assert.deepEqual(log.filter((line) => line.startsWith('bug')), [])
  })
})
