import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountOf, amountText, listed, percent, roundSize, size, sizeOf, speed, timeLeft, timeLeftSaid } from './amounts.ts'

const kB = 1_000
const MB = 1_000 * kB
const GB = 1_000 * MB

for (const [bytes, words] of [
  [0, '0 bytes'], [1, '1 byte'], [999, '999 bytes'], [1_000, '1.0 kB'], [80 * kB, '80 kB'], [999_600, '1.0 MB'], [2.1 * MB, '2.1 MB'], [9.96 * MB, '10 MB'],
  [12 * MB, '12 MB'], [214 * MB, '214 MB'], [1.9 * GB, '1.9 GB'], [3 * GB, '3.0 GB'], [2 ** 40, '1.1 TB'], [5_000 * 1_000 * GB, '5,000 TB'],
] as const) test(`${bytes} bytes are ${words}`, () => assert.equal(size(bytes), words))

test('a part is told in the unit of the whole', () => {
  assert.equal(sizeOf(1.2 * GB, 3 * GB), '1.2 of 3.0 GB')
  assert.equal(sizeOf(40 * MB, 3 * GB), '0.0 of 3.0 GB')
  assert.equal(sizeOf(9 * GB, 3 * GB), '3.0 of 3.0 GB')
})
test('a limit is a round number where it is one', () => assert.deepEqual([2 * GB, 50 * MB, 2 ** 20, 1.5 * GB, 7].map(roundSize), ['2 GB', '50 MB', '1 MB', '1.5 GB', '7 bytes']))
test('a speed is a size a second', () => assert.equal(speed(6.2 * MB), '6.2 MB/s'))

test('a hundred percent is all of it', () => {
  assert.deepEqual([percent(0, 10), percent(9_999, 10_000), percent(10, 10), percent(0, 0), percent(12, 10)], [0, 99, 100, 100, 100])
})

for (const [seconds, words, said] of [
  [1, '5 s left', '5 seconds left'], [12, '15 s left', '15 seconds left'], [55, '1 min left', '1 minute left'], [290, '5 min left', '5 minutes left'],
  [3_590, '1 h left', '1 hour left'], [4_800, '1 h 20 min left', '1 hour 20 minutes left'], [7_000, '2 h left', '2 hours left'], [30 * 3_600, '1 day left', '1 day left'], [50 * 3_600, '2 days left', '2 days left'],
] as const) test(`${seconds} s: ${words}`, () => assert.deepEqual([timeLeft(seconds), timeLeftSaid(seconds)], [words, said]))

test('names are listed as one says them', () => assert.deepEqual([listed(['Ben']), listed(['Ben', 'Chen']), listed(['Ben', 'Chen', 'Dora'])], ['Ben', 'Ben and Chen', 'Ben, Chen and Dora']))

test('what is typed into a field for an amount', () => {
  assert.deepEqual(['2', '1,5', ' 0.25 ', '', '-1', 'much'].map((text) => amountOf(text, MB)), [2 * MB, 1.5 * MB, 0.25 * MB, undefined, undefined, undefined])
  assert.deepEqual([amountText(2 * GB, GB), amountText(1_048_576, MB), amountText(0, MB)], ['2', '1.05', '0'])
})
