import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import type { Address, DevId, Dk, Ik } from '../../protocol/ids.ts'
import { createKeyring } from '../envelopes/keyring.ts'
import { signerOf } from '../identity/crypto.ts'
import { makeCert, makeRecord, readRecord } from '../identity/records.ts'
import { createChance } from '../random.ts'
import { createRoster, type Roster } from '../roster/roster.ts'
import { random } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import { createConversations } from './conversations.ts'
import { createItems, type Items } from './items.ts'
import { createMoving, type Moving } from './moving.ts'
import { createOutbox, type Outbox } from './outbox.ts'

let here: ReturnType<typeof testStore>
let roster: Roster
let items: Items
let outbox: Outbox
let moving: Moving
const me = signerOf(randomBytes(32)).pub as Ik

beforeEach(() => {
  here = testStore()
  const { store } = here
  const now = () => here.clock.now
  const chance = createChance(random)
  roster = createRoster({ store, chance, now, myIk: () => me, onChange: () => undefined })
  const conversations = createConversations({ store })
  items = createItems({ store, transfer: () => undefined, onItem: () => undefined, onGone: () => undefined, onCleared: () => undefined })
  outbox = createOutbox({ store, chance, conversations, now })
  moving = createMoving({ store, now, chance, roster, keyring: createKeyring({ store, chance, now }), conversations, items, outbox, write: () => assert.fail('of new devices only') })
})
afterEach(() => here.store.close())

function somebody(state: 'accepted' | 'asked') {
  const ik = signerOf(randomBytes(32))
  const cert = makeCert(ik, { dev: randomBytes(16).toString('base64url') as DevId, dk: signerOf(randomBytes(32)).pub as Dk, seq: 1, iat: 1 })
  const read = readRecord(makeRecord(ik, { addr: 'ben@chat.example' as Address, seq: 1, iat: 1, cert }))
  assert.ok(read.ok)
  return roster.add(read.value, { name: 'Ben', state })
}

/** Ben's key changed while these waited; he is known by the new one. */
function changed(texts: { text: string; keep: boolean }[]) {
  return here.store.write(() => {
    const before = somebody('accepted')
    for (const { text, keep } of texts) outbox.number(before, { t: 'msg', text, fmt: 'plain' }, keep)
    const after = somebody('asked')
    moving.toNewKey(before, after)
    assert.deepEqual(outbox.open(before.c), [], 'nothing is left for the old key')
    return after
  })
}

test('[I7] what waited goes to the new key once it is accepted, in order and once', () => {
  const ben = changed([{ text: 'one', keep: true }, { text: 'not kept', keep: false }, { text: 'two', keep: true }])
  assert.equal(moving.countWaiting(ben), 2)
  assert.deepEqual(moving.takeWaiting(ben), ['one', 'two'])
  assert.deepEqual([moving.countWaiting(ben), moving.takeWaiting(ben)], [0, []])
})

test('[I7] a person may decide that it never goes', () => {
  const ben = changed([{ text: 'one', keep: true }])
  moving.dropWaiting(ben)
  assert.equal(moving.countWaiting(ben), 0)
  assert.deepEqual(moving.takeWaiting(ben), [])
})
