import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { presetDialogs } from './preset-dialogs.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-dialogs-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('files are saved under a plain name and never over another', async (t) => {
  const downloads = join(folder(t), 'new')
  const dialogs = presetDialogs({ downloads, picks: [], hasDialogs: false })
  assert.ok(await dialogs.saveFile({ name: '../..\\.in\u202evite.svg', content: 'one' }))
  assert.ok(await dialogs.saveFile({ name: 'invite.svg', content: 'two' }))
  assert.equal(readFileSync(join(downloads, 'invite.svg'), 'utf8'), 'one')
  assert.equal(readFileSync(join(downloads, 'invite (2).svg'), 'utf8'), 'two')
  assert.equal(existsSync(join(downloads, '..', 'invite.svg')), false)
})

test('answers given beforehand are taken in order', async (t) => {
  const path = folder(t)
  const dialogs = presetDialogs({ downloads: path, picks: [join(path, 'a.svg'), join(path, 'b.svg')], hasDialogs: false })
  for (const content of ['1', '2', '3']) await dialogs.saveFile({ name: 'c.svg', content })
  assert.deepEqual(['a.svg', 'b.svg', 'c.svg'].map((name) => readFileSync(join(path, name), 'utf8')), ['1', '2', '3'])
})

test('every dialog takes the next answer, as whole paths; only the one for files takes it apart', async (t) => {
  const path = folder(t)
  const several = ['/a/1.txt', 'here.txt'].join(delimiter)
  const dialogs = presetDialogs({ downloads: path, picks: [several, several, join(path, 'new/x.txt'), '/b'], hasDialogs: false })
  assert.deepEqual(await dialogs.pickFiles(), [resolve('/a/1.txt'), resolve('here.txt')])
  assert.equal(await dialogs.pickFolder(), resolve(several))
  assert.equal(await dialogs.pickSave('y.txt'), join(path, 'new/x.txt'))
  assert.ok(existsSync(join(path, 'new')))
  assert.deepEqual(await dialogs.pickFiles(), [resolve('/b')])
})

test('without an answer left a dialog is put off where there are dialogs, and else the window is to ask', async (t) => {
  const downloads = folder(t)
  const none = presetDialogs({ downloads, picks: [], hasDialogs: false })
  assert.deepEqual([await none.pickFiles(), await none.pickFolder()], [undefined, undefined])
  const quiet = presetDialogs({ downloads, picks: [], hasDialogs: true })
  assert.deepEqual([await quiet.pickFiles(), await quiet.pickFolder()], [[], null])
})

test('without an answer a file is saved in the downloads, made when needed, under the first free name', async (t) => {
  const downloads = join(folder(t), 'new')
  const { pickSave } = presetDialogs({ downloads, picks: [], hasDialogs: false })
  assert.equal(await pickSave('.a\u202eb.txt'), join(downloads, '.a\u202eb.txt'), 'the name as given')
  writeFileSync(join(downloads, 'x.txt'), '')
  symlinkSync('/nowhere', join(downloads, 'x (2).txt'))
  assert.equal(await pickSave('x.txt'), join(downloads, 'x (3).txt'))
  assert.equal(await pickSave('../../x.txt'), join(downloads, 'x (3).txt'), 'nowhere else')
})
