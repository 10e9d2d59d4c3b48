import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Share } from '../../protocol/app/views.ts'
import { seenOf } from './seen.ts'

const share = (people: string[], once: boolean, at: 'on' | 'ended' = 'on') => ({ with: people, once, state: { at } }) as unknown as Share

test('[B7] what can be seen counts folders given in a chat, each person once, and nothing that is over', () => {
  assert.deepEqual(seenOf([share(['ben', 'chen'], false), share(['ben'], true), share(['dora'], false, 'ended')]), { folders: 2, people: 2, given: 1 })
  assert.deepEqual(seenOf([share(['ben'], true)]), { folders: 1, people: 1, given: 1 })
  assert.deepEqual(seenOf([]), { folders: 0, people: 0, given: 0 })
})
