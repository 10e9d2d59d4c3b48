import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import type { Core } from './testing/core.ts'
import { filePair, stateIs, transferOf } from './testing/file-pair.ts'

/** Folders fetched whole, and what their row says of the files in it, between two whole cores. */

const three = { 'boats/one.txt': 'one', 'boats/deep/two.txt': 'two', 'boats/film.mp4': randomBytes(3_000_000) }

describe('a folder fetched whole', () => {
  test('how many files and bytes are in it is known as its pages come', async (t) => {
    const p = await filePair(t)
    await p.share(p.folder('Lofoten', three), { rate: 1_500_000 })
    await p.fetch('boats')
    const moving = await p.cores.ben.until('it moves', (core) => {
      const row = transferOf(core, 'boats')
      return row?.state.at === 'moving' && row.state.done > 100_000 && row.files?.all === 3 ? row : undefined
    }, 15_000)
    assert.equal(moving.size, 3_000_006)
    const { files } = await stateIs(p.cores.ben, 'boats', 'arrived')
    assert.deepEqual(files, { all: 3, done: 3 })
  })

  test('[T9] two names in it that a disk may take for one both arrive, under different names', async (t) => {
    const p = await filePair(t)
    await p.send(p.folder('boats', { 'Plan.txt': 'one', 'plan.txt': 'two', 'OLD/a.txt': 'three', 'old/a.txt': 'four' }), 'folder')
    await p.cores.ben.client.call('acceptTransfer', { id: (await stateIs(p.cores.ben, 'boats', 'asking')).id })
    const { id, files } = await stateIs(p.cores.ben, 'boats', 'arrived')
    assert.deepEqual(files, { all: 4, done: 4 })
    await p.cores.ben.client.call('showTransfer', { id, anyway: true })
    const saved = join(p.downloads, 'boats')
    const top = readdirSync(saved)
    assert.equal(new Set(top.map((name) => name.toLowerCase())).size, 4, top.join())
    const texts = top.map((name) => readFileSync(name.endsWith('.txt') ? join(saved, name) : join(saved, name, 'a.txt'), 'utf8'))
    assert.deepEqual(texts.sort(), ['four', 'one', 'three', 'two'])
  })

  test('[B7] one that is stopped in mid-way says how much of it is there, also once it is saved', async (t) => {
    const p = await filePair(t)
    await p.share(p.folder('Lofoten', three), { rate: 500_000 })
    await p.fetch('boats')
    await p.cores.ben.until('the film moves', (core) => {
      const row = transferOf(core, 'boats')
      return row?.files?.done === 2 && row.state.at === 'moving' && row.state.done > 100_000
    }, 15_000)
    await p.cores.ada.client.call('stopSharing', { id: p.cores.ada.state().shares[0]!.id })
    const { id, files } = await stateIs(p.cores.ben, 'boats', 'arrived')
    assert.deepEqual(files, { all: 3, done: 2 })
    await p.cores.ben.client.call('showTransfer', { id, anyway: true })
    assert.deepEqual(readdirSync(join(p.downloads, 'boats')).sort(), ['deep', 'one.txt'])
    assert.deepEqual(transferOf(p.cores.ben, 'boats')?.files, { all: 3, done: 2 })
  })

  test('[B7] one of which nothing came before it was stopped has ended, and there is no verdict of nothing', async (t) => {
    const p = await filePair(t)
    await p.share(p.folder('Lofoten', { 'boats/film.mp4': randomBytes(3_000_000) }), { rate: 500_000 })
    await p.fetch('boats')
    await p.cores.ben.until('the film moves', (core) => {
      const state = transferOf(core, 'boats')?.state
      return state?.at === 'moving' && state.done > 100_000
    }, 15_000)
    await p.cores.ada.client.call('stopSharing', { id: p.cores.ada.state().shares[0]!.id })
    assert.deepEqual((await stateIs(p.cores.ben, 'boats', 'ended')).state, { at: 'ended', why: 'gone' })
  })

  test('[B6] a quota that is used up is said on the folder’s row', async (t) => {
    const p = await filePair(t)
    await p.share(p.folder('Lofoten', { 'boats/film.mp4': randomBytes(900_000) }), { daily: 333_333 })
    await p.fetch('boats')
    const { state } = await stateIs(p.cores.ben, 'boats', 'paused')
    assert.equal(state.at === 'paused' && state.why, 'quota')
  })
})

test('a search asks also buddies who are there without a link, and waits for it', async (t) => {
  const p = await filePair(t)
  await p.share(p.folder('Lofoten', three))
  await p.restart('ben')
  await p.cores.ben.until('Ada is there', (core) => core.buddy('Ada')?.presence === 'on')
  assert.notEqual(p.cores.ben.buddy('Ada')?.link.at, 'direct')
  const found = await p.cores.ben.client.call('findInShares', { text: 'film', ik: p.bensAda })
  assert.deepEqual([found.asked, found.failed, found.hits.map(({ name }) => name)], [1, 0, ['film.mp4']])
})

describe('speeds', () => {
  test('[B1] all that is fetched from a share at the same time keeps its rate together', async (t) => {
    const p = await filePair(t)
    await p.share(p.folder('Lofoten', { 'boats/one.mp4': randomBytes(1_000_000), 'boats/two.mp4': randomBytes(1_000_000) }), { rate: 500_000 })
    await p.fetch('boats')
    const from = Date.now()
    await stateIs(p.cores.ben, 'boats', 'arrived')
    // Each at the whole rate would take little less than two seconds.
    assert.ok(Date.now() - from > 3_300, `it took ${Date.now() - from} ms`)
  })
})

describe('[T10] a scanner that is set up later', () => {
  const verdictIs = (core: Core, is: string) => core.until(`the verdict is ${is}`, () => {
    const state = transferOf(core, 'notes.txt')?.state
    return state?.at === 'arrived' && state.verdict.is === is
  })
  async function withNotes(t: TestContext) {
    const p = await filePair(t, { ben: { picks: ['yes'] } })
    await p.send(p.file('notes.txt', 'hello'))
    await p.cores.ben.client.call('acceptTransfer', { id: (await stateIs(p.cores.ben, 'notes.txt', 'asking')).id })
    await verdictIs(p.cores.ben, 'unscanned')
    return p
  }

  test('is found at once, and looks at what waits', async (t) => {
    const p = await withNotes(t)
    await p.cores.ben.client.call('setSetting', { key: 'scanCommand', value: ['/bin/true'] })
    await verdictIs(p.cores.ben, 'clean')
    assert.deepEqual(p.cores.ben.state().scanner, { kind: 'command', answers: true })
  })

  test('while Parley is closed looks at it after the next start', async (t) => {
    const p = await withNotes(t)
    const program = join(p.temp.path, 'scan')
    await p.cores.ben.client.call('setSetting', { key: 'scanCommand', value: [program] })
    await p.cores.ben.until('it does not answer', (core) => {
      const state = transferOf(core, 'notes.txt')?.state
      return state?.at === 'arrived' && state.verdict.is === 'unscanned' && state.verdict.why === 'no-answer'
    })
    symlinkSync('/bin/true', program)
    await p.restart('ben')
    await verdictIs(p.cores.ben, 'clean')
  })
})
