import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transfer, TransferState } from '../../protocol/app/views.ts'
import { announcement, type Heard, heardOf } from './announce.ts'

const transfer = (state: TransferState, mine = false) => ({ id: 'x', mine, name: 'film.mov', ending: '.mov', type: 'video', isRisky: false, size: 100, stateAt: 0, state }) as Transfer
const moving = (done: number): TransferState => ({ at: 'moving', done, rate: 1 })
const free = { free: 1e12, tooBigToScan: false }

test('start, quarters and the end are said, and no percent between', () => {
  let heard: Heard | undefined
  const said: string[] = []
  const states: TransferState[] = [
    { at: 'asking', ...free }, { at: 'queued', done: 0 }, ...Array.from({ length: 100 }, (_, done) => moving(done)),
    { at: 'checking' }, { at: 'scanning' }, { at: 'arrived', verdict: { is: 'clean' } }, { at: 'arrived', verdict: { is: 'clean' }, saved: { name: 'x', folder: 'Downloads' } },
  ]
  for (const state of states) {
    const words = announcement(heard, transfer(state), 'Ben')
    heard = heardOf(transfer(state))
    if (words !== undefined) said.push(words)
  }
  assert.deepEqual(said, [
    'Ben wants to send film.mov, 100 bytes.', 'Receiving film.mov from Ben.', 'film.mov, 25 percent', 'film.mov, 50 percent', 'film.mov, 75 percent', 'film.mov, No known threat',
  ])
})

const before = heardOf(transfer(moving(30)))
for (const [what, state, words] of [
  ['a stop by them', { at: 'paused', done: 30, why: 'offline' }, 'film.mov, Paused, Ben is offline'],
  ['a full disk', { at: 'paused', done: 30, why: 'disk-full', free: 1_200_000_000 }, 'film.mov, Paused: the disk is full.'],
  ['a stop of one’s own', { at: 'paused', done: 30, why: 'me' }, undefined],
  ['an end by them', { at: 'ended', why: 'cancelled' }, 'film.mov, Cancelled by Ben'],
  ['an end of one’s own', { at: 'ended', why: 'cancelled-by-me' }, undefined],
  ['damage', { at: 'damaged' }, 'film.mov, Arrived damaged'],
  ['what the scanner found', { at: 'arrived', verdict: { is: 'infected', name: 'Eicar' } }, 'film.mov, Infected: Eicar'],
  ['the same once more', moving(31), undefined],
  ['going on', moving(55), 'film.mov, 50 percent'],
] as const satisfies readonly (readonly [string, TransferState, string | undefined])[]) {
  test(`after a while: ${what}`, () => assert.equal(announcement(before, transfer(state), 'Ben'), words))
}
test('the buddy has it', () => assert.equal(announcement(before, transfer({ at: 'sent' }, true), 'Ben'), 'film.mov, Ben has it'))
