import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { B64 } from '../../protocol/ids.ts'
import { ROOM_LEFT } from '../../protocol/limits.ts'
import { toB64 } from '../../protocol/wire/bytes.ts'
import type { FileOffer } from '../../protocol/wire/peer.ts'
import { random } from '../testing/core.ts'
import { createBook } from './book.ts'
import { ben, chen, day, dora, scene, sumsOf } from './scene.suite.ts'

/** Files that come, with a test in the place of the buddies. */

describe('that it is here', () => {
  const file = random(200_000)
  const { root } = sumsOf(file)

  test('[T6] is said on the next link where none is up as the root comes, and once more is no harm', async (t) => {
    const one = scene(t)
    const id = one.offer(ben, { fid: 'film', size: file.length })
    one.up.add(ben)
    await one.transfers.accept(id)
    await one.settle()
    await one.serve('film', file)
    assert.equal(one.book.get(id)!.stage.at, 'wanted')
    one.up.delete(ben)
    one.transfers.linkDown(ben)
    one.offer(ben, { fid: 'film', size: file.length, root })
    await one.settle()
    assert.equal(one.book.get(id)!.stage.at, 'arrived')
    assert.deepEqual(one.said.filter(({ t }) => t === 'file.done'), [])
    for (let links = 0; links < 2; links++) {
      one.up.add(ben)
      one.transfers.linkUp(ben)
    }
    assert.deepEqual(one.said.filter(({ t }) => t === 'file.done'), [{ to: ben, t: 'file.done', fid: 'film', root }])
  })

  for (const isCancelled of [false, true]) {
    test(`is said once its bytes are synced${isCancelled ? ', unless it was cancelled meanwhile' : ''}`, async (t) => {
      const one = scene(t)
      const id = one.offer(ben, { fid: 'film', size: file.length, root })
      one.up.add(ben)
      await one.transfers.accept(id)
      await one.settle()
      const seen: string[] = []
      one.disk.onSync = () => {
        seen.push(one.book.get(id)!.stage.at, ...one.said.filter(({ t }) => t === 'file.done').map(({ t }) => t))
        if (isCancelled && seen.length === 1) one.transfers.cancel(id)
      }
      await one.serve('film', file)
      assert.equal(seen[0], 'wanted')
      assert.notEqual(seen[1], 'file.done')
      assert.equal(one.book.get(id)!.stage.at, isCancelled ? 'ended' : 'arrived')
      assert.equal(one.said.some(({ t }) => t === 'file.done'), !isCancelled)
    })
  }

  test('counts for marks too: what is kept of a file that was stopped was synced before', async (t) => {
    const one = scene(t)
    const id = one.offer(ben, { fid: 'film', size: file.length, root })
    one.up.add(ben)
    await one.transfers.accept(id)
    await one.settle()
    const kept = () => createBook({ store: one.store }).bytesHere(id)
    const seen: number[] = []
    one.disk.onSync = () => void seen.push(kept())
    await one.serve('film', file, 1)
    one.up.delete(ben)
    one.transfers.linkDown(ben)
    await one.settle()
    assert.deepEqual([...seen, kept()], [0, 131_072])
  })
})

describe('a disk that is nearly full', () => {
  const size = 3 * ROOM_LEFT

  test('is looked at every two seconds, and there is room or there is not', async (t) => {
    const one = scene(t)
    const id = one.offer(ben, { size })
    await one.pass(0)
    one.up.add(ben)
    await one.transfers.accept(id)
    // More than is left free, and less than is missing.
    one.disk.room = size
    await one.settle()
    assert.deepEqual(one.book.get(id)!.stage, { at: 'wanted', pausedByMe: false, pausedByThem: false, isFull: true })
    const before = one.disk.asked
    for (let looks = 0; looks < 5; looks++) await one.pass(2_000)
    assert.equal(one.disk.asked - before, 5)
    one.disk.room = size + ROOM_LEFT
    await one.pass(2_000)
    assert.equal(one.said.at(-1)?.t, 'file.accept')
  })

  test('has room for one of two: the other waits, and the disk is not filled by both', async (t) => {
    const one = scene(t)
    const ids = [one.offer(ben, { size }), one.offer(chen, { size })]
    await one.pass(0)
    for (const id of ids) await one.transfers.accept(id)
    one.disk.room = 2 * size
    for (const ik of [ben, chen]) {
      one.up.add(ik)
      one.transfers.linkUp(ik)
      await one.settle()
    }
    assert.deepEqual(ids.map((id) => (one.book.get(id)!.stage as { isFull: boolean }).isFull), [false, true])
    assert.deepEqual(one.said.filter((said) => said.t === 'file.accept').map(({ to }) => to), [ben])
  })

  test('is not told of a file that was stopped while it was looked at', async (t) => {
    const one = scene(t)
    const id = one.offer(ben, { size })
    await one.transfers.accept(id)
    one.disk.room = 0
    one.up.add(ben)
    one.disk.onLook = () => one.transfers.pause(id, true)
    one.transfers.linkUp(ben)
    await one.settle()
    assert.deepEqual(one.book.get(id)!.stage, { at: 'wanted', pausedByMe: true, pausedByThem: false, isFull: false })
  })
})

