import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from './pace.ts'

function paceAt(rate: number) {
  const of = { now: 0, rate }
  return { of, pace: createPace({ now: () => of.now }, () => of.rate) }
}

test('so many bytes a second go, a quarter of them at once', () => {
  const { of, pace } = paceAt(1_000)
  pace.took(250)
  assert.equal(pace.wait(), 0)
  pace.took(1_000)
  assert.equal(pace.wait(), 1_000)
  of.now = 1_000
  assert.equal(pace.wait(), 0)
})

test('what went without a limit does not count when one is set', () => {
  const { of, pace } = paceAt(0)
  pace.took(1_000_000_000)
  of.rate = 1_000_000
  assert.equal(pace.wait(), 0)
  pace.took(1_250_000)
  assert.equal(pace.wait(), 1_000)
})
