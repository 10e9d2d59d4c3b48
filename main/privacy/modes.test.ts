import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogMode, LogState } from '../../protocol/wire/peer.ts'
import { choose, fateOf, judgeLog, viewOf } from './modes.ts'

const state = (mode: LogMode, rev: number): LogState => ({ mode, rev, since: 1 })

test('[G1] [G6] a frame is kept by the less-keeping of what its sender was shown and of now', () => {
  const table: [ls: number, modes: LogMode[], now: LogState, fate: string][] = [
    [0, ['off'], state('off', 0), 'undecided'],
    [0, ['off', 'disk'], state('disk', 1), 'disk'],
    [0, ['off', 'off'], state('off', 1), 'memory'],
    [1, ['off', 'disk'], state('disk', 1), 'disk'],
    [1, ['off', 'off', 'disk'], state('disk', 2), 'memory'],
    [2, ['off', 'off', 'disk'], state('disk', 2), 'disk'],
    [1, ['off', 'disk', 'session'], state('session', 2), 'memory'],
    [9, ['off', 'disk'], state('disk', 1), 'disk'],
  ]
  for (const [ls, modes, now, fate] of table) assert.equal(fateOf(ls, modes, now), fate, `${ls} ${modes} ${now.mode}`)
})

test('[G4] [G5] only a higher rev counts; one rev with two modes is an alarm', () => {
  assert.deepEqual(judgeLog(state('off', 1), { mode: 'disk', rev: 2 }), { news: 'state', more: true })
  assert.deepEqual(judgeLog(state('disk', 2), { mode: 'off', rev: 3 }), { news: 'state', more: false })
  assert.deepEqual(judgeLog(state('disk', 2), { mode: 'disk', rev: 2 }), { news: 'none' })
  assert.deepEqual(judgeLog(state('disk', 2), { mode: 'off', rev: 1 }), { news: 'none' })
  assert.deepEqual(judgeLog(state('disk', 2), { mode: 'off', rev: 2 }), { news: 'mismatch' })
})

test('[G1] [G7] what the strip shows', () => {
  assert.deepEqual(viewOf(state('off', 0)), { mode: 'off', chosen: false })
  assert.deepEqual(viewOf(null), { mode: 'unknown', chosen: true })
  assert.deepEqual(viewOf({ mode: 'disk', keep: 86_400, rev: 1, since: 1 }), { mode: 'disk', chosen: true, keep: 86_400 })
})

test('[G3] a choice is the next rev', () => {
  assert.deepEqual(choose(state('off', 0), ['off'], 'disk', 7), { state: { mode: 'disk', since: 7, rev: 1 }, modes: ['off', 'disk'] })
})
