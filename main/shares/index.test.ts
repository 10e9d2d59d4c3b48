import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Ik } from '../../protocol/ids.ts'
import { MAX_SHARE_DEPTH, MAX_SHARE_ENTRIES } from '../../protocol/limits.ts'
import { createChance } from '../random.ts'
import { random, tempDir } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import { createBooks } from './books.ts'
import { type Found, type Opener, opener } from './open.ts'
import { createRows, START } from './rows.ts'
import { createTally } from './tally.ts'
import { walk } from './walk.ts'
import { wireName } from './wire-name.ts'

/** An index alone, of a real folder or of one that is made up. */
function index(t: TestContext, { by = opener, most = MAX_SHARE_ENTRIES }: { by?: Opener; most?: number } = {}) {
  const here = testStore()
  const temp = tempDir()
  t.after(() => {
    here.close()
    temp.remove()
  })
  const rows = createRows(here)
  const share = { id: 'share', root: temp.path, next: 1, once: false }
  const it = {
    rows, root: temp.path, writes: 0,
    /** Ends after so many writes. */
    async walk(endsAfter = Infinity) {
      it.writes = 0
      return walk({
        rows, opener: by, most, leaveOut: () => [], onProgress: () => undefined,
        isOver: () => it.writes >= endsAfter,
        write(id, changes, next) {
          it.writes++
          share.next = next
          here.store.write(() => {
            for (const change of changes) rows.apply(id, change)
          })
        },
      }, share)
    },
    all: () => here.store.db.prepare<[], { row: number; parent: number; name: string }>('SELECT row, parent, name FROM share_entries ORDER BY row').all(),
    names: () => it.all().map(({ name }) => name).sort(),
    put(path: string) {
      mkdirSync(join(temp.path, path, '..'), { recursive: true })
      writeFileSync(join(temp.path, path), '')
    },
  }
  return it
}

test('an index that is cut off anywhere is whole after the next one, with nothing left that lies nowhere', async (t) => {
  const it = index(t)
  for (let folder = 0; folder < 4; folder++) for (let i = 0; i < 300; i++) it.put(`${folder}/in/${i}`)
  await it.walk()
  assert.equal(it.all().length, 4 * 300 + 8)
  for (const folder of [1, 2, 3]) rmSync(join(it.root, String(folder)), { recursive: true })
  for (let i = 0; i < 300; i++) it.put(`new/${i}`)
  for (let cut = 1; cut < 20; cut++) {
    const walked = await it.walk(cut)
    const known = new Set(it.all().map(({ row }) => row))
    for (const { parent } of it.all()) assert.ok(parent === 0 || known.has(parent))
    if (walked.at === 'done') break
    assert.equal(walked.at, 'over')
  }
  const done = await it.walk()
  assert.deepEqual([done.at, done.at === 'done' && done.files, it.all().length, it.writes], ['done', 600, 600 + 3, 0])
})

test('a walk writes only what has changed, and gives no number twice', async (t) => {
  const it = index(t)
  for (const path of ['a', 'b', 'sub/c']) it.put(path)
  await it.walk()
  const before = it.all()
  renameSync(join(it.root, 'b'), join(it.root, 'd'))
  await it.walk()
  assert.deepEqual([it.writes, it.names()], [1, ['a', 'c', 'd', 'sub']])
  const numbers = new Set(before.map(({ row }) => row))
  assert.ok(it.all().every(({ row, name }) => numbers.has(row) !== (name === 'd')))
  await it.walk()
  assert.equal(it.writes, 0)
})

test('a file in the place of a folder is another entry, and the other way round', async (t) => {
  const it = index(t)
  it.put('a/b/c')
  await it.walk()
  rmSync(join(it.root, 'a'), { recursive: true })
  it.put('a')
  await it.walk()
  assert.deepEqual(it.names(), ['a'])
  rmSync(join(it.root, 'a'))
  it.put('a/b/c')
  await it.walk()
  assert.deepEqual(it.names(), ['a', 'b', 'c'])
})

/** A disk that has a folder in every folder, or far too many files. */
const made = (folder: (parts: readonly string[], most: number) => Found[]): Opener => ({
  file: () => Promise.resolve('gone'),
  folder: (_, parts, { most }) => Promise.resolve(folder(parts, most).slice(0, most)),
})
const found = (name: string, kind: 'f' | 'd', n = 0): Found => ({ name, kind, size: 1, mtime: 0, node: `1:${n}` })

test('what lies too deep is left out', async (t) => {
  const it = index(t, { by: made((parts) => [found('deeper', 'd', parts.length), found('file', 'f')]) })
  const walked = await it.walk()
  assert.deepEqual(walked, { at: 'done', files: MAX_SHARE_DEPTH, bytes: MAX_SHARE_DEPTH, skipped: 1 })
  const last = it.rows.get('share', it.all().at(-1)!.row)!
  assert.equal(it.rows.partsOf('share', last)!.length, MAX_SHARE_DEPTH)
})

test('more than is looked through is left out', async (t) => {
  const many = Array.from({ length: 55 }, (_, i) => found(`file ${i}`, 'f', i))
  const it = index(t, { most: 100, by: made((parts) => (parts.length === 0 ? [found('a', 'd'), found('b', 'd')] : many)) })
  const walked = await it.walk()
  assert.deepEqual([walked.at === 'done' && walked.files, it.all().length], [98, 100])
})

test('the name of a shared folder can always travel', () => {
  for (const [name, wire] of [['Lofoten 2026', 'Lofoten 2026'], ['a\nb\u202ec', 'a_b_c'], ['\u0007', '_'], ['', '_'], ['é'.repeat(200), 'é'.repeat(127)]] as const) assert.equal(wireName(name), wire)
})

test('no statement reads a whole table that grows: an index is read by its share', (t) => {
  const here = testStore()
  t.after(() => here.close())
  const { db } = here.store
  const statements = new Set<string>()
  const store = { ...here.store, db: { prepare: (sql: string) => statements.add(sql) && db.prepare(sql) } as unknown as typeof db }
  const clock = { now: () => here.clock.now, after: () => () => undefined }
  createRows({ store })
  createBooks({ store, chance: createChance(random), now: clock.now, isBuddy: (ik: Ik) => ik !== '' })
  createTally({ store, clock, onWritten: () => undefined })
  assert.ok(statements.size > 25, `${statements.size} statements seen`)
  for (const sql of statements) {
    const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...(sql.match(/\?/g) ?? []).map(() => null)).map(({ detail }) => detail)
    // At most a hundred that are on, and as many that are over.
    assert.deepEqual(plan.filter((detail) => detail.startsWith('SCAN ') && detail !== 'SCAN shares'), [], sql)
    // A page is read in its order, not sorted: a folder may have 100,000 entries.
    if (sql.includes('share_entries')) assert.ok(!plan.some((detail) => detail.includes('TEMP B-TREE')), `${sql}: ${plan.join(', ')}`)
  }
  assert.deepEqual(createRows({ store }).page('none', 0, START, 1), [])
})
