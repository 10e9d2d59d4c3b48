import assert from 'node:assert/strict'
import { closeSync, ftruncateSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
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
