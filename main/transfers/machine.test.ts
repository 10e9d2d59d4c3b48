import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Happening, type Stage, step } from './machine.ts'

const offered: Stage = { at: 'offered' }
const wanted: Stage = { at: 'wanted', pausedByMe: false, pausedByThem: false, isFull: false }
const scanning: Stage = { at: 'scanning' }
const arrived: Stage = { at: 'arrived', verdict: { is: 'clean' } }
const damaged: Stage = { at: 'damaged' }
const sent: Stage = { at: 'sent' }
const ended: Stage = { at: 'ended', why: 'rejected' }
const told = (t: 'file.reject' | 'file.stop', why: 'user' | 'space' | 'changed' | 'gone' | 'hash' | 'io' | 'policy'): Happening => ({ on: 'told', end: { t, why } })

const table: [name: string, stage: Stage, mine: boolean, happening: Happening, at: string, effects: string][] = [
  ['theirs is accepted', offered, false, { on: 'accept' }, 'wanted', 'start'],
  ['theirs is rejected', offered, false, { on: 'reject' }, 'ended rejected-by-me', 'stop, tell, drop'],
  ['mine can’t be rejected by me', offered, true, { on: 'reject' }, '-', ''],
  ['an offer ends', offered, false, { on: 'expire' }, 'ended expired', 'stop, drop'],
  ['theirs is cancelled', wanted, false, { on: 'cancel' }, 'ended cancelled-by-me', 'stop, tell, drop'],
  ['mine is cancelled', wanted, true, { on: 'cancel' }, 'ended cancelled-by-me', 'stop, tell, drop'],
  ['they reject', offered, true, told('file.reject', 'user'), 'ended rejected', 'stop, drop'],
  ['they have no room', offered, true, told('file.reject', 'space'), 'ended no-space', 'stop, drop'],
  ['they cancel', wanted, true, told('file.stop', 'user'), 'ended cancelled', 'stop, drop'],
  ['their file changed', wanted, false, told('file.stop', 'changed'), 'ended changed', 'stop, drop'],
  ['their share is over', wanted, false, told('file.stop', 'gone'), 'ended gone', 'stop, drop'],
  ['it arrived damaged there: theirs to ask again', wanted, true, told('file.stop', 'hash'), 'offered', 'stop'],
  ['I pause', wanted, false, { on: 'pause', by: 'me', is: true }, 'wanted', 'tell-pause, stop'],
  ['I resume what I paused', { ...wanted, pausedByMe: true }, false, { on: 'pause', by: 'me', is: false }, 'wanted', 'tell-pause, start'],
  ['I resume, and they have paused too', { ...wanted, pausedByMe: true, pausedByThem: true }, false, { on: 'pause', by: 'me', is: false }, 'wanted', 'tell-pause, stop'],
  ['they pause', wanted, false, { on: 'pause', by: 'them', is: true }, 'wanted', 'stop'],
  ['the disk is full', wanted, false, { on: 'full', is: true }, 'wanted', 'stop'],
  ['there is room again', { ...wanted, isFull: true }, false, { on: 'full', is: false }, 'wanted', 'start'],
  ['it is full already', { ...wanted, isFull: true }, false, { on: 'full', is: true }, '-', ''],
  ['my file changed', wanted, true, { on: 'source', why: 'changed' }, 'ended changed', 'stop, tell, drop'],
  ['my file is gone before they answer', offered, true, { on: 'source', why: 'missing' }, 'ended missing', 'stop, tell, drop'],
  ['theirs is whole', wanted, false, { on: 'complete' }, 'scanning', 'stop, tell-done, scan'],
  ['mine is there', wanted, true, { on: 'complete' }, 'sent', 'stop, drop'],
  ['nothing is complete before it was accepted', offered, true, { on: 'complete' }, '-', ''],
  ['theirs is damaged', wanted, false, { on: 'bad' }, 'damaged', 'stop, tell, reset'],
  ['asked for again', damaged, false, { on: 'again' }, 'wanted', 'start'],
  ['looked at', scanning, false, { on: 'verdict', verdict: { is: 'infected', name: 'x' } }, 'arrived', ''],
  ['looked at again', arrived, false, { on: 'verdict', verdict: { is: 'unscanned', why: 'none' } }, 'arrived', ''],
  ['saved', arrived, false, { on: 'saved', saved: { name: 'a', folder: 'b', path: '/b/a' } }, 'arrived', ''],
  ['saved before it was looked at', scanning, false, { on: 'saved', saved: { name: 'a', folder: 'b', path: '/b/a' } }, '-', ''],
  ...[scanning, arrived, sent, ended].flatMap((stage) => [
    [`${stage.at} is not accepted`, stage, false, { on: 'accept' }, '-', ''],
    [`${stage.at} is not cancelled`, stage, false, { on: 'cancel' }, '-', ''],
    [`${stage.at} hears nothing more`, stage, false, told('file.stop', 'user'), '-', ''],
    [`${stage.at} does not end by time`, stage, false, { on: 'expire' }, '-', ''],
  ] as typeof table),
]

for (const [name, stage, mine, happening, at, effects] of table) {
  test(`[T7] ${name}`, () => {
    const next = step(stage, happening, mine)
    const said = next === undefined ? '-' : next.stage.at === 'ended' ? `ended ${next.stage.why}` : next.stage.at
    assert.equal(said, at)
    assert.equal(next?.effects.map((effect) => effect.do).join(', ') ?? '', effects)
  })
}

test('[T7] only who paused resumes', () => {
  const both = step({ ...wanted, pausedByMe: true }, { on: 'pause', by: 'them', is: true }, false)!.stage
  assert.deepEqual(both, { at: 'wanted', pausedByMe: true, pausedByThem: true, isFull: false })
  const mineOver = step(both, { on: 'pause', by: 'me', is: false }, false)!.stage
  assert.deepEqual(mineOver, { at: 'wanted', pausedByMe: false, pausedByThem: true, isFull: false })
})
