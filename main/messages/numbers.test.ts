import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import type { B64, ConvId, DevId, Uuid7 } from '../../protocol/ids.ts'
import { NO_HASH } from '../identity/crypto.ts'
import { testStore } from '../testing/store.ts'
import { createNumbers, type Numbers } from './numbers.ts'

const c = 'c' as ConvId
const dev = 'dev' as DevId
const hash = (n: number) => (n === 0 ? NO_HASH : `h${n}`)
const frame = (n: number, more: object = {}) => ({ id: `id${n}` as Uuid7, n, ph: hash(n - 1), h: hash(n), t: 'msg', pos: n, ...more })

let here: ReturnType<typeof testStore>
let numbers: Numbers
beforeEach(() => {
  here = testStore()
  numbers = createNumbers({ store: here.store, now: () => here.clock.now })
})
afterEach(() => here.close())

test('[W20] each number once: a second copy is a duplicate, by whatever way', () => {
  assert.equal(numbers.take(c, dev, frame(1)), 'new')
  assert.equal(numbers.take(c, dev, frame(1)), 'duplicate')
  assert.deepEqual(numbers.got(c, dev), { upTo: 1, ids: [] })
})

test('[W24] two frames with one number, or a hash that does not fit: the first is kept', () => {
  numbers.take(c, dev, frame(1))
  assert.equal(numbers.take(c, dev, frame(1, { h: 'other', id: 'x' })), 'fork')
  assert.equal(numbers.take(c, dev, frame(2, { ph: 'other' })), 'fork')
  assert.equal(numbers.take(c, dev, frame(2)), 'new')
  numbers.take(c, dev, frame(4))
  assert.equal(numbers.take(c, dev, frame(3, { h: 'other' })), 'fork', 'the one after it came first')
  assert.equal(numbers.take(c, dev, frame(5, { id: 'id1' })), 'fork', 'an id of another frame')
})

test('[W21] a receipt says up to where all is here, and ids beyond it', () => {
  for (const n of [1, 2, 4, 6]) numbers.take(c, dev, frame(n))
  assert.deepEqual(numbers.got(c, dev), { upTo: 2, ids: ['id4', 'id6'] })
  numbers.take(c, dev, frame(3))
  assert.deepEqual(numbers.got(c, dev), { upTo: 4, ids: ['id6'] })
})

test('[W22] a hole is waited for, asked for, asked for more rarely, and after a day missing', () => {
  numbers.take(c, dev, frame(1))
  numbers.take(c, dev, frame(4))
  assert.deepEqual(numbers.due(c), [], 'not before 5 s')
  here.clock.pass(5_000)
  assert.deepEqual(numbers.due(c), [{ dev, from: 2, to: 3 }])
  here.clock.pass(29_000)
  assert.deepEqual(numbers.due(c), [])
  here.clock.pass(1_000)
  assert.equal(numbers.due(c).length, 1)
  here.clock.pass(31_000)
  assert.deepEqual(numbers.due(c), [], 'twice as long each time')
  here.clock.pass(24 * 3_600_000)
  assert.deepEqual(numbers.giveUp(c).map(({ lo, hi }) => ({ lo, hi })), [{ lo: 2, hi: 3 }])
  assert.deepEqual(numbers.giveUp(c), [], 'told once')
  numbers.askAgain(c, dev, 2)
  assert.equal(numbers.due(c).length, 1, 'Ask for it')
})

test('[W22] one gap asks for at most 256 numbers; [L12] a top from a HELLO shows the hole at the end', () => {
  numbers.take(c, dev, frame(1))
  numbers.noteTop(c, dev, 1_000, hash(1_000) as B64)
  here.clock.pass(5_000)
  assert.deepEqual(numbers.due(c), [{ dev, from: 2, to: 257 }])
})

test('[W23] void numbers never come; a frame after its void is still taken', () => {
  numbers.take(c, dev, frame(1))
  numbers.take(c, dev, frame(5))
  assert.equal(numbers.takeVoid(c, dev, { from: 2, to: 4, h: 'wrong' }), false)
  assert.equal(numbers.takeVoid(c, dev, { from: 2, to: 4, h: hash(4) }), true)
  assert.deepEqual(numbers.got(c, dev).upTo, 5)
  assert.equal(numbers.take(c, dev, frame(3)), 'new')
})

test('[W27] a place is after n−1 and before n+1, whatever the clocks say', () => {
  numbers.take(c, dev, frame(1, { pos: 100 }))
  numbers.take(c, dev, frame(3, { pos: 200 }))
  const pos = numbers.place(c, dev, 2, 5)
  assert.ok(pos > 100 && pos < 200)
  const late = numbers.place(c, dev, 2, 900)
  assert.ok(late > 100 && late < 200)
})

test('[W20] [W22] any order of arrival ends with everything there and no hole', () => {
  fc.assert(fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], { minLength: 12 }), (order) => {
    const conversation = `c${Math.random()}` as ConvId
    for (const n of order) numbers.take(conversation, dev, { ...frame(n), id: `${conversation}${n}` as Uuid7 })
    assert.deepEqual(numbers.got(conversation, dev), { upTo: 12, ids: [] })
    assert.deepEqual(numbers.holes(conversation), [])
  }), { numRuns: 60 })
})

test('[L12, W24] a last number that is here with another hash is a fork; one that is not here yet is a hole', () => {
  numbers.take(c, dev, frame(1))
  numbers.take(c, dev, frame(3))
  const table: [n: number, h: string, fits: boolean][] = [[0, NO_HASH, true], [1, hash(1), true], [1, 'other', false], [2, 'unknown here', true], [3, hash(3), true], [3, 'other', false], [5, 'any', true]]
  for (const [n, h, fits] of table) assert.equal(numbers.noteTop(c, dev, n, h as B64), fits, `${n} ${h}`)
  assert.deepEqual(numbers.holes(c).map(({ lo, hi }) => [lo, hi]), [[2, 2], [4, 5]])
})
