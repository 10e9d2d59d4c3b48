import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndReason, FileType, Transfer, TransferState, Verdict } from '../../protocol/app/views.ts'
import { fileSays, nameSaid } from './says.ts'

const MB = 1_000_000
const GB = 1_000 * MB
const transfer = (state: TransferState, rest: Partial<Transfer> = {}) => ({
  id: 'x', mine: false, name: 'film.mov', ending: '.mov', type: 'video', isRisky: false, size: 3 * GB, stateAt: new Date(2026, 10, 23, 9, 13).getTime(), state, fetched: false, ...rest,
}) as Transfer
const arrived = (verdict: Verdict, saved = false): TransferState => ({ at: 'arrived', verdict, ...(saved && { saved: { name: 'film.mov', folder: 'Downloads' } }) })
const line = (of: Transfer, isInChat = false) => {
  const { lead, rest, isSentence } = fileSays(of, 'Ben', isInChat)
  return [...(lead ? [lead] : []), ...rest].map(nameSaid).join(isSentence ? ' ' : ' · ')
}
const mine = { mine: true }
const ask = { free: 41 * GB, tooBigToScan: false }

const table: readonly (readonly [Transfer, string, string])[] = [
  [transfer({ at: 'asking', ...ask }, { size: 12 * MB, type: 'zip' }), 'Asking you', 'Ben wants to send 12 MB. ZIP archive: several files in one.'],
  [transfer({ at: 'asking', free: 41 * GB, tooBigToScan: true }), 'Asking you', 'Ben wants to send 3.0 GB. Video. You have 41 GB free. Too big to be scanned.'],
  [transfer({ at: 'asking', free: 1.1 * GB, needs: 1.9 * GB, tooBigToScan: false }), 'Asking you', 'Ben wants to send 3.0 GB. Video. Needs 3.0 GB, 1.1 GB is free.'],
  [transfer({ at: 'asking', ...ask }, { size: 80_000, type: 'macro-document' }), 'Asking you', 'Ben wants to send 80 kB. Word file that can run programs.'],
  [transfer({ at: 'asking', ...ask }, { size: MB, type: 'folder', files: { all: 3, done: 0 } }), 'Asking you', 'Ben wants to send a folder: 3 files, 1.0 MB.'],
  [transfer({ at: 'offered' }, mine), 'Offered to Ben', "Offered to Ben · waiting for Ben's answer · 3.0 GB"],
  [transfer({ at: 'waiting' }, mine), 'Waiting here', 'Waiting here for Ben. Goes out when you are both online; keep the file where it is.'],
  [transfer({ at: 'moving', done: 1.24 * GB, rate: 6.2 * MB, left: 283 }), 'Receiving, 41 percent', 'From Ben · 1.2 of 3.0 GB · 6.2 MB/s · 5 min left'],
  [transfer({ at: 'moving', done: 0, rate: 0 }, mine), 'Sending, 0 percent', 'To Ben · 0.0 of 3.0 GB'],
  [transfer({ at: 'paused', done: 0, why: 'them' }), 'Paused', 'Paused · by Ben'],
  [transfer({ at: 'paused', done: 0, why: 'disk-full', free: 1.2 * GB }), 'Paused', 'Paused: the disk is full. Free 1.2 GB and it goes on by itself.'],
  [transfer({ at: 'paused', done: 0, why: 'unwritable' }), 'Paused', "Paused · it can't be written to this disk"],
  [transfer({ at: 'checking' }), 'Checking', 'Checking · is every byte there? · from Ben · 3.0 GB'],
  [transfer({ at: 'scanning' }), 'Scanning…', 'Scanning… · from Ben · 3.0 GB'],
  [transfer(arrived({ is: 'clean' })), 'No known threat', 'No known threat · from Ben · 3.0 GB'],
  [transfer(arrived({ is: 'clean' }, true)), 'No known threat', 'No known threat · In Downloads · from Ben · 3.0 GB'],
  [transfer(arrived({ is: 'partly', why: 'password' })), 'Not fully checked', 'Not fully checked · part of it needs a password · from Ben · 3.0 GB'],
  [transfer(arrived({ is: 'unscanned', why: 'none' })), 'Not scanned', 'Not scanned · no scanner on this computer · from Ben · 3.0 GB'],
  [transfer(arrived({ is: 'clean' }), { isRisky: true, type: 'macro-document' }), 'Can run programs', 'Can run programs · Word file with macros · no known threat · from Ben · 3.0 GB'],
  [transfer(arrived({ is: 'infected', name: 'Eicar' }), { isRisky: true }), 'Infected: Eicar', "Infected: Eicar · locked away, it can't do anything · from Ben"],
  [transfer(arrived({ is: 'clean' }), { type: 'folder', size: MB, files: { all: 6, done: 2 } }), 'No known threat', 'No known threat · 2 of 6 files arrived · from Ben · 6 files, 1.0 MB'],
  [transfer(arrived({ is: 'clean' }), { type: 'folder', size: MB, files: { all: 6, done: 6 } }), 'No known threat', 'No known threat · from Ben · 6 files, 1.0 MB'],
  [transfer({ at: 'damaged' }), 'Arrived damaged', 'Arrived damaged · it is not what Ben offered'],
  [transfer({ at: 'sent' }, mine), 'Ben has it', 'Ben has it · 3.0 GB · 09:13'],
  [transfer({ at: 'ended', why: 'rejected' }, mine), 'Rejected', 'Rejected · by Ben'],
  [transfer({ at: 'ended', why: 'cancelled' }), 'Cancelled by Ben', 'Cancelled by Ben'],
  [transfer({ at: 'ended', why: 'expired' }, mine), 'Ended after 7 days', "Ended after 7 days · Ben didn't answer for 7 days"],
  [transfer({ at: 'ended', why: 'gone' }, { fetched: true }), 'Ended', 'Ended · Ben stopped sharing this folder'],
  [transfer({ at: 'ended', why: 'not-allowed' }), 'Not allowed', "Not allowed · files of this kind aren't allowed"],
]
for (const [of, name, words] of table) {
  test(`a file says: ${words}`, () => assert.deepEqual([nameSaid(fileSays(of, 'Ben').name), line(of)], [name, words.replace('09:13', line(of).match(/\d+:\d\d/)?.[0] ?? '')]))
}

