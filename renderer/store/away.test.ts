import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connection } from '../../protocol/app/views.ts'
import { type Away, awayAfter, awayAtFirst, newSince } from './away.ts'

const on: Connection = { at: 'on' }
const connecting: Connection = { at: 'connecting' }

test('the time between leaving and coming back is known, whatever lies between', () => {
  const left = awayAfter(awayAtFirst(on), { at: 'off', since: 100, why: 'user' }, 100)
  const back = awayAfter(awayAfter(left, connecting, 150), on, 200)
  assert.deepEqual(back, { at: 'here', last: { from: 100, until: 200 } })
  assert.deepEqual(awayAfter(back, on, 300), back)
})

test('a window that opens while signed off knows since when only if the core says so', () => {
  assert.deepEqual(awayAtFirst({ at: 'off' }), { at: 'away' })
  assert.deepEqual(awayAtFirst({ at: 'off', since: 50 }), { at: 'away', from: 50 })
  assert.deepEqual(awayAfter(awayAtFirst(connecting), on, 200), { at: 'here' })
})

const back: Away = { at: 'here', last: { from: 100, until: 200 } }
for (const [what, away, at, since] of [
  ['written meanwhile', back, 150, 100],
  ['written before', back, 50, 50],
  ['written after', back, 250, 250],
  ['while still away', { at: 'away', from: 100 }, 150, 150],
] as const) test(`new since: ${what}`, () => assert.equal(newSince(away, at), since))
