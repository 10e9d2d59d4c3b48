import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Ik } from '../protocol/ids.ts'
import { createKeyring } from './envelopes/keyring.ts'
import { createConversations } from './messages/conversations.ts'
import { createItems } from './messages/items.ts'
import { createNumbers } from './messages/numbers.ts'
import { createOutbox } from './messages/outbox.ts'
import { createChance } from './random.ts'
import { createInvites } from './roster/invites.ts'
import { createRoster } from './roster/roster.ts'
import { testStore } from './testing/store.ts'

/** Every statement the concerns prepare, as they prepare it: none may read more of a table the longer Parley is used. */

/** Small by their nature (people, their keys and what is trimmed by the statement that reads it), and read whole. */
const READ_WHOLE = /^SCAN (buddies|rules|denied|invites|batches|own_keys|used_keys|issued_keys|seen_envelopes)\b/

let here: ReturnType<typeof testStore>
const statements = new Set<string>()
before(() => {
  here = testStore()
  const { store } = here
  const prepare = store.db.prepare.bind(store.db)
  store.db.prepare = ((sql: string) => {
    statements.add(sql)
    return prepare(sql)
  }) as typeof store.db.prepare
  const now = () => here.clock.now
  const chance = createChance((n) => new Uint8Array(n))
  const conversations = createConversations({ store })
  createItems({ store, transfer: () => undefined, onItem: () => undefined, onGone: () => undefined, onCleared: () => undefined })
  createNumbers({ store, now })
  createOutbox({ store, chance, conversations, now })
  createKeyring({ store, chance, now })
  createInvites({ store, chance, now })
  createRoster({ store, chance, now, myIk: () => '' as Ik, onChange: () => undefined })
  store.db.prepare = prepare as typeof store.db.prepare
})
after(() => here.close())

const planOf = (sql: string) =>
  here.store.db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...(sql.match(/\?/g) ?? []).map(() => null)).map((row) => row.detail)

test('no statement reads a whole table that grows', () => {
  assert.ok(statements.size > 60, `${statements.size} statements seen`)
  for (const sql of statements) {
    const scans = planOf(sql).filter((detail) => detail.startsWith('SCAN ') && !READ_WHOLE.test(detail))
    assert.deepEqual(scans, [], sql)
  }
})

test('what is under way is found by its own index, however long the conversation', () => {
  const underWay = [...statements].filter((sql) => sql.includes('out_frames') && /state (NOT )?IN/.test(sql) && !/\bid = \?|BETWEEN/.test(sql))
  assert.ok(underWay.length >= 5, `${underWay.length} statements seen`)
  for (const sql of underWay) assert.ok(planOf(sql).some((detail) => detail.includes('out_frames_open')), sql)
})
