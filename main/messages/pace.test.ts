import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from './pace.ts'

test('[C35] twenty messages in ten seconds leave at once, the next ones every half second', () => {
  let now = 1_000_000
  const pace = createPace(() => now)
  for (let n = 1; n <= 23; n++) pace.written(n)
  assert.deepEqual([1, 20, 21, 22, 23].map(pace.wait), [0, 0, 500, 1_000, 1_500])
  now += 500
  assert.deepEqual([21, 22, 23].map(pace.wait), [0, 500, 1_000])
  pace.written(24)
  assert.equal(pace.wait(24), 1_500)
  // After a pause there is room for a burst again.
  now += 20_000
  for (let n = 25; n <= 45; n++) pace.written(n)
  assert.deepEqual([25, 44, 45].map(pace.wait), [0, 0, 500])
})

test('[C35] what was written before this run leaves at once', () => {
  assert.equal(createPace(() => 5).wait(7), 0)
})
