import assert from 'node:assert/strict'
import { test } from 'node:test'
import { handleFrom, handleProblem } from './handle.ts'

const made: readonly (readonly [name: string, handle: string])[] = [
  ['Ada', 'ada'], ['Ada Lovelace', 'ada.lovelace'], ['  Tomás Núñez ', 'tomas.nunez'], ['Groß', 'gross'], ['سارة', ''], ['_x_', 'x'], ['A'.repeat(40), 'a'.repeat(32)],
]
for (const [name, handle] of made) test(`a handle from ${JSON.stringify(name)}`, () => assert.equal(handleFrom(name), handle))

const problems: readonly (readonly [handle: string, problem: ReturnType<typeof handleProblem>])[] = [
  ['ada', undefined], ['a.b-c_d', undefined], ['ab', 'handle.length'], ['', 'handle.length'], ['a'.repeat(33), 'handle.length'], ['Ada', 'handle.letters'], ['ada!', 'handle.letters'], ['.ada', 'handle.letters'], ['ada-', 'handle.letters'],
]
for (const [handle, problem] of problems) test(`what is wrong with ${JSON.stringify(handle)}`, () => assert.equal(handleProblem(handle), problem))
