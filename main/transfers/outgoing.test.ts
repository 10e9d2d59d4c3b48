import assert from 'node:assert/strict'
import { closeSync, ftruncateSync, openSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Buddy } from '../roster/roster.ts'
import { tempDir } from '../testing/core.ts'
import { ben, scene } from './scene.suite.ts'

test('[T4] hashing stops where Parley ends, and what was offered without a root stays so', async (t) => {
  const temp = tempDir()
  t.after(temp.remove)
  const path = join(temp.path, 'film.mp4')
  const size = 64 * 1_048_576
  const handle = openSync(path, 'w')
  ftruncateSync(handle, size)
  closeSync(handle)
  let isEnding = false
  const one = scene(t, { isEnding: () => isEnding })
  await one.transfers.send(one.buddies.get(ben)!, { path, name: 'film.mp4', size, mtime: Math.floor(statSync(path).mtimeMs), staged: false, isFolder: false })
  isEnding = true
  await one.settle()
  const [row] = one.book.all()
  assert.deepEqual({ stage: row?.stage, root: row?.root }, { stage: { at: 'offered' }, root: null })
})

test('a file is offered again to a buddy only, and not to another key', async (t) => {
  const temp = tempDir()
  t.after(temp.remove)
  const path = join(temp.path, 'notes.txt')
  writeFileSync(path, 'hello')
  const one = scene(t)
  const buddy = one.buddies.get(ben)!
  await one.transfers.send(buddy, { path, name: 'notes.txt', size: 5, mtime: Math.floor(statSync(path).mtimeMs), staged: false, isFolder: false })
  const [{ id } = { id: '' }] = one.book.all()
  for (const [change, code] of [[{ changed: {} }, 'key-changed'], [{ state: 'blocked' }, 'unknown-buddy']] as const) {
    one.buddies.set(ben, { ...buddy, ...change } as Buddy)
    await assert.rejects(one.transfers.offerAgain(id), { code })
  }
  one.buddies.set(ben, buddy)
  await one.transfers.offerAgain(id)
  assert.equal(one.book.all().length, 2)
})
