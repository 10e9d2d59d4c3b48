import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { DevId, Ik, KeyId } from '../../protocol/ids.ts'
import { batchKeys } from '../../protocol/wire/identity.ts'
import { createChance } from '../random.ts'
import { random } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import { createKeyring, type Keyring } from './keyring.ts'

const DAY = 24 * 3_600_000
const FEAT = ['log1', 'mail1', 'msg1']
const ben = { ik: 'ben'.padEnd(43, 'A') as Ik, dev: 'b'.padEnd(22, 'A') as DevId }

let here: ReturnType<typeof testStore>
let keyring: Keyring
beforeEach(() => {
  here = testStore()
  keyring = createKeyring({ store: here.store, chance: createChance(random), now: () => here.clock.now })
})
afterEach(() => here.close())

const idsOf = (batch: { k: string; r: string }) => batchKeys(batch).map((key) => key.id)

test('[E4] the private halves of a batch are committed before it can leave, bound to buddy and device', () => {
  const batch = here.store.write(() => keyring.newestBatch(ben, FEAT))
  for (const { id, kind } of batchKeys(batch)) {
    const found = keyring.lookup(id)
    assert.equal(found.at, 'live')
    assert.deepEqual(found.at === 'live' && { kind: found.kind, owner: found.owner }, { kind, owner: ben })
  }
})

test('[E5] the same batch is repeated until the buddy says that it is held', () => {
  const first = here.store.write(() => keyring.newestBatch(ben, FEAT))
  for (let i = 0; i < 5; i++) assert.deepEqual(here.store.write(() => keyring.batchToTell(ben, 0, FEAT)), first)
  assert.deepEqual(here.store.write(() => keyring.batchToTell(ben, 0, ['other'])), { ...first, feat: ['other'] }, 'with the abilities of now')
  assert.deepEqual(here.store.write(() => keyring.batchToTell(ben, 0, FEAT)), first)
  keyring.noteHeld(ben, first.b)
  assert.equal(here.store.write(() => keyring.batchToTell(ben, first.b, FEAT)), undefined)
  keyring.noteHeld(ben, 99)
  assert.equal(keyring.batchToTell(ben, first.b, FEAT), undefined, 'an hb above my newest is ignored')
})

test('[E6] a new batch only after the newest was acknowledged and used; at most two are alive', () => {
  const first = here.store.write(() => keyring.newestBatch(ben, FEAT))
  keyring.consume(idsOf(first)[0]!, 'k', 'e1', ben)
  assert.deepEqual(keyring.batchToTell(ben, 0, FEAT), first, 'used but not acknowledged')
  keyring.noteHeld(ben, 1)
  const second = keyring.batchToTell(ben, 1, FEAT)
  assert.equal(second?.b, 2)
  keyring.noteHeld(ben, 2)
  keyring.consume(idsOf(second!)[0]!, 'k', 'e2', ben)
  assert.equal(keyring.batchToTell(ben, 2, FEAT), undefined, 'two are alive')
  for (const feat of [['other'], FEAT]) {
    assert.deepEqual(keyring.batchToTell(ben, 2, feat), { ...second, feat }, 'abilities that changed go with the same keys')
    assert.equal(keyring.batchToTell(ben, 2, feat), undefined, 'once')
  }
})

test('[E7] an older batch outlives the acknowledgement of the newer by ten minutes and a drained mailbox', () => {
  const first = keyring.newestBatch(ben, FEAT)
  const oldKey = idsOf(first)[3]!
  keyring.consume(idsOf(first)[0]!, 'k', 'e1', ben)
  keyring.noteHeld(ben, 1)
  keyring.batchToTell(ben, 1, FEAT)
  const pinned = () => ben.dev
  here.clock.pass(30 * DAY)
  keyring.drained(pinned)
  assert.equal(keyring.lookup(oldKey).at, 'live', 'never before the newer one is acknowledged')
  keyring.noteHeld(ben, 2)
  keyring.drained(pinned)
  assert.equal(keyring.lookup(oldKey).at, 'live')
  here.clock.pass(10 * 60_000)
  assert.equal(keyring.lookup(oldKey).at, 'live', 'not without a drained mailbox')
  keyring.drained(pinned)
  assert.equal(keyring.lookup(oldKey).at, 'unknown')
  keyring.drained(() => 'another' as DevId)
  assert.equal(keyring.lookup(idsOf(keyring.newestBatch({ ...ben, dev: 'x' as DevId }, FEAT))[0]!).at, 'live')
})