describe('a disk that takes nothing, and is not full', () => {
  const file = random(400_000)
  const { root } = sumsOf(file)

  test('is said as such, without trying again and again; *Resume* goes on once it is mended', async (t) => {
    const one = scene(t)
    const id = one.offer(ben, { fid: 'film', size: file.length, root })
    one.up.add(ben)
    await one.transfers.accept(id)
    await one.settle()
    one.disk.writeError = Object.assign(new Error('i/o error'), { code: 'EIO' })
    await assert.rejects(one.serve('film', file, 1))
    const state = () => one.transfers.view(id)!.state
    assert.deepEqual([state().at, (state() as { why?: string }).why], ['paused', 'unwritable'])
    const asked = one.said.filter((said) => said.t === 'file.accept').length
    for (let looks = 0; looks < 5; looks++) await one.pass(2_000)
    assert.equal(one.said.filter((said) => said.t === 'file.accept').length, asked)
    one.disk.writeError = undefined
    one.transfers.pause(id, false)
    await one.settle()
    // What was asked for before is asked for anew.
    one.pulls.splice(0, 3)
    await one.serve('film', file)
    assert.equal(one.book.get(id)!.stage.at, 'arrived')
  })

  test('a full disk is looked at at once where a person says *Resume*', async (t) => {
    const one = scene(t)
    const id = one.offer(ben, { size: 3 * ROOM_LEFT })
    await one.transfers.accept(id)
    one.disk.room = 0
    one.up.add(ben)
    one.transfers.linkUp(ben)
    await one.settle()
    assert.equal(one.said.length, 0)
    one.disk.room = 1e12
    one.transfers.pause(id, false)
    await one.settle()
    assert.equal(one.said.at(-1)?.t, 'file.accept')
  })
})

describe('[B6] what is kept for a fetch at the other side', () => {
  const file = random(400_000)
  const { root } = sumsOf(file)
  const offerOf = (fid: string): FileOffer => ({ fid, name: 'a', size: file.length, mtime: 1, piece: 131_072, root, exp: 0 })
  const fetched = { share: 'share', e: 'e', name: 'film.mp4', kind: 'f', size: file.length, kept: true } as const

  test('ends when it is paused, also while it is asked for; and of what is here by file.done alone', async (t) => {
    let asked = 0
    let hold: Promise<void> | undefined
    const one = scene(t, {
      async get() {
        const fid = `served ${++asked}`
        await hold
        return { ok: true, offer: offerOf(fid) }
      },
    })
    const stops = () => one.said.filter(({ t }) => t === 'file.stop' || t === 'file.done').map(({ t, fid, why = '' }) => `${t} ${fid} ${why}`.trim())
    one.up.add(ben)
    one.transfers.fetch(ben, fetched)
    await one.settle()
    const { id } = one.book.all()[0]!
    await one.serve('served 1', file, 1)
    one.transfers.pause(id, true)
    assert.deepEqual(stops(), ['file.stop served 1 superseded'])

    let letGo = () => undefined as void
    hold = new Promise((resolve) => (letGo = resolve))
    one.transfers.pause(id, false)
    one.transfers.pause(id, true)
    letGo()
    await one.settle()
    assert.deepEqual(stops().slice(1), ['file.stop served 2 superseded'])

    one.transfers.pause(id, false)
    await one.settle()
    await one.serve('served 3', file)
    assert.equal(one.book.get(id)!.stage.at, 'arrived')
    assert.deepEqual(stops().slice(2), ['file.done served 3'])
  })
})

