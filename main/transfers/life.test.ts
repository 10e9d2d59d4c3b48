import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ben, chen, scene } from './scene.suite.ts'

/** What happens to transfers beside their bytes. */

test('[T1] the download limit is for all files together: what begins at the same time shares it', async (t) => {
  const it = scene(t, { limits: () => ({ up: 0, down: 900_000 }) })
  for (const ik of [ben, chen]) it.up.add(ik)
  await Promise.all([it.offer(ben, {}), it.offer(ben, {}), it.offer(chen, {})].map((id) => it.transfers.accept(id)))
  await it.settle()
  const rates = it.said.filter((one) => one.t === 'file.accept').map((one) => (one as { rate?: number }).rate)
  assert.deepEqual(rates, [300_000, 300_000, 300_000])
})
