import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runKills } from '../../main/testing/kill.ts'

/** Each round ends both processes once. */
const KILLS = Number(process.env['PARLEY_KILLS'] ?? 1_000)

test(`[E14] [E16] [W20] F1: ${KILLS} kills in mid-chat, nothing lost, nothing twice, all in order`, async (context) => {
  const report = await runKills({ rounds: Math.ceil(KILLS / 2), log: (line) => context.diagnostic(line) })
  const { lost, twice, outOfOrder, undelivered, bugs } = report
  assert.ok(report.kills >= KILLS && report.saved > KILLS, JSON.stringify(report))
  assert.deepEqual({ lost, twice, outOfOrder, undelivered, bugs }, { lost: 0, twice: 0, outOfOrder: 0, undelivered: 0, bugs: [] })
})
