import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { MAX_CHUNK, PULL_WINDOW } from '../../protocol/limits.ts'
import type { Bulk, Pull } from '../../protocol/wire/files.ts'
import { pieceCount, pieceSize, pullFault } from '../../protocol/wire/files.ts'
import { createHave } from './have.ts'
import { createPuller } from './puller.ts'

/** What is due happens when `pass` is called. */
let due: (() => void)[] = []
const clock = {
  now: () => 0,
  after: (_: number, act: () => void) => {
    due.push(act)
    return () => void (due = due.filter((one) => one !== act))
  },
}
const pass = () => due.splice(0).forEach((act) => act())

/** A file, the hashes of its pieces, and a receiving end that writes into memory. */
function receiver(size: number, { piece = pieceSize(size)!, known = Number.MAX_SAFE_INTEGER, window = PULL_WINDOW } = {}) {
  const file = randomBytes(size)
  const disk = Buffer.alloc(size)
  const pulls: Pull[] = []
  const done: string[] = []
  /** Of each write: where it began, and how long it was. */
  const writes: [at: number, length: number][] = []
  const have = createHave(size, piece)
  let release: (() => void) | undefined
  let holds = false
  let knows = known
  let x = 0
  const puller = createPuller({
    clock, size, piece, have,
    handle: {
      writev: (async (buffers: Uint8Array[], at: number) => {
        if (holds) await new Promise<void>((resolve) => (release = resolve))
        writes.push([at, buffers.reduce((sum, buffer) => sum + buffer.length, 0)])
        for (const buffer of buffers) {
          disk.set(buffer, at)
          at += buffer.length
        }
        return { bytesWritten: 0, buffers }
      }) as never,
    },
    hashOf: (i) => (i < knows ? createHash('sha256').update(file.subarray(i * piece, (i + 1) * piece)).digest() : undefined),
    nextX: () => x++,
    window: () => window,
    pull(pull) {
      assert.equal(pullFault(pull, { size, piece }), undefined)
      pulls.push(pull)
    },
    onPiece: () => undefined,
    onBad: () => done.push('bad'),
    onComplete: () => done.push('complete'),
    onDiskError: () => done.push('disk'),
    onBug: (error) => assert.fail(String(error)),
  })
  const data = (of: Pull, from: number, to: number, bytes: Uint8Array = file): Bulk => ({ kind: 'data', x: of.x, offset: from, data: Uint8Array.from(bytes.subarray(from, to)) })
  const settle = async () => { for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve)) }
  const give = (pull: Pull) => {
    for (let at = pull.from; at < pull.to; at += MAX_CHUNK) assert.ok(puller.take(data(pull, at, Math.min(pull.to, at + MAX_CHUNK))))
    assert.ok(puller.take({ kind: 'end', x: pull.x, offset: pull.to, data: new Uint8Array(0) }))
  }
  return {
    file, disk, pulls, done, writes, have, puller, data, give, settle,
    know: (upTo: number) => (knows = upTo),
    hold: () => (holds = true),
    letGo() {
      holds = false
      release?.()
    },
    /** Answers every open pull, and those that follow. */
    async serve(bytes: Uint8Array = file) {
      puller.fill()
      for (let pull = pulls.shift(); pull !== undefined; pull = pulls.shift()) {
        for (let at = pull.from; at < pull.to; at += MAX_CHUNK) assert.ok(puller.take(data(pull, at, Math.min(pull.to, at + MAX_CHUNK), bytes)))
        assert.ok(puller.take({ kind: 'end', x: pull.x, offset: pull.to, data: new Uint8Array(0) }))
        await settle()
      }
    },
  }
}

