import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Buddy } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { heldOrder, isFound, listOrder, twinNames } from './order.ts'

const buddy = (name: string, rest: Partial<Buddy> = {}) => ({ ik: name as Ik, name, addr: `${name.toLowerCase()}@example.org`, state: 'accepted', presence: 'off', ...rest }) as Buddy
const names = (buddies: Buddy[]) => buddies.map(({ name }) => name)
const said = (at: number) => ({ last: { mine: false, text: '', at } })

test('online first, then by the last message, then by name; open requests last', () => {
  const all = [buddy('Zoe', { state: 'asked', askedAt: 99 }), buddy('Off', said(9)), buddy('Away', { presence: 'away', ...said(1) }), buddy('On', { presence: 'on', ...said(5) }), buddy('B'), buddy('A')]
  assert.deepEqual(names(listOrder(all)), ['On', 'Away', 'Off', 'A', 'B', 'Zoe'])
})
test('under the pointer rows stay where they were, newcomers go to the end', () => {
  assert.deepEqual(names(heldOrder(['B', 'A'] as Ik[], [buddy('New'), buddy('A', { presence: 'on' }), buddy('B')])), ['B', 'A', 'New'])
})
test('search finds in names and addresses', () => {
  assert.ok(isFound(buddy('Tomás'), ' TOM '))
  assert.ok(isFound(buddy('Ben'), 'example'))
  assert.ok(!isFound(buddy('Ben'), 'ada'))
})
test('names that two buddies share are known, also with characters that show nothing', () => {
  assert.deepEqual([...twinNames([buddy('Ben'), buddy('ben '), buddy('Ada')])], ['ben'])
  assert.deepEqual([...twinNames([buddy('A\u200bda'), buddy('Ada')])], ['ada'])
})
