import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { B64 } from '../protocol/ids.ts'
import type { AclRule } from '../protocol/wire/signaling.ts'
import { aclStateInput } from '../protocol/wire/tbs.ts'
import { b64Of, bytesOf, sha256 } from './crypto.ts'
import { type Client, logsOn, place, registers, ruleId, token } from './test-client.ts'
import { openDatabase, openStore } from './store/open.ts'
import { tempDir } from './test-client.ts'

const rule = (more: Partial<AclRule> = {}): AclRule => ({ id: ruleId(), h: token(), may: ['drop', 'presence'], ...more })
const stateOf = (rules: AclRule[], denied: B64[]): B64 => b64Of(sha256(aclStateInput(rules, denied)))
const sorted = (list: B64[]) => [...list].sort((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)))

async function readAll(client: Client): Promise<{ rules: AclRule[]; deny: B64[]; pages: number }> {
  const rules: AclRule[] = []
  const deny: B64[] = []
  for (let after: B64 | undefined, pages = 1; ; pages++) {
    const page: { rules: AclRule[]; deny: B64[]; more: boolean } = await client.get({ t: 'acl.get', ...(after === undefined ? {} : { after }) })
    assert.ok(page.rules.length + page.deny.length <= 500)
    rules.push(...page.rules)
    deny.push(...page.deny)
    if (!page.more) return { rules, deny, pages }
    after = page.deny.at(-1) ?? page.rules.at(-1)!.id
  }
}

test('[C23] the state is that of the vectors', (t) => {
  const cases = JSON.parse(readFileSync(new URL('../protocol/wire/vectors/server.json', import.meta.url), 'utf8')).filter((one: { do: string; gives?: string }) => one.do === 'acl state' && one.gives)
  assert.ok(cases.length > 3)
  for (const one of cases) {
    const { db } = openDatabase(tempDir(t))
    const store = openStore(db)
    const id = store.accounts.add({ ik: randomBytes(32), handle: 'ada', rec_p: randomBytes(9), rec_s: randomBytes(64), rec_hash: randomBytes(32), seq: 1, dev: randomBytes(16), dk: randomBytes(32), since: 0 })
    store.acl.putRules(id, one.rules)
    store.acl.changeDenied(id, { add: one.denied, del: [], replace: false })
    assert.equal(b64Of(store.acl.state(id)), one.gives, one.name)
    store.close()
  }
})

test('[C23] ready.acl is the state of what was put, changed, deleted and denied', async (t) => {
  const where = await place(t)
  const { person, client, ready } = await registers(where, 'ada')
  assert.equal(ready.acl, stateOf([], []))
  const [a, b, c] = [rule(), rule({ may: [] }), rule({ may: ['drop'], tomb: true })] as const
  const [x, y] = [token(), token()]
  await client.get({ t: 'acl.put', rules: [a, b, c] })
  await client.get({ t: 'acl.deny', add: [x, y], del: [] })
  const second = await logsOn(where, person)
  assert.equal(second.ready.acl, stateOf([a, b, c], [x, y]))
  await second.client.get({ t: 'acl.put', rules: [{ ...b, may: ['presence'] }] })
  await second.client.get({ t: 'acl.del', ids: [a.id, ruleId()] })
  await second.client.get({ t: 'acl.deny', add: [], del: [y] })
  const third = await logsOn(where, person)
  assert.equal(third.ready.acl, stateOf([{ ...b, may: ['presence'] }, c], [x]))
  assert.deepEqual(await readAll(third.client), { rules: sorted([b.id, c.id]).map((id) => (id === b.id ? { ...b, may: ['presence'] } : c)), deny: [x], pages: 1 })
})

test('[C23] a list put whole replaces an old state, in a series of messages', async (t) => {
  const where = await place(t)
  const { person, client } = await registers(where, 'ada')
  await client.get({ t: 'acl.put', rules: [rule(), rule()] })
  await client.get({ t: 'acl.deny', add: [token()], del: [] })
  const rules = Array.from({ length: 900 }, (_, i) => rule(i < 500 ? { tomb: true } : {}))
  const denied = Array.from({ length: 1500 }, () => token())
  await client.get({ t: 'acl.put', rules: rules.slice(0, 600), replace: true })
  await client.get({ t: 'acl.put', rules: rules.slice(600) })
  await client.get({ t: 'acl.deny', add: denied.slice(0, 1000), del: [], replace: true })
  await client.get({ t: 'acl.deny', add: denied.slice(1000), del: [] })
  const again = await logsOn(where, person)
  assert.equal(again.ready.acl, stateOf(rules, denied))
  const all = await readAll(again.client)
  assert.deepEqual(all.rules.map(({ id }) => id), sorted(rules.map(({ id }) => id)))
  assert.deepEqual(all.deny, sorted(denied))
  assert.equal(all.pages, 5)
  assert.equal(stateOf(all.rules, all.deny), again.ready.acl)
})

test('[S23] 600 rules, 2,000 tombstones, 5,000 denied; one more changes nothing', async (t) => {
  const where = await place(t, { limits: { rules: 3, tombstones: 2, denied: 4 } })
  const { person, client } = await registers(where, 'ada')
  const kept = [rule(), rule(), rule(), rule({ tomb: true }), rule({ tomb: true })]
  await client.get({ t: 'acl.put', rules: kept })
  assert.equal(await client.code({ t: 'acl.put', rules: [rule()] }), 'quota')
  assert.equal(await client.code({ t: 'acl.put', rules: [rule({ tomb: true })] }), 'quota')
  assert.equal(await client.code({ t: 'acl.put', rules: Array.from({ length: 4 }, () => rule()), replace: true }), 'quota')
  assert.equal(await client.code({ t: 'acl.put', rules: [{ ...kept[0]!, tomb: true }] }), 'quota')
  const denied = Array.from({ length: 4 }, () => token())
  await client.get({ t: 'acl.deny', add: denied, del: [] })
  assert.equal(await client.code({ t: 'acl.deny', add: [token()], del: [] }), 'quota')
  assert.equal(await client.code({ t: 'acl.deny', add: denied, del: [] }), 'ok', 'the same again')
  assert.equal((await logsOn(where, person)).ready.acl, stateOf(kept, denied))
})

test('[C20] two rules for one token are conflict', async (t) => {
  const where = await place(t)
  const { person, client } = await registers(where, 'ada')
  const one = rule()
  await client.get({ t: 'acl.put', rules: [one] })
  assert.equal(await client.code({ t: 'acl.put', rules: [{ ...one, id: ruleId() }] }), 'conflict')
  assert.equal(await client.code({ t: 'acl.put', rules: [one] }), 'ok')
  assert.equal((await logsOn(where, person)).ready.acl, stateOf([one], []))
})
