import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transfer, TransferState, Verdict } from '../../protocol/app/views.ts'
import { actionsOf } from './actions.ts'

const transfer = (state: TransferState, rest: Partial<Transfer> = {}) => ({ id: 'x', mine: false, isRisky: false, canOfferAgain: true, state, ...rest }) as Transfer
const arrived = (verdict: Verdict, saved = false): TransferState => ({ at: 'arrived', verdict, ...(saved && { saved: { name: 'x', folder: 'Downloads' } }) })
const infected: Verdict = { is: 'infected', name: 'Eicar' }
const verdicts: Verdict[] = [{ is: 'clean' }, infected, { is: 'partly', why: 'password' }, { is: 'unscanned', why: 'none' }]

const table: readonly (readonly [string, Transfer, string])[] = [
  ['an offer', transfer({ at: 'asking', free: 1, tooBigToScan: false }), 'reject accept | always'],
  ['an offer of a program', transfer({ at: 'asking', free: 1, tooBigToScan: false }, { isRisky: true }), 'reject accept |'],
  ['one that moves', transfer({ at: 'moving', done: 1, rate: 1 }), 'pause cancel |'],
  ['paused by me', transfer({ at: 'paused', done: 1, why: 'me' }), 'resume cancel |'],
  ['paused by them', transfer({ at: 'paused', done: 1, why: 'them' }), 'cancel |'],
  ['clean', transfer(arrived({ is: 'clean' })), 'show open | save delete'],
  ['not scanned', transfer(arrived({ is: 'unscanned', why: 'none' })), 'open-step | show-step save-step set-up-scanner delete'],
  ['not scanned, and saved', transfer(arrived({ is: 'unscanned', why: 'too-big' }, true)), 'show open-step | save-step delete'],
  ['not fully checked', transfer(arrived({ is: 'partly', why: 'password' })), 'open-step | show-step save-step delete'],
  ['infected', transfer(arrived(infected)), 'tell delete |'],
  ['damaged', transfer({ at: 'damaged' }), 'ask-again | delete'],
  ['mine, rejected', transfer({ at: 'ended', why: 'rejected' }, { mine: true }), 'offer-again |'],
  ['mine, changed', transfer({ at: 'ended', why: 'changed' }, { mine: true }), 'offer-new |'],
  ['mine, gone from its place', transfer({ at: 'ended', why: 'missing' }, { mine: true }), 'find |'],
  ['mine, rejected, and a folder or a copy that is gone', transfer({ at: 'ended', why: 'rejected' }, { mine: true, canOfferAgain: false }), '|'],
  ['theirs, ended', transfer({ at: 'ended', why: 'cancelled' }), '|'],
]
for (const [what, of, expected] of table) {
  test(`what can be done: ${what}`, () => {
    const { buttons, more } = actionsOf(of, true)
    assert.equal(`${buttons.join(' ')} | ${more.join(' ')}`.trim(), expected)
  })
}

test('[FI12] what can run programs is never opened, whatever the scanner says and the host can', () => {
  for (const verdict of verdicts) for (const saved of [false, true]) for (const openFiles of [false, true]) {
    const { buttons, more } = actionsOf(transfer(arrived(verdict, saved), { isRisky: true }), openFiles)
    assert.deepEqual([...buttons, ...more].filter((act) => act.startsWith('open')), [])
  }
})
test('[FI13] an infected file has no way out of the vault', () => {
  for (const isRisky of [false, true]) for (const openFiles of [false, true]) {
    const { buttons, more } = actionsOf(transfer(arrived(infected), { isRisky }), openFiles)
    assert.deepEqual([...buttons, ...more], ['tell', 'delete'])
  }
})
test('[FI13] without a full check every way out takes a second step, until it is out', () => {
  for (const verdict of verdicts.filter(({ is }) => is === 'partly' || is === 'unscanned')) for (const openFiles of [false, true]) {
    const { buttons, more } = actionsOf(transfer(arrived(verdict)), openFiles)
    assert.deepEqual([...buttons, ...more].filter((act) => ['open', 'show', 'save'].includes(act)), [])
  }
})
test('where the host can’t open files, nothing promises it', () => {
  for (const verdict of verdicts) {
    const { buttons, more } = actionsOf(transfer(arrived(verdict, true)), false)
    assert.deepEqual([...buttons, ...more].filter((act) => /open|show/.test(act)), [])
  }
})
