import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { FromPage, ToPage } from '../protocol/app/link.ts'
import type { Address, DevId, Dk, KeyId } from '../protocol/ids.ts'
import { startServer } from '../signaling-server/index.ts'
import { makeSealKey } from './envelopes/hpke.ts'
import { signerOf } from './identity/crypto.ts'
import { makeCert, makePrekey, makeRecord, readRecord } from './identity/records.ts'
import type { LinkDriver } from './links/driver.ts'
import { createTcpDriver } from './links/tcp-driver.ts'
import { befriend, type Core, random, signUp, startCore, tempDir, textsOf } from './testing/core.ts'
import { type HostileServer, type Message, startHostileServer } from './testing/hostile-server.ts'

/** Section 16: each attack once, and the alarm it ends in. */

describe('a server that cheats', () => {
  const temp = tempDir()
  let real: Awaited<ReturnType<typeof startServer>>
  let hostile: HostileServer
  let cores: Core[] = []
  let counted: string[] = []
  let n = 0

  before(async () => {
    real = await startServer({ dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'open' })
    hostile = await startHostileServer(real.url)
  })
  after(async () => {
    await hostile.close()
    await real.close()
    temp.remove()
  })
  beforeEach(() => {
    counted = []
    hostile.hooks = {}
  })
  afterEach(async () => {
    for (const core of cores.splice(0)) await core.close()
    assert.deepEqual(counted.filter((line) => line.startsWith('bug')), [])
  })

  async function person(name: string, driver?: LinkDriver): Promise<Core> {
    const handle = `${name.toLowerCase()}${++n}`
    const core = await startCore({
      dir: join(temp.path, handle), logTo: (fact, details) => void counted.push(`${fact} ${JSON.stringify(details ?? {})}`), ...(driver === undefined ? {} : { driver }),
    })
    cores.push(core)
    await signUp(core, name, hostile.url, handle)
    return core
  }
  const two = async (driver?: LinkDriver) => [await person('Ada', driver), await person('Ben')] as const
  const isCounted = (what: string) => counted.some((line) => line.startsWith('counted') && line.includes(`"${what}"`))
  const until = async (what: string, holds: () => boolean, ms = 8_000) => {
    const end = Date.now() + ms
    while (!holds()) {
      if (Date.now() > end) assert.fail(`not within ${ms} ms: ${what}; ${counted.join(' ')}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const ikOf = (core: Core) => core.state().me!.ik
  const alarms = async (core: Core, other: Core) =>
    (await core.chat(ikOf(other))).flatMap((item) => (item.kind === 'line' && item.line.what === 'alarm' ? [item.line.code] : []))
  const answerOf = (t: string) => {
    const asked = new Map<number, string>()
    hostile.hooks.toServer = (message) => {
      if ('text' in message && typeof message.text['q'] === 'number') asked.set(message.text['q'], message.text['t'] as string)
      return [message]
    }
    return (message: Message) => 'text' in message && message.text['t'] === 'ok' && asked.get(message.text['q'] as number) === t
  }

  test('[S12] [E22] a swapped prekey is refused as bad-key, and no request leaves', async () => {
    const [ada, ben] = await two()
    const eve = signerOf(random(32))
    const isClaim = answerOf('keys.claim')
    let deposits = 0
    const before = hostile.hooks.toServer!
    hostile.hooks.toServer = (message) => {
      if ('head' in message) deposits++
      return before(message)
    }
    hostile.hooks.toClient = (message) => {
      if (!isClaim(message) || !('text' in message)) return [message]
      const key = makePrekey(eve, { ik: ikOf(ada), dev: random(16).toString() as DevId, id: 'AAAAAAAAAAA' as KeyId, pk: makeSealKey().pub, use: 'once', exp: 1 })
      return [{ text: { ...message.text, r: { key } } }]
    }
    const code = await ben.client.call('sendRequest', { addr: ada.state().me!.addr, text: 'hi', connect: 'server', keep: 'disk' }).then(() => 'sent', (error: { code: string }) => error.code)
    assert.equal(code, 'unavailable')
    assert.ok(isCounted('bad-key'))
    assert.equal(deposits, 0)
  })

  test('[I15] another key for the invite’s address: refused, nothing is sent', async () => {
    const [ada, ben] = await two()
    const { link } = await ada.client.call('createInvite', {})
    const seed = random(32)
    const eve = signerOf(seed)
    const isGet = answerOf('account.get')
    hostile.hooks.toClient = (message) => {
      if (!isGet(message) || !('text' in message)) return [message]
      const dk = signerOf(random(32))
      const cert = makeCert(eve, { dev: Buffer.from(random(16)).toString('base64url') as DevId, dk: dk.pub as Dk, seq: 1, iat: 1 })
      return [{ text: { ...message.text, r: { rec: makeRecord(eve, { addr: ada.state().me!.addr as Address, seq: 1, iat: 1, cert }) } } }]
    }
    const code = await ben.client.call('addByInvite', { link, connect: 'server', keep: 'disk' }).then(() => 'added', (error: { code: string }) => error.code)
    assert.equal(code, 'wrong-key')
    assert.equal(ben.state().buddies.length, 0)
  })

  test('[I7] another key under a buddy’s address: sending stops, the person decides', async () => {
    const [ada, ben] = await two()
    await befriend(ada, ben)
    await ben.until('Ada is there', (core) => core.buddy('Ada')?.presence === 'on')
    const eve = signerOf(random(32))
    const dk = signerOf(random(32))
    const cert = makeCert(eve, { dev: Buffer.from(random(16)).toString('base64url') as DevId, dk: dk.pub as Dk, seq: 9, iat: 1 })
    const rec = makeRecord(eve, { addr: ada.state().me!.addr as Address, seq: 9, iat: 1, cert })
    const adas = ada.state().me!.addr
    const shownBefore = await ben.client.call('safetyNumber', { ik: ikOf(ada) })
    const isGet = answerOf('account.get')
    // What Ben writes goes nowhere, and so waits here.
    const { toServer } = hostile.hooks
    hostile.hooks.toServer = (message) => ('head' in message ? [] : toServer!(message))
    hostile.hooks.toClient = (message) => {
      if (isGet(message) && 'text' in message) return [{ text: { ...message.text, r: { rec } } }]
      if ('text' in message && message.text['t'] === 'presence' && message.text['addr'] === adas) return [{ text: { ...message.text, rv: 'AAAAAAAAAAA' } }]
      return [message]
    }
    for (const text of ['one', 'two', 'three']) await ben.client.call('sendMessage', { ik: ikOf(ada), text })
    await ada.client.call('setPresence', { presence: 'away', status: '' })
    await ben.until('key changed', (core) => core.buddy('Ada')?.keyChanged, 10_000)
    const code = await ben.client.call('sendMessage', { ik: ikOf(ada), text: 'secret' }).then(() => 'sent', (error: { code: string }) => error.code)
    assert.equal(code, 'key-changed')
    const { groups } = await ben.client.call('safetyNumber', { ik: ikOf(ada) })
    assert.equal(groups.length, 12)
    // Numbers that were read out before the key changed verify nothing now.
    await ben.client.call('numbersMatch', { ik: ikOf(ada), code: shownBefore.code }).then(() => assert.fail('taken'), (error: { code: string }) => assert.equal(error.code, 'key-changed'))
    assert.equal(ben.buddy('Ada')!.keyChanged, true)

    // They match: the key is taken, its owner is asked anew, and what waits may be taken back.
    const { code: shown } = await ben.client.call('safetyNumber', { ik: ikOf(ada) })
    const { taken } = await ben.client.call('numbersMatch', { ik: ikOf(ada), code: shown })
    assert.deepEqual(taken, { ik: eve.pub, waiting: 3 })
    const next = ben.buddy('Ada')!
    assert.deepEqual([next.ik, next.state, next.level, next.keyChanged], [eve.pub, 'asked', 'verified', false])
    await ben.client.call('dropWaiting', { ik: next.ik })
  })

  test('[I8] another record of mine than my own raises self-audit', async () => {
    const [ada, ben] = await two()
    await befriend(ada, ben)
    const seed = random(32)
    const own = signerOf(seed)
    const dk = signerOf(random(32))
    const cert = makeCert(own, { dev: Buffer.from(random(16)).toString('base64url') as DevId, dk: dk.pub as Dk, seq: 1, iat: 1 })
    const other = makeRecord(own, { addr: ben.state().me!.addr as Address, seq: 1, iat: 1, cert })
    assert.ok(readRecord(other).ok)
    await ben.client.call('signOff', {})
    const isGet = answerOf('account.get')
    hostile.hooks.toClient = (message) => (isGet(message) && 'text' in message ? [{ text: { ...message.text, r: { rec: other } } }] : [message])
    await ben.client.call('goOnline', {})
    await ben.until('self-audit', (core) => core.state().banners.some((banner) => banner.kind === 'self-audit'))
  })

  test('[E13] [L15] a replayed offer is counted and changes nothing', async () => {
    const [ada, ben] = await two()
    const signals: Message[] = []
    hostile.hooks.toClient = (message) => {
      if ('head' in message && message.head['cls'] === 'sig') {
        signals.push(message)
        return [message, message]
      }
      return [message]
    }
    await befriend(ada, ben, { connect: 'direct' })
    await ada.client.call('showChat', { ik: ikOf(ben), shown: true })
    await ada.until('direct', (core) => core.buddy('Ben')?.link.at === 'direct', 15_000)
    await until('the copy was seen', () => isCounted('replay') || isCounted('unknown-key'))
    assert.equal(ada.buddy('Ben')!.link.at, 'direct')
    assert.deepEqual(await alarms(ben, ada), [])
  })

  test('[W22] [W24] a message dropped in the middle is seen by its number, asked for, and comes', async () => {
    const [ada, ben] = await two()
    await befriend(ada, ben)
    await ben.until('there', (core) => core.buddy('Ada')?.presence === 'on')
    let drop = false
    hostile.hooks.toClient = (message) => {
      if (drop && 'head' in message && message.head['cls'] === 'msg') {
        drop = false
        return []
      }
      return [message]
    }
    const say = (text: string) => ada.client.call('sendMessage', { ik: ikOf(ben), text })
    await say('one')
    await ben.until('one', (core) => core.buddy('Ada')?.last?.text === 'one')
    drop = true
    await say('two')
    await until('dropped', () => !drop)
    await say('three')
    await ben.until('three', (core) => core.buddy('Ada')?.last?.text === 'three')
    await ben.until('all', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.text === 'two'), 20_000)
    assert.deepEqual(textsOf(await ben.chat(ikOf(ada))), ['one', 'two', 'three'])
  })

  test('[E13] a flipped bit in an envelope is dropped and counted; the text comes again by its number', async () => {
    const [ada, ben] = await two()
    await befriend(ada, ben)
    await ben.until('there', (core) => core.buddy('Ada')?.presence === 'on')
    let flip = true
    hostile.hooks.toClient = (message) => {
      if (flip && 'head' in message && message.head['cls'] === 'msg') {
        flip = false
        const envelope = Buffer.from(message.envelope)
        envelope[200]! ^= 1
        return [{ ...message, envelope }]
      }
      return [message]
    }
    await ada.client.call('sendMessage', { ik: ikOf(ben), text: 'one' })
    await until('unopened', () => isCounted('unopened'))
    await ada.client.call('sendMessage', { ik: ikOf(ben), text: 'two' })
    for (const text of ['one', 'two']) {
      await ben.until(`${text} came`, (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.text === text), 20_000)
    }
    assert.deepEqual(textsOf(await ben.chat(ikOf(ada))), ['one', 'two'])
  })

  test('[L10] [L14] another certificate on the link ends in link-proof, and nothing of that link is used', async () => {
    const [ada, ben] = await two(twisted((message) => (message.kind === 'up' ? { ...message, der: random(64) } : message)))
    await befriend(ada, ben, { connect: 'direct' })
    await ada.client.call('showChat', { ik: ikOf(ben), shown: true })
    await until('link proof', () => ada.events.some((event) => event.e === 'item' && event.item.kind === 'line' && event.item.line.what === 'alarm' && event.item.line.code === 'link-proof'), 15_000)
    assert.notEqual(ada.buddy('Ben')!.link.at, 'direct')
    await ada.client.call('sendMessage', { ik: ikOf(ben), text: 'through the server' })
    await ben.until('it came', (core) => core.buddy('Ada')?.last?.text === 'through the server')
  })

  test('[L12] features stripped from a HELLO break its signature: link-proof', async () => {
    const [ada, ben] = await two(twisted((message) => {
      if (message.kind !== 'ctl') return message
      const text = Buffer.from(message.bytes).toString()
      return text.includes('"t":"hello"') ? { ...message, bytes: Uint8Array.from(Buffer.from(text.replace('"msg1"', '"msg2"'))) } : message
    }))
    await befriend(ada, ben, { connect: 'direct' })
    await ada.client.call('showChat', { ik: ikOf(ben), shown: true })
    await until('link proof', () => ada.events.some((event) => event.e === 'item' && event.item.kind === 'line' && event.item.line.what === 'alarm' && event.item.line.code === 'link-proof'), 15_000)
  })

  test('[S11] [C4] what a client does after `ready`, in order; the rule for a token stands before the request that holds it leaves', async () => {
    const [ada, ben] = await two()
    await befriend(ada, ben)
    // Only Ben talks while we listen.
    await ada.client.call('signOff', {})
    await ben.client.call('signOff', {})
    await new Promise((resolve) => setTimeout(resolve, 50))
    const order: string[] = []
    hostile.hooks.toServer = (message) => {
      order.push('text' in message ? (message.text['t'] as string) : `drop ${message.head['cls'] as string}`)
      return [message]
    }
    await ben.client.call('goOnline', {})
    await until('drained', () => order.includes('mail.next'))
    const steps = ['hello', 'auth', 'account.get', 'knock.mode', 'presence.set', 'presence.sub', 'mail.next']
    assert.deepEqual(order.slice(order.indexOf('hello')).filter((t) => steps.includes(t)).slice(0, steps.length), steps)
    const eve = await person('Eve')
    order.length = 0
    await eve.client.call('sendRequest', { addr: ada.state().me!.addr, text: 'hi', connect: 'server', keep: 'disk' })
    assert.ok(order.indexOf('acl.put') >= 0 && order.indexOf('acl.put') < order.indexOf('drop knock'), order.join())
  })

  test('[W25] a frame of an unknown kind keeps its number, stands as “not understood”, and its sender is told', async () => {
    const ada = await person('Ada')
    const ben = await person('Ben', twisted((message) => {
      if (message.kind !== 'ctl') return message
      const text = Buffer.from(message.bytes).toString()
      return text.includes('"t":"msg"') ? { ...message, bytes: Uint8Array.from(Buffer.from(text.replace('"t":"msg"', '"t":"zzz"'))) } : message
    }))
    await befriend(ada, ben, { connect: 'direct' })
    await ada.client.call('showChat', { ik: ikOf(ben), shown: true })
    await ada.until('direct', (core) => core.buddy('Ben')?.link.at === 'direct', 15_000)
    await ada.client.call('sendMessage', { ik: ikOf(ben), text: 'from the future' })
    await ben.until('not understood', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'line' && event.item.line.what === 'not-understood'))
    await ada.until('told', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.state === 'failed' && event.item.why === 'refused'))
  })

  test('[W24] a message with the id of one of mine is a fork: mine stands as it was', async () => {
    let mine = ''
    const ada = await person('Ada', twisted((message) => {
      if (message.kind !== 'ctl' || mine === '') return message
      const frame = JSON.parse(Buffer.from(message.bytes).toString()) as { t: string; id: string }
      return frame.t === 'msg' ? { ...message, bytes: Uint8Array.from(Buffer.from(JSON.stringify({ ...frame, id: mine }))) } : message
    }))
    const ben = await person('Ben')
    await befriend(ada, ben, { connect: 'direct' })
    await ada.client.call('showChat', { ik: ikOf(ben), shown: true })
    await ada.until('direct', (core) => core.buddy('Ben')?.link.at === 'direct', 15_000)
    mine = (await ada.client.call('sendMessage', { ik: ikOf(ben), text: 'I never agreed to this' })).id
    await ben.until('it came', (core) => core.buddy('Ada')?.last?.text === 'I never agreed to this')
    await ben.client.call('sendMessage', { ik: ikOf(ada), text: 'replaced' })
    await until('fork', () => isCounted('fork'))
    assert.deepEqual(textsOf(await ada.chat(ikOf(ben))), ['I never agreed to this'])
    assert.deepEqual(await alarms(ada, ben), ['fork'])
  })

  test('[C8] [I16] a forged invite proof is dropped as bad-proof and never shown', async () => {
    const [ada, ben] = await two()
    const { link } = await ada.client.call('createInvite', {})
    // Ben has the address and the gate, but another secret: what a server could make of what it sees.
    const invite = JSON.parse(Buffer.from(link.slice('parley://i#'.length), 'base64url').toString()) as { t: string }
    const forged = `parley://i#${Buffer.from(JSON.stringify({ ...invite, t: Buffer.from(random(32)).toString('base64url') })).toString('base64url')}`
    hostile.hooks.toServer = (message) => {
      // the wrong gate is taken away, so that the knock passes as an ordinary one
      if ('head' in message) {
        const { gate: _, ...head } = message.head
        return [{ ...message, head }]
      }
      if (message.text['gate'] !== undefined) {
        const { gate: _, ...text } = message.text
        return [{ text }]
      }
      return [message]
    }
    await ben.client.call('addByInvite', { link: forged, connect: 'server', keep: 'disk' })
    await until('bad-proof', () => isCounted('bad-proof'))
    assert.deepEqual(ada.state().requests, [])
    assert.deepEqual(ada.state().buddies, [])
  })
})

/** A link page in the hands of an attacker: what it tells the core is changed. */
function twisted(change: (message: FromPage) => FromPage): LinkDriver {
  const driver = createTcpDriver(random)
  return { ...driver, send: (message: ToPage) => driver.send(message), onMessage: (listener) => driver.onMessage((message) => listener(change(message))) }
}
