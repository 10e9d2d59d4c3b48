import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sid } from '../../protocol/ids.ts'
import { coolFor, lifeOf, type LinkEvent, type LinkState, step } from './machine.ts'

const sid = 'mine' as Sid
const theirs = 'theirs' as Sid
const now = { now: 1_000_000, fraction: 0.5 }
const none: LinkState = { at: 'none', tries: 0 }
const offering: LinkState = { at: 'offering', sid, tries: 0 }
const answering: LinkState = { at: 'answering', sid, role: 'r', tries: 0 }
const connecting: LinkState = { at: 'connecting', sid, role: 'i', tries: 0 }
const proving: LinkState = { at: 'proving', sid, role: 'i', tries: 0 }
const up: LinkState = { at: 'up', sid, role: 'i' }
const alarm: LinkState = { at: 'alarm' }
const cool: LinkState = { at: 'cool', tries: 2, until: 2_000_000 }

/** The table of section 5.3, line by line: state, event, next state, effects. */
const table: [rule: string, from: LinkState, event: LinkEvent, to: LinkState['at'], effects: string[]][] = [
  ['wanted', none, { on: 'wanted', sid, byUser: false }, 'offering', ['offer']],
  ['wanted while it is up changes nothing', up, { on: 'wanted', sid: theirs, byUser: true }, 'up', []],
  ['wanted by a program waits for the cooling', cool, { on: 'wanted', sid, byUser: false }, 'cool', []],
  ['wanted by the user does not', cool, { on: 'wanted', sid, byUser: true }, 'offering', ['offer']],
  ['an answer', offering, { on: 'answer', sid }, 'connecting', []],
  ['an answer of another attempt', offering, { on: 'answer', sid: theirs }, 'offering', []],
  ['an offer while I have none', none, { on: 'offer', sid: theirs, mineIsLarger: false }, 'answering', ['answer']],
  ['glare: the larger key gives way', offering, { on: 'offer', sid: theirs, mineIsLarger: true }, 'answering', ['close', 'answer']],
  ['glare: the smaller stays', offering, { on: 'offer', sid: theirs, mineIsLarger: false }, 'offering', ['end']],
  ['glare again: mine was lost, theirs is answered', { ...offering, isTied: true }, { on: 'offer', sid: theirs, mineIsLarger: false }, 'answering', ['close', 'answer']],
  ['their presence turns off before they answer', offering, { on: 'gone' }, 'none', ['close']],
  ['their presence turns off before it is proved', proving, { on: 'gone' }, 'none', ['close']],
  ['a link that is up knows better than presence', up, { on: 'gone' }, 'up', []],
  ['while it cools presence changes nothing', cool, { on: 'gone' }, 'cool', []],
  ['an offer in time of another link replaces it', up, { on: 'offer', sid: theirs, mineIsLarger: false }, 'answering', ['close', 'announce-down', 'answer']],
  ['an offer after an alarm', alarm, { on: 'offer', sid: theirs, mineIsLarger: false }, 'alarm', []],
  ['answered', answering, { on: 'answered', sid }, 'connecting', []],
  ['the channel opens', connecting, { on: 'open', sid }, 'proving', ['prove']],
  ['the channel opens before the server confirmed the answer', answering, { on: 'open', sid }, 'proving', ['prove']],
  ['both verified', proving, { on: 'verified', sid }, 'up', ['announce-up']],
  ['[L14] a mismatch', proving, { on: 'mismatch', sid }, 'alarm', ['close', 'alarm']],
  ['an ended offer', offering, { on: 'ended', sid }, 'cool', ['close']],
  ['no answer in time', offering, { on: 'timeout' }, 'cool', ['close', 'end']],
  ['no connection in time', connecting, { on: 'timeout' }, 'cool', ['close']],
  ['no proof in time', proving, { on: 'timeout' }, 'cool', ['close']],
  ['lost', up, { on: 'lost', sid }, 'cool', ['close', 'announce-down']],
  ['an attempt fails', connecting, { on: 'failed', sid }, 'cool', ['close']],
  ['what fails of its attempt afterwards does not end it', up, { on: 'failed', sid }, 'up', []],
  ['lost of an older link', up, { on: 'lost', sid: theirs }, 'up', []],
  ['idle', up, { on: 'idle' }, 'none', ['bye', 'close', 'announce-down']],
  ['their bye', up, { on: 'bye' }, 'none', ['close', 'announce-down']],
  ['signed off while up says bye', up, { on: 'stop', why: 'off' }, 'none', ['bye', 'close', 'announce-down']],
  ['signed off before that only closes', proving, { on: 'stop', why: 'off' }, 'none', ['close']],
  ['cooled', cool, { on: 'cooled' }, 'none', []],
  ['[L14] only the user retries after an alarm', alarm, { on: 'retry' }, 'none', []],
  ['an alarm outlives a change of mode', alarm, { on: 'stop', why: 'change' }, 'alarm', []],
]

for (const [rule, from, event, to, effects] of table) {
  test(`[L15] ${from.at}: ${rule}`, () => {
    const result = step(from, event, now)
    assert.equal(result.state.at, to)
    assert.deepEqual(result.effects.map((effect) => effect.do), effects)
  })
}

test('[L15] tries cool longer and longer, with spread', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 9].map((tries) => coolFor(tries, 0.5)), [600, 5_000, 15_000, 60_000, 300_000, 300_000])
  assert.deepEqual([coolFor(0, 0), coolFor(0, 1)], [200, 1_000])
})

test('[L15] each waiting state ends by itself', () => {
  assert.deepEqual([none, offering, answering, connecting, proving, up, alarm].map(lifeOf), [undefined, 45_000, 10_000, 20_000, 10_000, undefined, undefined])
})
