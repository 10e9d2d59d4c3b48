import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import type { B64 } from '../../protocol/ids.ts'
import type { Transfer, TransferState, Verdict } from '../../protocol/app/views.ts'
import { ROOM_LEFT, SCAN_AGAIN } from '../../protocol/limits.ts'
import { random } from '../testing/core.ts'
import { ben, chen, scene, sumsOf } from './scene.suite.ts'

/** What happens to transfers beside their bytes. */

function folderOf(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-test-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

/** A scene with a scanner that says this, and a file of Ben that has arrived. */
async function arrived(t: TestContext, scan: () => Verdict, opens = true) {
  const it: ReturnType<typeof scene> = scene(t, {
    release: {
      out: { pathOf: (part) => it.vault.path(part), release: (...of) => it.vault.release(...of), releaseAs: (...of) => it.vault.releaseAs(...of), releaseFolder: (...of) => it.vault.releaseFolder(...of) },
      scan: async () => scan(), pictureOf: () => undefined, downloads: folderOf(t), dialogs: { pickSave: async () => null }, desktop: { open: async () => opens, reveal: async () => opens },
    },
  })
  it.up.add(ben)
  const file = random(10)
  const id = it.offer(ben, { fid: 'plan', root: sumsOf(file).root })
  await it.transfers.accept(id)
  await it.settle()
  await it.serve('plan', file)
  await it.until(() => it.book.get(id)!.stage.at === 'arrived')
  return { it, id }
}

test('[T1] the download limit is for all files together: what begins at the same time shares it', async (t) => {
  const it = scene(t, { limits: () => ({ up: 0, down: 900_000 }) })
  for (const ik of [ben, chen]) it.up.add(ik)
  await Promise.all([it.offer(ben, {}), it.offer(ben, {}), it.offer(chen, {})].map((id) => it.transfers.accept(id)))
  await it.settle()
  const rates = it.said.filter((one) => one.t === 'file.accept').map((one) => (one as { rate?: number }).rate)
  assert.deepEqual(rates, [300_000, 300_000, 300_000])
})

test('[T7] what was resumed there while there was no link goes on with the next one; who still pauses says so again', async (t) => {
  const it = scene(t)
  it.up.add(ben)
  const id = it.offer(ben, {})
  const { fid } = it.transfers.must(id)
  await it.transfers.accept(id)
  it.transfers.frame(ben, { t: 'file.pause', fid, on: true })
  it.up.delete(ben)
  it.transfers.linkDown(ben)
  it.said.length = 0
  it.up.add(ben)
  it.transfers.linkUp(ben)
  await it.settle()
  await it.pass(1)
  assert.deepEqual(it.said.map((one) => one.t), ['file.accept'])
  it.transfers.frame(ben, { t: 'file.pause', fid, on: true })
  assert.deepEqual(it.transfers.view(id)?.state, { at: 'paused', done: 0, why: 'them' })
})

test('[T7] what I resume without a link asks for one', async (t) => {
  const wanted: string[] = []
  const it = scene(t, { wantLink: (ik) => void wanted.push(ik) })
  const path = join(folderOf(t), 'plan.pdf')
  writeFileSync(path, 'plan')
  await it.transfers.send(it.buddies.get(ben)!, { path, name: 'plan.pdf', isFolder: false, size: 4, mtime: Math.floor(statSync(path).mtimeMs), staged: false })
  const [{ id }] = it.transfers.views() as [Transfer]
  it.transfers.frame(ben, { t: 'file.accept', fid: it.transfers.must(id).fid })
  it.transfers.pause(id, true)
  wanted.length = 0
  it.transfers.pause(id, false)
  assert.deepEqual(wanted, [ben])
})

describe('[T10] what was not scanned', () => {
  test('because no scanner answered is looked at each minute, and arrives once', async (t) => {
    let looks = 0
    const { it, id } = await arrived(t, () => (++looks < 4 ? { is: 'unscanned', why: 'no-answer' } : { is: 'clean' }))
    for (let minutes = 0; minutes < 5; minutes++) {
      await it.pass(SCAN_AGAIN)
      await it.settle()
    }
    assert.deepEqual(it.transfers.view(id)?.state, { at: 'arrived', verdict: { is: 'clean' } })
    assert.deepEqual([looks, it.news], [4, ['1.txt offered', '1.txt arrived']])
  })

  test('because there was no scanner is looked at once there is one', async (t) => {
    let verdict: Verdict = { is: 'unscanned', why: 'none' }
    const { it, id } = await arrived(t, () => verdict)
    verdict = { is: 'infected', name: 'Eicar' }
    it.transfers.release.scanAgain(false)
    await it.settle()
    assert.deepEqual(it.transfers.view(id)?.state, { at: 'arrived', verdict: { is: 'unscanned', why: 'none' } })
    it.transfers.release.scanAgain(true)
    await it.settle()
    assert.deepEqual(it.transfers.view(id)?.state, { at: 'arrived', verdict })
  })
})

test('an offer that there was no room for says so no more once there is', async (t) => {
  const states: TransferState[] = []
  const it = scene(t, { onView: ({ state }) => void states.push(state) })
  it.disk.room = ROOM_LEFT
  it.offer(ben, { size: 1_000 })
  await it.settle()
  assert.equal((states.at(-1) as { needs?: number }).needs, 1_000)
  it.disk.room = ROOM_LEFT + 1_000
  await it.pass(60_000)
  assert.deepEqual(states.at(-1), { at: 'asking', free: ROOM_LEFT + 1_000, tooBigToScan: false })
})

test('[T4] hashes of what was not accepted cost no memory, however much is offered', async (t) => {
  const it = scene(t)
  const asked: string[] = []
  const { pieces } = it.book
  it.book.pieces = (row) => {
    asked.push(row.id)
    return pieces(row)
  }
  it.offer(ben, { fid: 'huge', size: 2 ** 40 })
  it.offer(ben, { fid: 'huge', size: 2 ** 40, root: sumsOf(random(10)).root })
  await it.settle()
  assert.deepEqual([it.transfers.views().length, asked], [1, []])
})

test('what no program opens is saved, and that nothing opened it is said', async (t) => {
  const { it, id } = await arrived(t, () => ({ is: 'clean' }), false)
  await assert.rejects(it.transfers.release.open(it.transfers.must(id), false), { code: 'not-opened' })
  await assert.rejects(it.transfers.release.show(it.transfers.must(id), false), { code: 'not-opened' })
  const { state } = it.transfers.view(id)!
  assert.equal(state.at === 'arrived' && state.saved?.name, '1.txt')
})

test('what was being hashed when Parley was killed is offered after the next start; what can’t be read any more is gone', async (t) => {
  const offered: string[] = []
  const gone: string[] = []
  const it = scene(t, { offer: (_, row) => void offered.push(row.name), onGone: (row) => void gone.push(row.name) })
  for (const name of ['here.txt', 'missing.txt']) {
    const path = join(folderOf(t), name)
    writeFileSync(path, 'plan')
    const source = { path, size: 4, mtime: Math.floor(statSync(path).mtimeMs), staged: false }
    it.book.put({
      id: name, ik: ben, fid: name as B64, mine: true, kept: true, stage: { at: 'offered' }, at: 0, stateAt: 0, name: basename(path), size: 4, piece: 131_072, root: null,
      exp: Number.MAX_SAFE_INTEGER, cleared: false, hasLeft: false, source,
    })
    if (name === 'missing.txt') rmSync(path)
  }
  await it.pass(0)
  await it.until(() => gone.length > 0)
  await it.settle()
  assert.deepEqual([offered, gone], [['here.txt'], ['missing.txt']])
})
