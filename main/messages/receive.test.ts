import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ik } from '../../protocol/ids.ts'
import type { ChatItem } from '../../protocol/app/views.ts'
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

test('[W23] what a buddy says will never come can be asked for no more', () => {
  const line = { what: 'missing', dev: 'dev', from: 3, to: 3, mayAsk: true } as const
  const items = new Map<string, ChatItem>([['missing:dev:3', { kind: 'line', id: 'missing:dev:3', pos: 7, at: 1, line } as unknown as ChatItem]])
  const receive = createReceive({
    clock: { now: () => 0 }, numbers: { takeVoid: () => true },
    items: {
      get: (_: string, id: string) => items.get(id),
      addLine: (_: string, id: string, now: object, pos: number, at: number) => void items.set(id, { kind: 'line', id, pos, at, line: now } as never),
    },
  } as never)
  receive.notice({ ik: ben, c: 'c' } as never, 'dev' as never, { t: 'void', c: 'c', from: 3, to: 3, h: 'h' } as never)
  assert.deepEqual(items.get('missing:dev:3'), { kind: 'line', id: 'missing:dev:3', pos: 7, at: 1, line: { ...line, mayAsk: false } })
})
