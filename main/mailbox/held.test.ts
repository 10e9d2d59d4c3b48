import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { DevId, Ik } from '../../protocol/ids.ts'
import { HELD_LIFE, MAX_HELD_FRAMES } from '../../protocol/limits.ts'
import { utf8 } from '../../protocol/wire/bytes.ts'
import type { LogMode } from '../../protocol/wire/peer.ts'
import { testStore } from '../testing/store.ts'
import { createHeld, type Held } from './held.ts'

const ik = 'ik' as Ik
const dev = 'dev' as DevId
const buddy = (mode: LogMode) => ({ ik, mine: { mode, since: 0, rev: 1 } })

let here: ReturnType<typeof testStore>
let held: Held
const open = () => createHeld({ store: here.store, clock: { now: () => here.clock.now } })
const texts = (from: Held) => from.take(ik).map(({ bytes }) => Buffer.from(bytes).toString())
beforeEach(() => {
  here = testStore()
  held = open()
})
afterEach(() => here.close())

test('[C3] what is held comes out once, in order, and outlives the program where the conversation is kept', () => {
  for (const text of ['one', 'two']) held.hold(buddy('disk'), dev, utf8(text))
  const again = open()
  assert.deepEqual(texts(again), ['one', 'two'])
  assert.deepEqual(texts(again), [])
})

test('[C3, G2] where I keep nothing, what is held is in memory and in no table', () => {
  for (const mode of ['off', 'session'] as const) held.hold(buddy(mode), dev, utf8(mode))
  assert.equal(here.store.db.prepare<[], { n: number }>('SELECT count(*) AS n FROM held_frames').get()!.n, 0)
  assert.deepEqual(texts(held), ['off', 'session'])
})

for (const mode of ['off', 'disk'] as const) {
  test(`[C3] in ${mode}: 64 frames, for seven days, and none of somebody whose request went`, () => {
    for (let i = 0; i < MAX_HELD_FRAMES + 6; i++) held.hold(buddy(mode), dev, utf8(String(i)))
    assert.equal(texts(held).length, MAX_HELD_FRAMES)
    held.hold(buddy(mode), dev, utf8('old'))
    here.clock.pass(HELD_LIFE + 1)
    held.hold(buddy(mode), dev, utf8('new'))
    assert.deepEqual(texts(held), ['new'])
    held.hold(buddy(mode), dev, utf8('gone'))
    held.drop(ik)
    assert.deepEqual(texts(held), [])
  })
}