describe('[T5] the receiving end', () => {
  for (const size of [1, 65_535, 65_536, 131_071, 131_072, 131_073, 3 * 131_072 + 5]) {
    test(`[T2] takes a file of ${size} bytes, piece by piece`, async () => {
      const one = receiver(size)
      await one.serve()
      assert.deepEqual(one.done, ['complete'])
      assert.ok(one.disk.equals(one.file))
      assert.equal(one.have.bytes(), size)
    })
  }

  test('pieces larger than a pull are asked for in order, and verified whole', async () => {
    const one = receiver(20 * 1_048_576, { piece: 16 * 1_048_576 })
    await one.serve()
    assert.deepEqual(one.done, ['complete'])
    assert.ok(one.disk.equals(one.file))
  })

  test('[T1] no more is asked for than the window holds, and the next only after the write', async () => {
    const one = receiver(8 * 131_072, { window: 2 * 131_072 })
    one.hold()
    one.puller.fill()
    assert.equal(one.pulls.length, 2)
    const [first] = one.pulls
    for (let at = first!.from; at < first!.to; at += MAX_CHUNK) one.puller.take(one.data(first!, at, at + MAX_CHUNK))
    one.puller.take({ kind: 'end', x: first!.x, offset: first!.to, data: new Uint8Array(0) })
    await one.settle()
    assert.equal(one.pulls.length, 2, 'what is not written counts')
    one.letGo()
    await one.settle()
    assert.equal(one.pulls.length, 3)
  })

  test('pulls that follow on one another are written at once, half a megabyte at most, while as much is under way', async () => {
    const one = receiver(9 * 131_072)
    one.puller.fill()
    assert.equal(one.pulls.length, 9)
    for (const pull of one.pulls.splice(0)) one.give(pull)
    await one.settle()
    assert.deepEqual(one.writes, [[0, 524_288], [4 * 131_072, 262_144], [6 * 131_072, 131_072], [7 * 131_072, 131_072], [8 * 131_072, 131_072]])
    assert.deepEqual(one.done, ['complete'])
    assert.ok(one.disk.equals(one.file))
  })

  test('what is here is written though nothing more comes, and not where it was stopped meanwhile', async () => {
    for (const isStopped of [false, true]) {
      const one = receiver(9 * 131_072)
      one.puller.fill()
      one.give(one.pulls[0]!)
      await one.settle()
      assert.deepEqual(one.writes, [], 'it waits for what follows')
      if (isStopped) await one.puller.stop()
      pass()
      await one.settle()
      assert.deepEqual(one.writes, isStopped ? [] : [[0, 131_072]])
      assert.equal(one.have.count(), isStopped ? 0 : 1)
    }
  })

  test('what does not follow is written apart', async () => {
    const one = receiver(9 * 131_072)
    one.have.set(1, true)
    one.puller.fill()
    for (const pull of one.pulls.slice(0, 2)) one.give(pull)
    pass()
    await one.settle()
    assert.deepEqual(one.writes, [[0, 131_072], [2 * 131_072, 131_072]])
  })

  test('[T4] only pieces whose hash is known are asked for', () => {
    const one = receiver(4 * 131_072, { known: 1 })
    one.puller.fill()
    assert.equal(one.pulls.length, 1)
    one.know(3)
    one.puller.fill()
    assert.equal(one.pulls.length, 3)
  })

  test('a wrong piece is asked for once more, and then it is damaged', async () => {
    const one = receiver(131_072)
    const wrong = Buffer.from(one.file)
    wrong[77]! ^= 1
    await one.serve(wrong)
    assert.deepEqual(one.done, ['bad'])
    assert.equal(one.have.count(), 0)
  })

  test('a piece that was wrong once and right then counts', async () => {
    const one = receiver(131_072)
    one.puller.fill()
    const pull = one.pulls.shift()!
    for (const at of [0, MAX_CHUNK]) one.puller.take({ ...one.data(pull, at, at + MAX_CHUNK), data: new Uint8Array(MAX_CHUNK) })
    one.puller.take({ kind: 'end', x: pull.x, offset: pull.to, data: new Uint8Array(0) })
    await one.settle()
    await one.serve()
    assert.deepEqual(one.done, ['complete'])
  })

  test('what does not lie in the order of an open pull is refused; what is of a pull that is over is let go', async () => {
    const one = receiver(2 * 131_072)
    one.puller.fill()
    const [first, second] = one.pulls as [Pull, Pull]
    assert.equal(one.puller.take(one.data(first, MAX_CHUNK, 2 * MAX_CHUNK)), false, 'a gap')
    assert.equal(one.puller.take({ kind: 'data', x: 999, offset: 0, data: new Uint8Array(1) }), false, 'nobody asked')
    assert.equal(one.puller.take({ kind: 'end', x: first.x, offset: first.to, data: new Uint8Array(0) }), false, 'an end too early')
    assert.equal(one.puller.take({ kind: 'abort', x: second.x, offset: second.from, data: new Uint8Array(0) }), true)
    assert.equal(one.puller.take(one.data(second, second.from, second.from + 1)), true, 'discarded')
    assert.equal(one.puller.take({ kind: 'data', x: second.x, offset: second.from, data: new Uint8Array(70_000) }), true)
  })

  test('crumbs are refused: only the last chunk of a pull is small', () => {
    const one = receiver(131_072)
    one.puller.fill()
    const [pull] = one.pulls as [Pull]
    assert.equal(one.puller.take(one.data(pull, 0, 100)), true)
    assert.equal(one.puller.take(one.data(pull, 100, 200)), false)
  })

  test('data of a piece comes in its order, over its pulls too', () => {
    const one = receiver(8 * 1_048_576, { piece: 8 * 1_048_576 })
    one.puller.fill()
    const second = one.pulls[1]!
    assert.equal(one.puller.take(one.data(second, second.from, second.from + MAX_CHUNK)), false)
  })

  test('more than the pull asked for is refused', () => {
    const one = receiver(131_072 + 10)
    one.puller.fill()
    const last = one.pulls.at(-1)!
    assert.equal(one.puller.take({ kind: 'data', x: last.x, offset: last.from, data: new Uint8Array(11) }), false)
  })
})

test('[T1] what is here is said in ranges, and taken back from them', () => {
  const have = createHave(10 * 131_072, 131_072)
  for (const i of [0, 1, 2, 5, 8, 9]) have.set(i, true)
  assert.deepEqual(have.ranges(256), [[0, 2], [5, 5], [8, 9]])
  assert.deepEqual(have.ranges(2), [[0, 2], [5, 5]])
  const other = createHave(10 * 131_072, 131_072)
  other.take([[0, 2], [8, 40_000]])
  assert.equal(other.count(), 5)
  assert.deepEqual(createHave(10 * 131_072, 131_072, have.saved()).ranges(256), have.ranges(256))
  assert.equal(pieceCount(0, 131_072), 0)
})