describe('[T7] seven days of standing still', () => {
  const file = random(400_000)
  const { root } = sumsOf(file)
  const stageOf = (one: ReturnType<typeof scene>, id: string) => one.book.get(id)!.stage

  test('count from the last byte: what moves goes on, however long it takes', async (t) => {
    const one = scene(t)
    const id = one.offer(ben, { fid: 'film', size: file.length, root })
    one.up.add(ben)
    await one.transfers.accept(id)
    await one.settle()
    for (let pieces = 0; pieces < 3; pieces++) {
      await one.pass(5 * day)
      assert.equal(stageOf(one, id).at, 'wanted')
      await one.serve('film', file, 1)
    }
    await one.pass(7 * day + 3_600_000)
    assert.deepEqual(stageOf(one, id), { at: 'ended', why: 'expired' })
  })

  test('of a folder are those of the files in it', async (t) => {
    const one = scene(t, {
      list: async () => ({ ok: true, more: false, entries: [{ e: 'e' as B64, name: 'film.mp4', kind: 'f', size: file.length, at: 1 }] }),
      get: async () => ({ ok: true, offer: { fid: 'film', name: 'film.mp4', size: file.length, mtime: 1, piece: 131_072, root, exp: 0 } }),
    })
    one.up.add(ben)
    one.transfers.fetch(ben, { share: 'share', e: 'dir', name: 'Films', kind: 'd', size: file.length, kept: true })
    await one.settle()
    const { id } = one.book.all().find(({ folder }) => folder !== undefined)!
    await one.pass(5 * day)
    await one.serve('film', file, 1)
    await one.pass(5 * day)
    assert.equal(stageOf(one, id).at, 'wanted')
    await one.pass(3 * day)
    assert.equal(stageOf(one, id).at, 'ended')
  })
})

test('[T1] buddies have their turn one after the other, also where all have more than there are places', async (t) => {
  const one = scene(t)
  const file = random(10)
  const { root } = sumsOf(file)
  for (const ik of [ben, chen, dora]) {
    one.up.add(ik)
    for (let n = 0; n < 4; n++) await one.transfers.accept(one.offer(ik, { fid: `${ik} ${n}`, size: file.length, root }))
  }
  await one.settle()
  const under = () => one.said.filter(({ t }) => t === 'file.accept').map(({ fid }) => fid)
  assert.deepEqual(under(), ['ben 0', 'ben 1', 'chen 0', 'chen 1'])
  for (const fid of ['ben 0', 'ben 1', 'chen 0']) {
    await one.serve(fid, file)
    await one.pass(0)
  }
  assert.deepEqual(under().slice(4), ['dora 0', 'ben 2', 'chen 2'])
})

describe('FI2: a rule', () => {
  test('takes what there is room for; what it can’t take is told like any offer, and counts nothing', async (t) => {
    const counted: string[] = []
    const one = scene(t, { isAcceptedByRule: ({ name }) => counted.push(name) > 0 })
    one.disk.room = ROOM_LEFT + 5_000
    const fits = one.offer(ben, { name: 'fits.txt', size: 5_000 })
    const tooBig = one.offer(ben, { name: 'too-big.txt', size: 5_001 })
    await one.settle()
    assert.deepEqual([fits, tooBig].map((id) => one.book.get(id)!.stage.at), ['wanted', 'offered'])
    assert.deepEqual(counted, ['fits.txt'])
    assert.deepEqual(one.news, ['too-big.txt offered'])
  })

  test('accepts nothing that was answered while room was looked for', async (t) => {
    const one = scene(t, { isAcceptedByRule: () => assert.fail('answered already') })
    one.transfers.reject(one.offer(ben, {}))
    await one.settle()
    assert.deepEqual(one.news, [])
  })
})

test('[T5] that it arrived damaged is said on the link that is up, and not again on the next', async (t) => {
  const one = scene(t)
  const file = random(10)
  const id = one.offer(ben, { fid: 'film', size: file.length, root: sumsOf(random(10)).root })
  one.up.add(ben)
  await one.transfers.accept(id)
  await one.settle()
  one.transfers.frame(ben, { t: 'file.manifest', fid: 'film', from: 0, hashes: toB64(sumsOf(file).hashes) })
  await one.settle()
  one.transfers.linkDown(ben)
  one.transfers.linkUp(ben)
  assert.equal(one.book.get(id)!.stage.at, 'damaged')
  assert.equal(one.book.get(id)!.part, undefined)
  assert.deepEqual(one.said.filter(({ t }) => t === 'file.stop').map(({ why }) => why), ['hash'])
})
