import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Refused } from '../protocol/app/rpc.ts'
import { startServer } from '../signaling-server/index.ts'
import { type Core, signUp, startCore, tempDir } from './testing/core.ts'

/** Somebody who has nothing but an invite. */

describe('an invite brings its server along', () => {
  const temp = tempDir()
  let server: Awaited<ReturnType<typeof startServer>>
  let ada: Core
  const cores: Core[] = []
  const open = async (name: string) => {
    const core = await startCore({ dir: join(temp.path, name) })
    cores.push(core)
    return core
  }
  const refuses = (code: string) => (error: unknown) => (error as Refused).code === code

  before(async () => {
    server = await startServer({ dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'code' })
    ada = await open('ada')
    await ada.client.call('createIdentity', { name: 'Ada', handle: 'ada', where: { kind: 'server', server: server.url, invite: server.newCode() } })
    await ada.client.call('goOnline', {})
    await ada.until('Ada is signed on', (core) => core.state().connection.at === 'on')
  })
  after(async () => {
    for (const core of cores) await core.close()
    await server.close()
    temp.remove()
  })

  test('[I13] [S9] it is looked at before there is an identity, and its code takes a name at a server that asks for one', async () => {
    const { link } = await ada.client.call('createInvite', {})
    const ben = await open('ben')
    const preview = await ben.client.call('readInvite', { link })
    assert.deepEqual([preview.name, preview.addr], ['Ada', ada.state().me!.addr])
    await ben.client.call('createIdentity', { name: 'Ben', handle: 'ben', where: { kind: 'invited', link } })
    await ben.client.call('goOnline', {})
    await ben.until('Ben is signed on', (core) => core.state().connection.at === 'on')
    await ben.client.call('addByInvite', { link, connect: 'server', keep: 'disk' })
    await ada.until('Ada has Ben', (core) => core.buddy('Ben')?.state === 'accepted')
  })

  test('[S9] a code that is used asks for another, which is typed; without an identity nothing else is possible', async () => {
    const { link } = await ada.client.call('createInvite', {})
    const cid = await open('cid')
    await cid.client.call('createIdentity', { name: 'Cid', handle: 'cid', where: { kind: 'invited', link } })
    const dan = await open('dan')
    const who = { name: 'Dan', handle: 'dan' }
    await assert.rejects(dan.client.call('createIdentity', { ...who, where: { kind: 'invited', link } }), refuses('invite-required'))
    await assert.rejects(dan.client.call('addByInvite', { link, connect: 'server', keep: 'disk' }))
    await assert.rejects(dan.client.call('createIdentity', { ...who, where: { kind: 'invited', link: 'parley://i#AAAA' } }), refuses('bad-invite'))
    await dan.client.call('createIdentity', { ...who, where: { kind: 'invited', link, invite: server.newCode() } })
    assert.equal(dan.state().me!.name, 'Dan')
  })

  test('[S2] [I17] another server at that address is not joined', async () => {
    const { link } = await ada.client.call('createInvite', {})
    const other = await startServer({ dataDir: join(temp.path, 'other'), host: '127.0.0.1', port: 0, registration: 'open' })
    const invite = JSON.parse(Buffer.from(link.slice(link.indexOf('#') + 1), 'base64url').toString()) as { url: string[] }
    invite.url = [`${other.url}/`]
    const eve = await open('eve')
    const forged = `parley://i#${Buffer.from(JSON.stringify(invite)).toString('base64url')}`
    await assert.rejects(eve.client.call('createIdentity', { name: 'Eve', handle: 'eve', where: { kind: 'invited', link: forged } }), refuses('wrong-server'))
    await other.close()
  })

  test('[S11] *Now* does not wait for the next try', async () => {
    const dir = join(temp.path, 'again')
    const again = await startServer({ dataDir: dir, host: '127.0.0.1', port: 0, registration: 'open' })
    const { port } = new URL(again.url)
    const fay = await open('fay')
    await signUp(fay, 'Fay', again.url)
    await again.close()
    const wait = async () => fay.until('Fay waits long', ({ state }) => {
      const { connection } = state()
      return connection.at === 'waiting' && connection.until - Date.now() > 2_000
    }, 30_000)
    await wait()
    const back = await startServer({ dataDir: dir, host: '127.0.0.1', port: Number(port), registration: 'open' })
    await fay.client.call('goOnline', {})
    await fay.until('Fay is signed on', (core) => core.state().connection.at === 'on', 1_500)
    await fay.close()
    cores.splice(cores.indexOf(fay), 1)
    await back.close()
  })
})
