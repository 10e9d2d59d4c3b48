import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ShareEntry, TheirShare } from '../../protocol/app/views.ts'
import { type Folder, folderKey, treeMove, treeRows } from './tree.ts'

const share = (id: string) => ({ share: id, name: id }) as TheirShare
const entry = (e: string, kind: 'f' | 'd' = 'f') => ({ e, name: e, kind }) as ShareEntry
const folder = (entries: ShareEntry[], rest: Partial<Folder> = {}): Folder => ({ entries, more: false, reading: 'no', ...rest })
const shown = (rows: ReturnType<typeof treeRows>) => rows.map((row) => `${'·'.repeat(row.level - 1)}${'item' in row ? row.item.name : row.is} ${row.pos}/${row.of}`)

const shares = [share('A'), share('B')]
const folders = {
  [folderKey('A', '')]: folder([entry('day', 'd'), entry('x.jpg')]),
  [folderKey('A', 'day')]: folder([entry('y.jpg')], { more: true }),
}
const allOpen = new Set([folderKey('A', ''), folderKey('A', 'day')])

test('closed, the tree is its shares', () => assert.deepEqual(shown(treeRows(shares, folders, new Set())), ['A 1/2', 'B 2/2']))
test('what is open shows what is in it, and whether there is more', () => {
  assert.deepEqual(shown(treeRows(shares, folders, allOpen)), ['A 1/2', '·day 1/2', '··y.jpg 1/-1', '··more 2/-1', '·x.jpg 2/2', 'B 2/2'])
})
test('an open folder that was not read yet is being read; one with nothing says so; a refusal stands in its place', () => {
  const open = new Set([folderKey('A', '')])
  assert.deepEqual(shown(treeRows([share('A')], {}, open)), ['A 1/1', '·reading 1/0'])
  assert.deepEqual(shown(treeRows([share('A')], { [folderKey('A', '')]: folder([]) }, open)), ['A 1/1', '·empty 1/0'])
  assert.deepEqual(shown(treeRows([share('A')], { [folderKey('A', '')]: folder([], { reading: { failed: 'share-busy' } }) }, open)), ['A 1/1', '·failed 1/0'])
})

const rows = treeRows(shares, folders, allOpen)
for (const [from, key, to] of [
  [0, 'ArrowDown', 1], [5, 'ArrowDown', 5], [0, 'ArrowUp', 0], [3, 'Home', 0], [0, 'End', 5], [0, 'ArrowRight', 1], [2, 'ArrowLeft', 1], [4, 'ArrowLeft', 0],
  [1, 'ArrowLeft', 'toggle'], [5, 'ArrowRight', 'toggle'], [1, 'Enter', 'toggle'], [3, 'Enter', 'toggle'], [2, 'Enter', undefined], [5, 'ArrowLeft', undefined], [2, 'ArrowRight', undefined],
] as const) test(`${key} at row ${from} leads to ${to}`, () => {
  const move = treeMove(rows, from, key)
  assert.equal(move && ('to' in move ? move.to : 'toggle'), to)
})
