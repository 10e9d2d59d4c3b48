import assert from 'node:assert/strict'
import { test } from 'node:test'
import { viewOfLink } from './view.ts'

test('[L14] a link that was with somebody else says so, and not that direct is impossible', () => {
  assert.deepEqual(viewOfLink({ at: 'alarm' }, undefined, 3), { at: 'alarm' })
  assert.deepEqual(viewOfLink({ at: 'none', tries: 0 }, undefined, 2), { at: 'server-for-now' })
})
