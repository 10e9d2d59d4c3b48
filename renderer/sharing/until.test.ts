import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHARE_LIFE_MOST } from '../../protocol/limits.ts'
import { dayText, daysFrom, untilOf } from './until.ts'

const now = new Date(2026, 10, 23, 18).getTime()
const DAY = 86_400_000

test('days are counted from now', () => assert.deepEqual((['1', '7', '30'] as const).map((is) => (untilOf({ is }, now)! - now) / DAY), [1, 7, 30]))
test('a date lasts until its evening', () => assert.equal(untilOf({ is: 'date', day: '2026-12-24' }, now), new Date(2026, 11, 24, 23, 59).getTime()))
test('only days to come, and within a year', () => {
  for (const day of ['', '2026-11-23', '2020-01-01', '2028-01-01', 'soon']) assert.equal(untilOf({ is: 'date', day }, now), undefined, day)
  const { min, max } = daysFrom(now)
  assert.equal(min, '2026-11-24')
  assert.ok(untilOf({ is: 'date', day: max }, now)! - now <= SHARE_LIFE_MOST)
  assert.equal(dayText(untilOf({ is: 'date', day: min }, now)!), min)
})
