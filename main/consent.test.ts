import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { startServer } from '../signaling-server/index.ts'
import { migrations } from './store/migrations/index.ts'
import { openStore } from './store/open.ts'
import { befriend, type Core, plainSecrets, signUp, startCore, tempDir, textsOf } from './testing/core.ts'

/** People meeting and parting, each test with cores of its own against one server. */

describe('consent', () => {
  const temp = tempDir()
  let server: Awaited<ReturnType<typeof startServer>>
  let cores: Core[] = []
  let counted: string[] = []
  let n = 0

  before(async () => {
    server = await startServer({ dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'open' })
  })
  after(async () => {
    await server.close()
    temp.remove()
  })
  beforeEach(() => {
    counted = []
    cores = []
  })
  afterEach(async () => {
    for (const core of cores) await core.close()
    assert.deepEqual(counted.filter((line) => line.startsWith('bug')), [])
  })

  const dirOf = (handle: string) => join(temp.path, handle)
  async function person(name: string, handle = `${name.toLowerCase()}${++n}`): Promise<Core> {
    const core = await open(handle)
    await signUp(core, name, server.url, handle)
    return core
  }
  async function open(handle: string): Promise<Core> {
    const core = await startCore({ dir: dirOf(handle), logTo: (fact, details) => void counted.push(`${fact} ${JSON.stringify(details ?? {})}`) })
    cores.push(core)
    return core
  }
  const ikOf = (core: Core) => core.state().me!.ik
  const addrOf = (core: Core) => core.state().me!.addr
  const request = (from: Core, to: Core, text = 'It is me') =>
    from.client.call('sendRequest', { addr: addrOf(to), text, connect: 'server', keep: 'disk' })
  const says = async (from: Core, to: Core, text: string) => {
    await from.client.call('sendMessage', { ik: ikOf(to), text })
    await to.until(`"${text}" is there`, (core) => core.buddy(from.state().me!.name)?.last?.text === text)
  }

  test('[C1] [C2] [G3] a request by address waits with its text, and Accept makes two unverified buddies', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    await request(ben, ada, 'Ben from the harbour')
    const waiting = await ada.until('a request', (core) => core.state().requests[0])
    assert.deepEqual({ name: waiting.name, text: waiting.text, addr: waiting.addr }, { name: 'Ben', text: 'Ben from the harbour', addr: addrOf(ben) })
    assert.equal(ada.buddy('Ben'), undefined)
    assert.equal(ben.state().buddies[0]!.state, 'asked')
    assert.equal(ben.state().buddies[0]!.presence, 'unknown')
    await ada.client.call('accept', { ik: ikOf(ben), connect: 'server', keep: 'disk' })
    await ben.until('Ben is told', (core) => core.buddy('Ada')?.state === 'accepted')
    assert.equal(ada.buddy('Ben')!.level, 'unverified')
    assert.equal(ben.buddy('Ada')!.level, 'unverified')
    assert.deepEqual(ben.buddy('Ada')!.theirs, { mode: 'disk', chosen: true }, 'the logging state is known before the first word')
    await says(ada, ben, 'welcome')
    await says(ben, ada, 'thanks')
  })

  test('[C5] two requests that cross make two buddies without asking', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    await ada.client.call('signOff', {})
    await request(ben, ada)
    await ada.client.call('goOnline', {})
    await ada.until('it waits', (core) => core.state().requests[0])
    await request(ada, ben)
    await ada.until('Ada has Ben', (core) => core.buddy('Ben')?.state === 'accepted')
    await ben.until('Ben has Ada', (core) => core.buddy('Ada')?.state === 'accepted')
    await says(ada, ben, 'we both asked')
  })

  test('[C1] Decline sends nothing back and can be taken back', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    await request(ben, ada)
    await ada.until('it waits', (core) => core.state().requests[0])
    await ada.client.call('decline', { ik: ikOf(ben) })
    assert.equal(ada.state().requests.length, 0)
    assert.equal(ben.state().buddies[0]!.state, 'asked')
    await ada.client.call('undo', { ik: ikOf(ben) })
    assert.equal((await ada.until('it waits again', (core) => core.state().requests[0])).name, 'Ben')
  })

  test('[I16] an invite works once', async () => {
    const [ada, ben, eve] = [await person('Ada'), await person('Ben'), await person('Eve')]
    const { link } = await ada.client.call('createInvite', {})
    await ben.client.call('addByInvite', { link, connect: 'server', keep: 'disk' })
    await ada.until('Ben came', (core) => core.buddy('Ben'))
    assert.deepEqual(ada.state().invites, [])
    await eve.client.call('addByInvite', { link, connect: 'server', keep: 'disk' }).then(
      // the gate is gone at the server; where Eve is found nevertheless, her proof is over and she is an ordinary request
      () => ada.until('an ordinary request', (core) => core.state().requests.some((one) => one.name === 'Eve')),
      (error: { code: string }) => assert.equal(error.code, 'used-invite'),
    )
    assert.equal(ada.buddy('Eve'), undefined)
  })

  test('[I15] [I17] bad invites are refused in words before anything is sent', async () => {
    const ada = await person('Ada')
    const { link } = await ada.client.call('createInvite', {})
    const refusal = (typed: string) => ada.client.call('readInvite', { link: typed }).then(() => 'taken', (error: { code: string }) => error.code)
    assert.equal(await refusal('https://example.org/i#abc'), 'bad-invite')
    assert.equal(await refusal(link.slice(0, -3)), 'bad-invite')
    assert.equal(await refusal(link), 'own-invite')
  })

  test('[C31] a block made by mistake is taken back whole: both are buddies as before, and what each writes arrives', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    await befriend(ada, ben)
    await ben.until('Ada is there', (core) => core.buddy('Ada')?.presence === 'on')
    await ada.client.call('block', { ik: ikOf(ben) })
    await ada.until('Ben is out of the list', (core) => core.buddy('Ben') === undefined)
    await ben.until('Ada looks offline', (core) => core.buddy('Ada')?.presence === 'off', 8_000)
    await ada.client.call('undo', { ik: ikOf(ben) })
    await ada.until('Ben is back', (core) => core.buddy('Ben')?.state === 'accepted')
    await ben.until('Ada is there again', (core) => core.buddy('Ada')?.presence === 'on', 12_000)
    await says(ada, ben, 'that was a mistake')
    await says(ben, ada, 'what was?')
    assert.deepEqual(ada.state().blocked, [])
    assert.equal(ada.buddy('Ben')!.hasMailbox, true)
    await ada.client.call('setSetting', { key: 'mailbox', value: false })
    await ada.until('what is written to Ben waits here now', (core) => core.buddy('Ben')?.hasMailbox === false)
  })

  test('[C31] [C32] [C33] a blocked person sees an offline buddy, and what they send is lost; unblocked, they can ask anew', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    await befriend(ada, ben)
    await ben.until('Ada is there', (core) => core.buddy('Ada')?.presence === 'on')
    await ada.client.call('block', { ik: ikOf(ben) })
    await ben.until('Ada looks offline', (core) => core.buddy('Ada')?.presence === 'off', 8_000)
    await ben.client.call('sendMessage', { ik: ikOf(ada), text: 'are you there?' })
    await ben.until('the server took it', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.state === 'sent'))
    assert.equal(ada.buddy('Ben'), undefined)
    assert.deepEqual(ada.state().blocked.map((one) => one.name), ['Ben'])
    await ada.client.call('unblock', { ik: ikOf(ben) })
    assert.deepEqual(ada.state().blocked, [])
    // [E5] Batch numbers went on: Ben, who was told nothing, holds old keys of hers, and still both find each other.
    await request(ada, ben)
    await ada.until('buddies again', (core) => core.buddy('Ben')?.state === 'accepted', 10_000)
    await says(ada, ben, 'here I am again')
    await says(ben, ada, 'good')
  })

  test('[C30] a removed buddy is told nothing: no line, only offline', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    const { bensAda } = await befriend(ada, ben)
    await says(ada, ben, 'bye then')
    const before = await ben.chat(bensAda)
    await ada.client.call('removeBuddy', { ik: ikOf(ben), deleteMessages: false })
    await ada.until('gone', (core) => core.buddy('Ben') === undefined)
    await ben.until('Ada looks offline', (core) => core.buddy('Ada')?.presence === 'off', 8_000)
    assert.deepEqual(await ben.chat(bensAda), before)
    await ben.client.call('sendMessage', { ik: bensAda, text: 'waits' })
    assert.equal(ben.buddy('Ada')!.waiting, 1)
    // Also in the next session, which subscribes to her no more.
    await ben.client.call('signOff', {})
    await ben.client.call('goOnline', {})
    await ben.until('Ada looks offline again', (core) => core.state().connection.at === 'on' && core.buddy('Ada')?.presence === 'off' && core.buddy('Ada')?.link.at === 'offline')
  })

  test('[I10] [C9] [E20] back by the words on a new computer: a grey line, and un-got text comes anew', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben', 'benlost')]
    await befriend(ada, ben)
    await says(ada, ben, 'before')
    await ada.until('it arrived', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'message' && event.item.state === 'arrived'))
    const { words } = await ben.client.call('showWords', {})
    await ben.client.call('signOff', {})
    await ada.until('Ben is away', (core) => core.buddy('Ben')?.presence === 'off', 8_000)
    await ada.client.call('sendMessage', { ik: ikOf(ben), text: 'did you get this?' })
    const oldIk = ikOf(ben)
    const again = await startCore({ dir: dirOf('bennew'), logTo: (fact, details) => void counted.push(`${fact} ${JSON.stringify(details ?? {})}`) })
    cores.push(again)
    await again.client.call('restoreIdentity', { words: words.join(' '), handle: 'benlost', name: 'Ben', where: { kind: 'server', server: server.url } })
    assert.deepEqual([ikOf(again), again.state().me?.name], [oldIk, 'Ben'])
    await again.client.call('goOnline', {})
    // "They still have you: as they write, they appear here."
    await ada.client.call('sendMessage', { ik: oldIk, text: 'and this?' })
    const request = await again.until('Ada knocks at the new computer', (core) => core.state().requests[0], 15_000)
    assert.equal(request.addr, addrOf(ada))
    await again.client.call('accept', { ik: ikOf(ada), connect: 'server', keep: 'disk' })
    await again.until('the text came anew', (core) => core.buddy('Ada')?.last?.text === 'and this?', 15_000)
    assert.deepEqual(textsOf(await again.chat(ikOf(ada))), ['did you get this?', 'and this?'])
    const lines = (await ada.chat(oldIk)).flatMap((item) => (item.kind === 'line' ? [item.line.what] : []))
    assert.ok(lines.includes('new-computer'), lines.join())
  })

  test('[G2] [G3] [G4] Don’t keep and Until I sign off leave no content in any file; the other side sees the choice', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    const { adasBen, bensAda } = await befriend(ada, ben, { keep: 'off' })
    assert.deepEqual(ben.buddy('Ada')!.theirs.mode, 'off')
    const canaries = ['kanarie-eins', 'kanarie-zwei', 'kanarie-drei']
    await says(ada, ben, canaries[0]!)
    await ben.client.call('setKeep', { ik: bensAda, keep: 'session', deleteHere: false })
    await ada.until('Ada sees it', (core) => core.buddy('Ben')?.theirs.mode === 'session')
    await says(ben, ada, canaries[1]!)
    // Waiting here, and in an envelope at the server:
    await ben.client.call('signOff', {})
    await ada.until('Ben is away', (core) => core.buddy('Ben')?.presence === 'off', 8_000)
    await ada.client.call('sendMessage', { ik: adasBen, text: canaries[2]! })
    await ada.until('deposited', (core) => core.buddy('Ben')?.waiting === 0)
    assert.deepEqual(textsOf(await ben.chat(bensAda)), [], 'signing off ended what was kept until then')
    const dirs = [...new Set(cores)].length
    assert.equal(dirs, 2)
    const profiles = [addrOf(ada), addrOf(ben)].map((addr) => dirOf(addr.split('@')[0]!))
    const key = (dir: string) => readFileSync(join(dir, 'store.key'))
    for (const dir of profiles) {
      assert.ok(key(dir).length > 32)
      const plain = decrypt(dir)
      for (const canary of canaries) assert.ok(!plain.includes(canary), `${canary} stands in ${dir}`)
    }
  })

  test('[W28] a status and a name are no content: they come through in every mode', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    await befriend(ada, ben, { keep: 'off' })
    await ada.client.call('setPresence', { presence: 'busy', status: 'at the harbour' })
    await ben.until('the status', (core) => core.buddy('Ada')?.status === 'at the harbour')
    await ben.until('busy', (core) => core.buddy('Ada')?.presence === 'busy', 8_000)
    await ada.client.call('setName', { name: 'Ada L.' })
    await ben.until('the name', (core) => core.buddy('Ada L.') !== undefined)
  })

  test('[G1] what is not kept is gone a moment after no window has the chat open any more, and not before', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    const { adasBen } = await befriend(ada, ben, { keep: 'off' })
    const hold = (held: boolean) => ada.client.call('holdChat', { ik: adasBen, held })
    await hold(true)
    await says(ben, ada, 'for now only')
    await ada.client.call('showChat', { ik: adasBen, shown: true })
    await ada.client.call('showChat', { ik: adasBen, shown: false })
    // It moves to a window of its own.
    await hold(true)
    await hold(false)
    assert.deepEqual(textsOf(await ada.chat(adasBen)), ['for now only'])
    assert.deepEqual(await ada.client.call('countChat', { ik: adasBen }), { messages: 1, waiting: 0 })
    await hold(false)
    assert.deepEqual(textsOf(await ada.chat(adasBen)), ['for now only'])
    const until = Date.now() + 8_000
    while ((await ada.chat(adasBen)).length > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual(textsOf(await ada.chat(adasBen)), [])
  })

  test('[G6] what came before the first choice is kept as the first choice says', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    const { link } = await ada.client.call('createInvite', {})
    const { ik: bensAda } = await ben.client.call('addByInvite', { link, connect: 'server', keep: 'disk' })
    await ben.until('buddies', (core) => core.state().buddies.find((one) => one.ik === bensAda)?.state === 'accepted')
    await ada.until('buddies', (core) => core.buddy('Ben')?.state === 'accepted')
    assert.equal(ada.buddy('Ben')!.mine.chosen, false)
    await says(ben, ada, 'you have not chosen yet')
    await ada.client.call('sendMessage', { ik: ikOf(ben), text: 'nor may I write' }).then(() => assert.fail('taken'), (error: { code: string }) => assert.equal(error.code, 'not-choosable'))
    await ada.client.call('setKeep', { ik: ikOf(ben), keep: 'disk', deleteHere: false })
    const handle = addrOf(ada).split('@')[0]!
    await ada.close()
    cores = cores.filter((core) => core !== ada)
    const again = await open(handle)
    assert.deepEqual(textsOf(await again.chat(ikOf(ben))), ['you have not chosen yet'])
  })

  test('[ME13] restart: what is kept is there, in order, with its states', async () => {
    const [ada, ben] = [await person('Ada'), await person('Ben')]
    const { adasBen } = await befriend(ada, ben)
    for (let i = 0; i < 5; i++) await says(i % 2 === 0 ? ada : ben, i % 2 === 0 ? ben : ada, `line ${i}`)
    const handle = addrOf(ada).split('@')[0]!
    const before = textsOf(await ada.chat(adasBen))
    await ada.close()
    cores = cores.filter((core) => core !== ada)
    const again = await open(handle)
    assert.equal(again.state().connection.at, 'off', 'starting does not connect')
    assert.deepEqual(textsOf(await again.chat(adasBen)), before)
    assert.equal(again.buddy('Ben')!.presence, 'unknown')
  })
})

/** Everything of a profile as plain text: the log through its key, and every other file as it is. */
function decrypt(dir: string): string {
  const all: string[] = []
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    try {
      all.push(readFileSync(join(dir, name)).toString('latin1'))
    } catch {
      continue // a folder
    }
  }
  return all.join('\n') + dumpLog(dir)
}

function dumpLog(dir: string): string {
  const db = openStore({ file: join(dir, 'log.db'), key: plainSecrets.open(readFileSync(join(dir, 'store.key')))!, migrations })
  try {
    const tables = db.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    return tables.map(({ name }) => db.prepare(`SELECT * FROM ${name}`).all().map((row) => Object.values(row as object).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value))).join('|')).join('\n')).join('\n')
  } finally {
    db.close()
  }
}
