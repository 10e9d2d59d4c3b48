import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Handle, ServerName } from '../../protocol/ids.ts'
import { fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import { createChance } from '../random.ts'
import { plainSecrets, random } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import { signerOf } from './crypto.ts'
import { createIdentities } from './me.ts'
import { checkPhrase } from './phrase.ts'

const server = { pin: { kind: 'server' as const, url: 'wss://chat.example/', name: 'chat.example' as ServerName, spk: 'A'.repeat(43) }, correctedNow: 5 }

test('[I1] [I2] the device key rests sealed; the phrase too, and only until the words are confirmed', () => {
  const here = testStore()
  const identities = createIdentities({ store: here.store, secrets: plainSecrets, chance: createChance(random), now: () => here.clock.now })
  const draft = identities.draft({ name: 'Ada', handle: 'ada' as Handle, server })
  identities.keep(draft)
  const written = () => JSON.stringify(here.store.db.prepare('SELECT * FROM meta').all())
  const seed = toB64(draft.seed)
  assert.ok(!written().includes(seed), 'the phrase in clear')
  const sealed = identities.me()!.kept.seed!
  assert.equal(toB64(plainSecrets.open(fromB64(sealed))!), seed)
  const words = identities.words()!
  const checked = checkPhrase(words.join(' '))
  assert.ok(checked.ok && signerOf(checked.seed).pub === identities.me()!.ik)
  identities.forgetWords()
  assert.equal(identities.words(), undefined)
  assert.ok(!written().includes(sealed), 'the sealed phrase is gone once the words are confirmed')
  here.close()
})

test('[S7] the run number rises by one before each log-on, and outlives a restart', () => {
  const here = testStore()
  const make = () => createIdentities({ store: here.store, secrets: plainSecrets, chance: createChance(random), now: () => here.clock.now })
  const identities = make()
  identities.keep(identities.draft({ name: 'Ada', handle: 'ada' as Handle, server }))
  assert.deepEqual([identities.nextRun(), identities.nextRun()], [1, 2])
  assert.equal(make().nextRun(), 3)
  here.close()
})

test('[I4] a record never goes back, whatever the clock says', () => {
  const here = testStore()
  const identities = createIdentities({ store: here.store, secrets: plainSecrets, chance: createChance(random), now: () => 1_000 })
  assert.equal(identities.draft({ name: 'Ada', handle: 'ada' as Handle, server, previousSeq: 9_999 }).kept.seq, 10_000)
  assert.equal(identities.draft({ name: 'Ada', handle: 'ada' as Handle, server: { ...server, correctedNow: 7_000 } }).kept.seq, 7_000)
  here.close()
})
