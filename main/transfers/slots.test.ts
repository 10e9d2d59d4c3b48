import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Ik } from '../../protocol/ids.ts'
import { CLOSED_PULL_MEMORY } from '../../protocol/limits.ts'
import { createSlots } from './slots.ts'

const ben = 'ben' as Ik
const chen = 'chen' as Ik
const MOST = 4_096

function slots() {
  let now = 0
  let due: { at: number; act(): void }[] = []
  const made = createSlots({
    after(ms, act) {
      due.push({ at: now + ms, act })
      return () => undefined
    },
  })
  return {
    ...made,
    pass(ms: number) {
      now += ms
      const ripe = due.filter(({ at }) => at <= now)
      due = due.filter(({ at }) => at > now)
      for (const { act } of ripe) act()
    },
  }
}

describe('[T5] whose a pull is', () => {
  test('stands in its number, for each link apart', () => {
    const one = slots()
    const [a, b, c] = [one.take(ben, 'a'), one.take(ben, 'b'), one.take(chen, 'c')]
    assert.equal(one.whose(ben, one.x(a, 7)), 'a')
    assert.equal(one.whose(ben, one.x(b, 0)), 'b')
    assert.equal(one.whose(chen, one.x(c, 1_048_576)), 'c', 'the count begins again within its slot')
    assert.equal(one.whose(ben, one.x(9, 0)), undefined)
    assert.ok(one.x(MOST - 1, 1_048_575) <= 0xffff_ffff)
  })

  test('is remembered for a while once it is over, and gone with the link', () => {
    const one = slots()
    const slot = one.take(ben, 'a')
    one.over(ben, slot)
    assert.equal(one.whose(ben, one.x(slot, 0)), null)
    one.pass(CLOSED_PULL_MEMORY)
    assert.equal(one.whose(ben, one.x(slot, 0)), undefined)
    assert.notEqual(one.take(ben, 'next'), slot, 'no number comes twice before it must')
    one.over(ben, one.take(ben, 'b'))
    one.linkDown(ben)
    assert.deepEqual([0, 1, 2].map((slot) => one.whose(ben, one.x(slot, 0))), [undefined, undefined, undefined])
    assert.equal(one.take(ben, 'c'), 0)
  })

  test('a long transfer keeps its slot, however many short ones pass by', () => {
    const one = slots()
    const long = one.take(ben, 'long')
    for (let i = 0; i < 2 * MOST; i++) {
      const slot = one.take(ben, `short ${i}`)
      assert.notEqual(slot, long)
      one.over(ben, slot)
      one.pass(10)
    }
    assert.equal(one.whose(ben, one.x(long, 0)), 'long')
  })

  test('where all are remembered the one that has been over for longest is taken', () => {
    const one = slots()
    const taken = Array.from({ length: MOST }, (_, i) => one.take(ben, `${i}`))
    assert.equal(new Set(taken).size, MOST)
    for (const slot of [5, 3]) one.over(ben, slot)
    assert.deepEqual([one.take(ben, 'a'), one.take(ben, 'b')], [5, 3])
    assert.equal(one.whose(ben, one.x(4, 0)), '4')
  })
})
