import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatItem } from '../../protocol/app/views.ts'
import { firstUnread } from './new.ts'

const message = (id: string, mine: boolean) => ({ kind: 'message', id, pos: 0, mine, text: '', at: 0 }) as ChatItem
const line = { kind: 'line', id: 'l', pos: 0, at: 0, line: { what: 'verified' } } as ChatItem
const items = [message('a', false), message('b', true), message('c', false), line, message('d', false)]

for (const [unread, expected] of [[0, undefined], [1, 'd'], [2, 'c'], [3, 'a'], [9, 'a']] as const) {
  test(`the first of ${unread} unread`, () => assert.equal(firstUnread(items, unread)?.id, expected))
}
test('nothing is unread in an empty chat', () => assert.equal(firstUnread([], 3), undefined))