test('in a chat it is plain whose it is, and its size stands first', () => assert.equal(line(transfer(arrived({ is: 'clean' })), true), 'No known threat'))
test('the bar is told in words', () => assert.deepEqual(fileSays(transfer({ at: 'moving', done: 1.24 * GB, rate: 1, left: 283 }), 'Ben').bar, { percent: 41, isPaused: false, text: '41 percent, 5 minutes left' }))

const ends: EndReason[] = ['rejected', 'rejected-by-me', 'cancelled', 'cancelled-by-me', 'expired', 'changed', 'missing', 'gone', 'no-space', 'not-allowed', 'unreadable', 'key-changed', 'deleted']
const types: FileType[] = ['folder', 'image', 'contact', 'windows-program', 'library', 'script', 'unknown', 'settings-file', 'active-document']
test('[FI13] nothing is ever said to be safe', () => {
  const states: TransferState[] = [
    ...(['clean'] as const).map((is) => arrived({ is })), ...(['password', 'too-many', 'stopped'] as const).map((why) => arrived({ is: 'partly', why })),
    ...(['none', 'too-big', 'no-answer'] as const).map((why) => arrived({ is: 'unscanned', why })), ...ends.map((why): TransferState => ({ at: 'ended', why })),
  ]
  for (const state of states) for (const type of types) for (const isRisky of [false, true]) for (const from of [false, true]) {
    const of = transfer(state, { type, isRisky, mine: from })
    const { tip } = fileSays(of, 'Ben')
    assert.doesNotMatch(`${line(of)} ${tip ? nameSaid(tip) : ''}`, /\bsafe|secure|harmless|trusted|\{/i)
  }
})
