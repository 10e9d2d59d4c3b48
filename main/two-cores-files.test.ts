import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { ChatItem } from '../protocol/app/views.ts'
import type { Core } from './testing/core.ts'
import { filePair, stateIs, transferOf } from './testing/file-pair.ts'

/** Files between two whole cores, over links of the TCP twin. */

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const vaultOf = (dir: string) => readdirSync(join(dir, 'vault'))
async function isVaultEmpty(dir: string): Promise<void> {
  for (let tries = 0; vaultOf(dir).length > 0; tries++) {
    assert.ok(tries < 200, `still in the vault: ${vaultOf(dir).join()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function acceptOf(core: Core, name: string): Promise<void> {
  const { id } = await stateIs(core, name, 'asking')
  await core.client.call('acceptTransfer', { id })
}

describe('files between two cores', () => {
  test('FI3: what was accepted while signed off comes by itself once signed on, with no chat open', async (t) => {
    const p = await filePair(t)
    const { ada, ben } = p.cores
    await p.send(p.file('plan.pdf', Buffer.from('the plan')))
    await stateIs(ben, 'plan.pdf', 'asking')
    await ben.client.call('signOff', {})
    await ada.until('Ben is away', (core) => core.buddy('Ben')?.presence === 'off', 10_000)
    await acceptOf(ben, 'plan.pdf')
    await ben.client.call('goOnline', {})
    await stateIs(ben, 'plan.pdf', 'arrived')
  })

  for (const size of [0, 1, 131_071, 131_072, 131_073, 3_000_000]) {
    test(`[T2] [T4] a file of ${size} bytes is offered, accepted, moved and saved`, async (t) => {
      const p = await filePair(t)
      const bytes = randomBytes(size)
      await p.send(p.file('plan.pdf', bytes))
      await stateIs(p.cores.ada, 'plan.pdf', 'offered')
      await acceptOf(p.cores.ben, 'plan.pdf')
      const here = await stateIs(p.cores.ben, 'plan.pdf', 'arrived')
      await stateIs(p.cores.ada, 'plan.pdf', 'sent')
      const { folder } = await p.cores.ben.client.call('showTransfer', { id: here.id, anyway: true })
      assert.equal(folder, 'downloads')
      const saved = readFileSync(join(p.benDir, 'downloads', 'plan.pdf'))
      assert.equal(hashOf(saved), hashOf(bytes))
      assert.equal(statSync(join(p.benDir, 'downloads', 'plan.pdf')).mode & 0o777, 0o600)
      assert.deepEqual(vaultOf(p.benDir), [], 'nothing is left in the vault')
    })
  }

  test('[T8] nothing of the wire is a name on the disk before release, and the name is made safe', async (t) => {
    const p = await filePair(t)
    await p.send(p.file('..\u202Efdp.exe', Buffer.from('not a pdf')))
    const offer = await p.cores.ben.until('the offer', (core) => core.state().transfers[0])
    assert.doesNotMatch(offer.name, /\u202E|^\./)
    assert.equal(offer.isRisky, true)
    await p.cores.ben.client.call('acceptTransfer', { id: offer.id })
    await p.cores.ben.until('it is here', (core) => core.state().transfers[0]?.state.at === 'arrived')
    assert.match(vaultOf(p.benDir).join(), /^[0-9a-f]{32}$/)
    await assert.rejects(p.cores.ben.client.call('openTransfer', { id: offer.id, anyway: true }), { code: 'never-opened' })
    assert.deepEqual(p.cores.ben.opened, [])
  })

  test('[FI13] what was not scanned takes a second step', async (t) => {
    const p = await filePair(t)
    await p.send(p.file('notes.txt', Buffer.from('hello')))
    await acceptOf(p.cores.ben, 'notes.txt')
    const { id, state } = await stateIs(p.cores.ben, 'notes.txt', 'arrived')
    assert.deepEqual(state.at === 'arrived' && state.verdict, { is: 'unscanned', why: 'none' })
    await assert.rejects(p.cores.ben.client.call('openTransfer', { id, anyway: false }), { code: 'needs-second-step' })
    await p.cores.ben.client.call('openTransfer', { id, anyway: true })
    assert.equal(p.cores.ben.opened.length, 1)
  })

  test('[T6] a reject, a cancel and a changed source are told to the other side', async (t) => {
    const p = await filePair(t)
    await p.send(p.file('one.txt', Buffer.from('1')))
    const one = await stateIs(p.cores.ben, 'one.txt', 'asking')
    await p.cores.ben.client.call('rejectTransfer', { id: one.id })
    const rejected = await stateIs(p.cores.ada, 'one.txt', 'ended')
    assert.deepEqual(rejected.state, { at: 'ended', why: 'rejected' })

    await p.send(p.file('two.txt', Buffer.from('2')))
    await stateIs(p.cores.ben, 'two.txt', 'asking')
    await p.cores.ada.client.call('cancelTransfer', { id: transferOf(p.cores.ada, 'two.txt')!.id })
    assert.deepEqual((await stateIs(p.cores.ben, 'two.txt', 'ended')).state, { at: 'ended', why: 'cancelled' })

    const path = p.file('three.txt', Buffer.from('3'))
    await p.send(path)
    await stateIs(p.cores.ben, 'three.txt', 'asking')
    appendFileSync(path, 'changed')
    utimesSync(path, new Date(), new Date(Date.now() + 5_000))
    await acceptOf(p.cores.ben, 'three.txt')
    assert.deepEqual((await stateIs(p.cores.ben, 'three.txt', 'ended')).state, { at: 'ended', why: 'changed' })
    assert.deepEqual((await stateIs(p.cores.ada, 'three.txt', 'ended')).state, { at: 'ended', why: 'changed' })
    await p.cores.ada.client.call('offerAgain', { id: transferOf(p.cores.ada, 'three.txt')!.id })
    await p.cores.ben.until('offered again', (core) => core.state().transfers.some((one) => one.name === 'three.txt' && one.state.at === 'asking'))
    assert.deepEqual(vaultOf(p.benDir), [])
  })

  test('[T4] a large file is offered before it is hashed, pulled while it is, and complete only with its root', async (t) => {
    const p = await filePair(t)
    const bytes = randomBytes(40_000_000)
    await p.send(p.file('film.mp4', bytes))
    await acceptOf(p.cores.ben, 'film.mp4')
    const { id } = await stateIs(p.cores.ben, 'film.mp4', 'arrived', 30_000)
    await p.cores.ben.client.call('showTransfer', { id, anyway: true })
    assert.equal(hashOf(readFileSync(join(p.benDir, 'downloads', 'film.mp4'))), hashOf(bytes))
    assert.equal((await p.cores.ben.chat(p.bensAda)).filter((item) => item.kind === 'file').length, 1, 'the offer with the root is no second item')
  })

  test('[T7] both can pause; only who paused resumes', async (t) => {
    const p = await filePair(t)
    await p.cores.ada.client.call('setSetting', { key: 'uploadLimit', value: 400_000 })
    await p.send(p.file('slow.bin.pdf', randomBytes(2_000_000)))
    await acceptOf(p.cores.ben, 'slow.bin.pdf')
    await stateIs(p.cores.ben, 'slow.bin.pdf', 'moving')
    const mine = await stateIs(p.cores.ada, 'slow.bin.pdf', 'moving')
    await p.cores.ada.client.call('pauseTransfer', { id: mine.id, on: true })
    const paused = await stateIs(p.cores.ben, 'slow.bin.pdf', 'paused')
    assert.equal(paused.state.at === 'paused' && paused.state.why, 'them')
    await p.cores.ben.client.call('pauseTransfer', { id: paused.id, on: true })
    await p.cores.ben.client.call('pauseTransfer', { id: paused.id, on: false })
    assert.equal(transferOf(p.cores.ben, 'slow.bin.pdf')!.state.at, 'paused')
    await p.cores.ada.client.call('setSetting', { key: 'uploadLimit', value: 0 })
    await p.cores.ada.client.call('pauseTransfer', { id: mine.id, on: false })
    await stateIs(p.cores.ben, 'slow.bin.pdf', 'arrived')
    await stateIs(p.cores.ada, 'slow.bin.pdf', 'sent')
  })

  for (const who of ['ada', 'ben'] as const) {
    test(`[T7] FI3: ${who} is restarted in mid-transfer, and it goes on from the last verified piece`, async (t) => {
      const p = await filePair(t)
      const bytes = randomBytes(6_000_000)
      await p.cores.ada.client.call('setSetting', { key: 'uploadLimit', value: 1_500_000 })
      await p.send(p.file('long.mp4', bytes))
      await acceptOf(p.cores.ben, 'long.mp4')
      const isHalf = (core: Core) => {
        const state = transferOf(core, 'long.mp4')?.state
        return state?.at === 'moving' && state.done > 2_000_000
      }
      await p.cores.ben.until('half of it', isHalf, 15_000)
      await p.restart(who)
      await p.cores.ada.client.call('setSetting', { key: 'uploadLimit', value: 0 })
      let least = Number.MAX_SAFE_INTEGER
      await p.cores.ben.until('it goes on', (core) => {
        const state = transferOf(core, 'long.mp4')?.state
        if (state?.at === 'moving') least = Math.min(least, state.done)
        return state?.at === 'arrived'
      }, 30_000)
      assert.ok(least > 1_000_000, `it went on from ${least}`)
      await p.cores.ben.client.call('showTransfer', { id: transferOf(p.cores.ben, 'long.mp4')!.id, anyway: true })
      assert.equal(hashOf(readFileSync(join(p.benDir, 'downloads', 'long.mp4'))), hashOf(bytes))
    })
  }

  test('[E21] FI4: what is offered to somebody offline waits, and is there when they come', async (t) => {
    const p = await filePair(t)
    await p.cores.ben.client.call('signOff', {})
    await p.cores.ada.until('Ben is away', (core) => core.buddy('Ben')?.presence === 'off', 45_000)
    await p.send(p.file('later.txt', Buffer.from('later')))
    await p.cores.ben.client.call('goOnline', {})
    await acceptOf(p.cores.ben, 'later.txt')
    await stateIs(p.cores.ben, 'later.txt', 'arrived')
  })

  test('[G2] in a chat that is not kept no name reaches a file, and nothing is left after quitting', async (t) => {
    const p = await filePair(t, { keep: 'off' })
    await p.send(p.file('canary-cargo.txt', Buffer.from('canary-content-of-the-file')))
    await acceptOf(p.cores.ben, 'canary-cargo.txt')
    await stateIs(p.cores.ben, 'canary-cargo.txt', 'arrived')
    await p.cores.ben.close()
    await isVaultEmpty(p.benDir)
    await p.restart('ben')
    assert.equal(p.cores.ben.state().transfers.length, 0)
    await isVaultEmpty(p.benDir)
    const items: ChatItem[] = await p.cores.ben.chat(p.bensAda)
    assert.deepEqual(items.filter((item) => item.kind === 'file'), [])
  })

  test('FI2: a rule accepts what fits it, and never a program', async (t) => {
    const p = await filePair(t)
    const now = Date.now()
    await p.cores.ben.client.call('addRule', { ik: p.bensAda, types: ['text', 'windows-program'], largest: 1_000, daily: 1_500, until: now + 86_400_000 })
    await p.send(p.file('fits.txt', Buffer.alloc(1_000, 97)))
    await stateIs(p.cores.ben, 'fits.txt', 'arrived')
    await p.send(p.file('too-much.txt', Buffer.alloc(600, 97)))
    await p.send(p.file('setup.exe', Buffer.alloc(10, 97)))
    await stateIs(p.cores.ben, 'too-much.txt', 'asking')
    await stateIs(p.cores.ben, 'setup.exe', 'asking')
    assert.equal(p.cores.ben.state().rules[0]?.usedToday, 1_000)
  })

  test('a message that is deleted takes its file along', async (t) => {
    const p = await filePair(t)
    await p.send(p.file('with-item.txt', Buffer.from('gone')))
    await acceptOf(p.cores.ben, 'with-item.txt')
    await stateIs(p.cores.ben, 'with-item.txt', 'arrived')
    const item = (await p.cores.ben.chat(p.bensAda)).find((one) => one.kind === 'file')!
    await p.cores.ben.client.call('deleteMessage', { ik: p.bensAda, id: item.id as never })
    await p.cores.ben.until('the row is gone', () => transferOf(p.cores.ben, 'with-item.txt') === undefined)
    await isVaultEmpty(p.benDir)
  })

  test('a window alone can neither name a program to run nor a path to share', async (t) => {
    const p = await filePair(t)
    await assert.rejects(p.cores.ada.client.call('setSetting', { key: 'scanCommand', value: ['/bin/sh', '-c', 'true'] }), { code: 'bad-scanner' })
    assert.deepEqual(p.cores.ada.state().settings.scanCommand, [])
    const { pick } = await p.cores.ada.client.call('pickShare', { path: p.temp.path })
    assert.equal(pick, undefined, 'the host’s own dialog was put off, and what was typed counts for nothing')
    p.picks.push('yes')
    await p.cores.ada.client.call('setSetting', { key: 'scanCommand', value: ['/bin/true'] })
  })

  test('[F30] a scanner that hangs does not hold up quitting, and its file is looked at again afterwards', { timeout: 30_000 }, async (t) => {
    const p = await filePair(t, { ben: { picks: ['yes', 'yes'] } })
    await p.cores.ben.client.call('setSetting', { key: 'scanCommand', value: ['/bin/sh', '-c', 'sleep 60', '{file}'] })
    await p.send(p.file('slow-to-scan.txt', Buffer.from('hello')))
    await acceptOf(p.cores.ben, 'slow-to-scan.txt')
    await stateIs(p.cores.ben, 'slow-to-scan.txt', 'scanning')
    await p.restart('ben')
    assert.equal(transferOf(p.cores.ben, 'slow-to-scan.txt')?.state.at, 'scanning')
    await p.cores.ben.client.call('setSetting', { key: 'scanCommand', value: ['/bin/true'] })
    await p.restart('ben')
    await stateIs(p.cores.ben, 'slow-to-scan.txt', 'arrived')
  })

  test('deleting removes row, chat item and the bytes in the vault', async (t) => {
    const p = await filePair(t)
    await p.send(p.file('gone.txt', Buffer.from('gone')))
    await acceptOf(p.cores.ben, 'gone.txt')
    const { id } = await stateIs(p.cores.ben, 'gone.txt', 'arrived')
    await p.cores.ben.client.call('deleteTransfer', { id })
    await p.cores.ben.until('the row is gone', () => transferOf(p.cores.ben, 'gone.txt') === undefined)
    assert.deepEqual((await p.cores.ben.chat(p.bensAda)).filter((item) => item.kind === 'file'), [])
    await isVaultEmpty(p.benDir)
  })
})


describe('shared folders between two cores', () => {
  function folder(p: Awaited<ReturnType<typeof filePair>>, name = 'Lofoten 2026') {
    const root = join(p.temp.path, name)
    mkdirSync(join(root, 'boats'), { recursive: true })
    writeFileSync(join(root, 'map.png'), randomBytes(300_000))
    writeFileSync(join(root, 'boats', 'list.txt'), 'one\ntwo\n')
    writeFileSync(join(root, 'boats', 'empty.txt'), '')
    writeFileSync(join(root, '.hidden'), 'no')
    return root
  }
  async function shareWithBen(p: Awaited<ReturnType<typeof filePair>>, root: string, more: { rate?: number; daily?: number } = {}) {
    p.picks.push(root)
    const { pick } = await p.cores.ada.client.call('pickShare', {})
    await p.cores.ada.client.call('shareFolder', { pick: pick!.pick, with: [p.adasBen], until: Date.now() + 86_400_000, rate: more.rate ?? 100_000_000, daily: more.daily ?? 1_000_000_000 })
    await p.cores.ben.until('the line', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'line' && event.item.line.what === 'they-share'), 10_000)
    await p.cores.ada.client.call('showChat', { ik: p.adasBen, shown: true })
    await p.cores.ben.until('a link', (core) => core.buddy('Ada')?.link.at === 'direct', 20_000)
    return (await p.cores.ben.client.call('browseShares', { ik: p.bensAda })).shares[0]!
  }

  test('[B5] [B6] a folder is browsed, searched, and fetched file by file', async (t) => {
    const p = await filePair(t)
    const root = folder(p)
    const { share, files, name } = await shareWithBen(p, root)
    assert.deepEqual({ files, name }, { files: 3, name: 'Lofoten 2026' })
    const top = await p.cores.ben.client.call('browseFolder', { ik: p.bensAda, share, dir: '' })
    assert.deepEqual(top.entries.map((entry) => `${entry.kind} ${entry.name}`).sort(), ['d boats', 'f map.png'])
    const found = await p.cores.ben.client.call('findInShares', { text: 'LIST' })
    assert.deepEqual(found.hits.map((hit) => hit.name), ['list.txt'])
    const map = top.entries.find((entry) => entry.name === 'map.png')!
    await p.cores.ben.client.call('fetchEntry', { ik: p.bensAda, share, e: map.e, name: map.name, kind: 'f', size: map.size })
    const here = await stateIs(p.cores.ben, 'map.png', 'arrived')
    await p.cores.ben.client.call('showTransfer', { id: here.id, anyway: true })
    assert.equal(hashOf(readFileSync(join(p.benDir, 'downloads', 'map.png'))), hashOf(readFileSync(join(root, 'map.png'))))
    await p.cores.ada.until('it is counted', (core) => core.state().shares[0]?.servedToday[0]?.bytes === 300_000)
    // A second time its hashes are known already.
    await p.cores.ben.client.call('fetchEntry', { ik: p.bensAda, share, e: map.e, name: map.name, kind: 'f', size: map.size })
    await p.cores.ben.until('both are here', (core) => core.state().transfers.filter(({ name: is, state }) => is === 'map.png' && state.at === 'arrived').length === 2)
    await p.cores.ada.until('it is counted again', (core) => core.state().shares[0]?.servedToday[0]?.bytes === 600_000)
  })

  test('[B8] a folder dropped on a chat is one offer, fetched whole on Accept, and over then', async (t) => {
    const p = await filePair(t)
    const root = folder(p, 'Harbour plans')
    p.picks.push(root)
    const { picks } = await p.cores.ada.client.call('pickFiles', { what: 'folder' })
    assert.equal(picks[0]?.files, 3)
    await p.cores.ada.client.call('sendFiles', { ik: p.adasBen, picks: [picks[0]!.pick] })
    await acceptOf(p.cores.ben, 'Harbour plans')
    const { id } = await stateIs(p.cores.ben, 'Harbour plans', 'arrived', 30_000)
    await stateIs(p.cores.ada, 'Harbour plans', 'sent')
    await p.cores.ben.client.call('showTransfer', { id, anyway: true })
    const saved = join(p.benDir, 'downloads', 'Harbour plans')
    assert.equal(hashOf(readFileSync(join(saved, 'map.png'))), hashOf(readFileSync(join(root, 'map.png'))))
    assert.equal(readFileSync(join(saved, 'boats', 'list.txt'), 'utf8'), 'one\ntwo\n')
    assert.equal(readFileSync(join(saved, 'boats', 'empty.txt'), 'utf8'), '')
    assert.deepEqual(readdirSync(saved).sort(), ['boats', 'map.png'])
    await p.cores.ada.until('it is shared no more', (core) => core.state().shares.length === 0)
    await isVaultEmpty(p.benDir)
  })

  test('[B8] a folder that is rejected is over for both', async (t) => {
    const p = await filePair(t)
    p.picks.push(folder(p, 'Not wanted'))
    const { picks } = await p.cores.ada.client.call('pickFiles', { what: 'folder' })
    await p.cores.ada.client.call('sendFiles', { ik: p.adasBen, picks: [picks[0]!.pick] })
    const { id } = await stateIs(p.cores.ben, 'Not wanted', 'asking')
    await p.cores.ben.client.call('rejectTransfer', { id })
    assert.deepEqual((await stateIs(p.cores.ada, 'Not wanted', 'ended')).state, { at: 'ended', why: 'rejected' })
  })

  test('[B7] stopping ends a fetch that is under way, at once', async (t) => {
    const p = await filePair(t)
    const root = folder(p)
    writeFileSync(join(root, 'film.mp4'), randomBytes(3_000_000))
    const { share } = await shareWithBen(p, root, { rate: 500_000 })
    const { entries } = await p.cores.ben.client.call('browseFolder', { ik: p.bensAda, share, dir: '' })
    const film = entries.find((entry) => entry.name === 'film.mp4')!
    await p.cores.ben.client.call('fetchEntry', { ik: p.bensAda, share, e: film.e, name: film.name, kind: 'f', size: film.size })
    await p.cores.ben.until('it moves', (core) => {
      const state = transferOf(core, 'film.mp4')?.state
      return state?.at === 'moving' && state.done > 100_000
    }, 15_000)
    await p.cores.ada.client.call('stopSharing', { id: p.cores.ada.state().shares[0]!.id })
    assert.deepEqual((await stateIs(p.cores.ben, 'film.mp4', 'ended')).state, { at: 'ended', why: 'gone' })
    await assert.rejects(p.cores.ben.client.call('browseFolder', { ik: p.bensAda, share, dir: '' }), { code: 'share-gone' })
    await isVaultEmpty(p.benDir)
  })

  /** A file of that size in a folder of Ada's, on its way to Ben at half a megabyte a second. */
  async function fetchFilm(p: Awaited<ReturnType<typeof filePair>>, size: number) {
    const root = folder(p)
    const path = join(root, 'film.mp4')
    writeFileSync(path, randomBytes(size))
    const { share } = await shareWithBen(p, root, { rate: 500_000 })
    const { entries } = await p.cores.ben.client.call('browseFolder', { ik: p.bensAda, share, dir: '' })
    const film = entries.find((entry) => entry.name === 'film.mp4')!
    await p.cores.ben.client.call('fetchEntry', { ik: p.bensAda, share, e: film.e, name: film.name, kind: 'f', size: film.size })
    const { id } = await stateIs(p.cores.ben, 'film.mp4', 'moving')
    return { id, path, pause: (on: boolean) => p.cores.ben.client.call('pauseTransfer', { id, on }) }
  }

  test('[B6] of a file that became shorter meanwhile no byte of the longer one is saved', async (t) => {
    const p = await filePair(t)
    const { id, path, pause } = await fetchFilm(p, 3_000_000)
    await p.cores.ben.until('more than half of it', (core) => {
      const state = transferOf(core, 'film.mp4')?.state
      return state?.at === 'moving' && state.done > 1_500_000
    }, 15_000)
    await pause(true)
    truncateSync(path, 1_000_000)
    await pause(false)
    await stateIs(p.cores.ben, 'film.mp4', 'arrived')
    await p.cores.ben.client.call('showTransfer', { id, anyway: true })
    assert.equal(hashOf(readFileSync(join(p.benDir, 'downloads', 'film.mp4'))), hashOf(readFileSync(path)))
    await isVaultEmpty(p.benDir)
  })

  test('[B6] a fetch that was paused again and again keeps no places at the other side', async (t) => {
    const p = await filePair(t)
    const { pause } = await fetchFilm(p, 3_000_000)
    for (let pauses = 0; pauses < 10; pauses++) {
      await pause(true)
      const { state: paused } = await stateIs(p.cores.ben, 'film.mp4', 'paused')
      await pause(false)
      await p.cores.ben.until('it goes on', (core) => {
        const state = transferOf(core, 'film.mp4')?.state
        return state?.at === 'moving' && paused.at === 'paused' && state.done > paused.done
      })
    }
    await stateIs(p.cores.ben, 'film.mp4', 'arrived')
  })

  test('[B6] the quota stops at the byte', async (t) => {
    const p = await filePair(t)
    const root = folder(p)
    writeFileSync(join(root, 'film.mp4'), randomBytes(900_000))
    const { share } = await shareWithBen(p, root, { daily: 333_333 })
    const { entries } = await p.cores.ben.client.call('browseFolder', { ik: p.bensAda, share, dir: '' })
    const film = entries.find((entry) => entry.name === 'film.mp4')!
    await p.cores.ben.client.call('fetchEntry', { ik: p.bensAda, share, e: film.e, name: film.name, kind: 'f', size: film.size })
    const paused = await stateIs(p.cores.ben, 'film.mp4', 'paused')
    assert.equal(paused.state.at === 'paused' && paused.state.why, 'quota')
    await p.cores.ada.until('all of the quota, and no byte more', (core) => core.state().shares[0]?.servedToday[0]?.bytes === 333_333)
  })
})
