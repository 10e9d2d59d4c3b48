import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { B64, Ik } from '../../protocol/ids.ts'
import { ROOM_LEFT } from '../../protocol/limits.ts'
import type { Transfer } from './book.ts'
import { viewOf, type ViewDeps } from './view.ts'

const ada = 'ada' as Ik
const row = (rest: Partial<Transfer>) => ({
  id: 'file', ik: ada, mine: false, stage: { at: 'wanted', pausedByMe: false, pausedByThem: false, isFull: false }, at: 0, stateAt: 0, name: 'a.txt', size: 100, root: null, ...rest,
}) as Transfer
const folder = row({ id: 'folder', name: 'boats', folder: { share: 's' as B64, dir: 'd', once: false, files: 2, bytes: 100, isListed: true } })

function deps(children: Transfer[], active: string[] = []) {
  return {
    book: { childrenOf: () => children, bytesHere: () => 0 },
    incoming: { isActive: (id: string) => active.includes(id), isChecking: () => false, isUnwritable: () => false, waitsForQuota: () => false },
    folders: { progress: () => ({ done: 40, files: 1 }) }, speed: { of: () => 0 }, buddy: () => undefined, isUp: () => true, isOnline: () => true,
    judge: () => ({ type: 'text', isRisky: false }), endingOf: () => '', isRisky: () => false, room: () => ROOM_LEFT, now: () => 0,
    given: () => ({ done: 0, files: 0 }),
  } as unknown as ViewDeps
}
const stateWith = (...of: Parameters<typeof deps>) => viewOf(folder, deps(...of)).state

test('a file of mine can be offered again; a folder, a copy of ours and what is theirs can not', () => {
  const source = { path: '/a.txt', size: 100, mtime: 0, staged: false }
  const rows = [row({ mine: true, source }), row({ mine: true, source: { ...source, staged: true } }), row({ mine: true, folder: folder.folder! }), row({})]
  const ended = rows.map((one) => viewOf({ ...one, stage: { at: 'ended', why: 'rejected' } }, deps([])).canOfferAgain)
  assert.deepEqual(ended, [true, false, false, false])
})

const full = row({ id: 'full', parent: 'folder', stage: { at: 'wanted', pausedByMe: false, pausedByThem: false, isFull: true } })

test('a folder whose files wait for room on the disk says so, and how much; not while another of them comes', () => {
  assert.deepEqual(stateWith([full]), { at: 'paused', done: 40, why: 'disk-full', free: 60 })
  assert.equal(stateWith([full, row({ id: 'other' })], ['other']).at, 'moving')
})
