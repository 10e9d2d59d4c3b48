import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runKills } from './testing/kill.ts'

test('[E14] [E16] [W20] F1: 60 kills in mid-chat, nothing lost, nothing twice, all in order', { timeout: 180_000 }, async (context) => {
  const report = await runKills({ rounds: 30, log: (line) => context.diagnostic(line) })
  assert.ok(report.kills >= 60 && report.saved > 100, JSON.stringify(report))
  const { lost, twice, outOfOrder, undelivered, bugs } = report
  assert.deepEqual({ lost, twice, outOfOrder, undelivered, bugs }, { lost: 0, twice: 0, outOfOrder: 0, undelivered: 0, bugs: [] })
})

test('F1: the naive twin, which says "saved" before the commit, is caught', { timeout: 60_000 }, async () => {
  const report = await runKills({ rounds: 3, naive: true })
  assert.ok(report.lost > 0, JSON.stringify(report))
})
