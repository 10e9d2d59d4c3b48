import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ik } from '../../protocol/ids.ts'
import type { Buddy } from '../roster/roster.ts'
import { createReceive } from './receive.ts'

const ben = 'ben' as Ik

test('[G5] a rev that is told with two modes counts for nothing any more, until there is a later one', () => {
  let buddy = { ik: ben, theirs: null } as unknown as Buddy
  const receive = createReceive({
    clock: { now: () => 0, after: () => () => undefined },
    roster: { get: () => buddy, change: (_: Ik, changes: Partial<Buddy>) => (buddy = { ...buddy, ...changes }) },
    conversations: { nextPos: () => 1 }, items: { addLine: () => undefined }, newId: () => 'id',
  } as never)
  const seen = (mode: 'off' | 'disk', rev: number) => {
    receive.logState(ben, { mode, rev, since: 1 })
    return buddy.theirs?.mode
  }
  assert.deepEqual([seen('off', 3), seen('disk', 3), seen('off', 3), seen('off', 2), seen('off', 4)], ['off', undefined, undefined, undefined, 'off'])
})
