import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatItem } from '../../protocol/app/views.ts'
import { rowsOf } from './rows.ts'

const MINUTE = 60_000
const noon = new Date(2026, 10, 23, 12).getTime()
const message = (minute: number, mine: boolean, state = 'arrived') => ({ kind: 'message', id: `m${minute}`, pos: minute, mine, text: '', at: noon + minute * MINUTE, ...(mine && { state }) }) as ChatItem
const file = (minute: number, mine: boolean) => ({ kind: 'file', id: `f${minute}`, pos: minute, mine, at: noon + minute * MINUTE }) as ChatItem
const line = (minute: number) => ({ kind: 'line', id: `l${minute}`, pos: minute, at: noon + minute * MINUTE, line: { what: 'verified' } }) as ChatItem
/** F first, L last, M time and state, D a new day. */
const marks = (items: ChatItem[]) => rowsOf(items).map((row) => [row.day !== undefined && 'D', row.isFirst && 'F', row.isLast && 'L', row.hasMeta && 'M'].filter(Boolean).join(''))

const table: readonly (readonly [string, ChatItem[], string[]])[] = [
  ['nothing', [], []],
  ['one of mine', [message(0, true)], ['DFLM']],
  ['two within five minutes', [message(0, false), message(5, false)], ['DF', 'L']],
  ['two further apart', [message(0, false), message(6, false)], ['DFL', 'FL']],
  ['two senders', [message(0, false), message(1, true)], ['DFL', 'FLM']],
  ['a line between', [message(0, true), line(1), message(2, true)], ['DFLM', 'FL', 'FLM']],
  ['a state that differs inside a group', [message(0, true), message(1, true, 'waiting')], ['DFM', 'LM']],
  ['a file among messages', [message(0, true), file(1, true), message(2, true)], ['DFM', '', 'LM']],
  ['a file at the end', [message(0, true), file(1, true)], ['DFM', 'LM']],
  ['a file with its message', [message(0, true), file(0.5, true)], ['DFM', 'L']],
  ['a file of theirs', [file(0, false), message(1, false)], ['DF', 'L']],
  ['midnight', [message(12 * 60 - 1, true), message(12 * 60, true)], ['DFLM', 'DFLM']],
]
test('what is new begins a group of its own', () => {
  const rows = rowsOf([message(0, false), message(1, false)], 'm1')
  assert.deepEqual(rows.map((row) => [row.isNew, row.isFirst, row.isLast]), [[false, true, true], [true, true, true]])
})

for (const [what, items, expected] of table) test(`groups: ${what}`, () => assert.deepEqual(marks(items), expected))
