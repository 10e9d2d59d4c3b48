import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selfTest } from './self-test.ts'

test('[I20] the primitives of this runtime hold against fixed vectors', async () => {
  assert.deepEqual(await selfTest(), { ok: true, kem: 'webcrypto' })
})