test('[E5] [E6] [E7] lost batch: a receipt with a batch lost, 16 days later 0 of 20 envelopes are unopenable', () => {
  const chance = createChance(random)
  const bens = createKeyring({ store: here.store, chance, now: () => here.clock.now })
  const ada = { ik: 'ada'.padEnd(43, 'A') as Ik, dev: 'a'.padEnd(22, 'A') as DevId }
  const first = keyring.newestBatch(ben, FEAT)
  bens.takeTheirs(ada, first)
  keyring.noteHeld(ben, 1)
  const sealedTo = bens.pick(ada)!.id
  bens.spend(ada, sealedTo)
  keyring.consume(sealedTo, 'k', 'e0', ben)
  const lost = keyring.batchToTell(ben, 1, FEAT)! // travels in a receipt that never comes
  let openable = 0
  for (let i = 0; i < 20; i++) {
    here.clock.pass(16 * DAY / 20)
    keyring.drained(() => ben.dev)
    const to = bens.pick(ada)!
    bens.spend(ada, to.id)
    const found = keyring.lookup(to.id)
    if (found.at === 'live') {
      openable++
      if (found.kind === 'k') keyring.consume(to.id, 'k', `e${i + 1}`, ben)
    }
  }
  assert.equal(openable, 20)
  assert.deepEqual(keyring.batchToTell(ben, 1, FEAT), lost, 'and the lost batch is still the one that is told')
})

test('[E8] one-time keys first, one each; then the reusable one', () => {
  const theirs = keyring.newestBatch(ben, FEAT)
  const ada = { ik: 'ada'.padEnd(43, 'A') as Ik, dev: 'a'.padEnd(22, 'A') as DevId }
  assert.equal(keyring.takeTheirs(ada, theirs), true)
  assert.equal(keyring.takeTheirs(ada, theirs), false, 'the same batch again changes nothing')
  const kinds: string[] = []
  const used = new Set<KeyId>()
  for (let i = 0; i < 10; i++) {
    const to = keyring.pick(ada)!
    keyring.spend(ada, to.id)
    kinds.push(to.kind)
    used.add(to.id)
  }
  assert.deepEqual(kinds, [...new Array<string>(8).fill('k'), 'r', 'r'])
  assert.equal(used.size, 9)
})

test('[E11] [E14] a used key is a tombstone for 60 days; a reusable one remembers each envelope as long as it lives', () => {
  const batch = keyring.newestBatch(ben, FEAT)
  const [k] = idsOf(batch)
  const r = idsOf(batch).at(-1)!
  keyring.consume(k!, 'k', 'e1', ben)
  assert.deepEqual(keyring.lookup(k!), { at: 'used', ik: ben.ik })
  assert.equal(keyring.wasSeen(r, 'e2'), false)
  keyring.consume(r, 'r', 'e2', ben)
  assert.equal(keyring.wasSeen(r, 'e2'), true)
  assert.equal(keyring.lookup(r).at, 'live')
  here.clock.pass(61 * DAY)
  keyring.drained(() => ben.dev)
  assert.equal(keyring.lookup(k!).at, 'unknown')
})

test('[E12] an id that was issued is remembered after its key went', () => {
  const batch = keyring.newestBatch(ben, FEAT)
  keyring.forget(ben.ik)
  assert.deepEqual(keyring.lookup(idsOf(batch)[0]!), { at: 'unknown', issuedTo: ben.ik })
})

test('[S16] replaced pool keys stay for two drained mailboxes and 48 hours, 37 days at most', () => {
  const [pool, last] = [keyring.makePool(1, false)[0]!, keyring.makePool(0, true)[0]!]
  keyring.replacePool([])
  here.clock.pass(3 * DAY)
  keyring.drained(() => undefined)
  assert.equal(keyring.lookup(pool.id).at, 'live', 'one drained mailbox')
  keyring.drained(() => undefined)
  assert.equal(keyring.lookup(pool.id).at, 'unknown')
  assert.equal(keyring.lookup(last.id).at, 'unknown')
})

test('[I9] a new device discards every private half of the old one', () => {
  const batch = keyring.newestBatch(ben, FEAT)
  const pool = keyring.makePool(2, true)
  keyring.newDevice()
  for (const id of [...idsOf(batch), ...pool.map((key) => key.id)]) assert.notEqual(keyring.lookup(id).at, 'live')
})
