import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { random } from '../testing/core.ts'
import { ben, scene, sumsOf } from './scene.suite.ts'

/** Files that come, with a test in the place of the buddies. */

describe('that it is here', () => {
  const file = random(200_000)
  const { root } = sumsOf(file)

  test('[T6] is said on the next link where none is up as the root comes, and once more is no harm', async (t) => {
    const one = scene(t)
    const id = one.offer(ben, { fid: 'film', size: file.length })
    one.up.add(ben)
    await one.transfers.accept(id)
    await one.settle()
    await one.serve('film', file)
    assert.equal(one.book.get(id)!.stage.at, 'wanted')
    one.up.delete(ben)
    one.transfers.linkDown(ben)
    one.offer(ben, { fid: 'film', size: file.length, root })
    await one.settle()
    assert.equal(one.book.get(id)!.stage.at, 'arrived')
    assert.deepEqual(one.said.filter(({ t }) => t === 'file.done'), [])
    for (let links = 0; links < 2; links++) {
      one.up.add(ben)
      one.transfers.linkUp(ben)
    }
    assert.deepEqual(one.said.filter(({ t }) => t === 'file.done'), [{ to: ben, t: 'file.done', fid: 'film', root }])
  })
})
