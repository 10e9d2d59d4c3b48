import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import type { B64 } from '../protocol/ids.ts'
import { bytesOf } from './crypto.ts'
import { admits, authOf, connect, DAY, denyHash, envelopeFor, greet, hashOf, makePrekey, type Place, place, registers, shows, token, watches } from './test-client.ts'
import { DATABASE } from './store/open.ts'

/** Every byte the server has on disk, write-ahead log included. */
const onDisk = (where: Place): Buffer => Buffer.concat(readdirSync(where.dir).map((file) => readFileSync(join(where.dir, file))))

/** A secret as it could stand there: its bytes, or its text. */
const holds = (disk: Buffer, secret: B64) => disk.includes(bytesOf(secret)) || disk.includes(secret)

test('[S25, I14] tokens, gates, codes, depositors, watchers and presence never reach the disk', async (t) => {
  const lines: string[] = []
  const where = await place(t, { registration: 'code', limits: { presenceSpacingMs: 0 }, log: (fact, details) => void lines.push(JSON.stringify({ fact, ...details })) })
  const invite = where.server.newCode()
  const ada = await registers(where, 'ada', { invite })
  const { code } = await ada.client.get({ t: 'reg.new' })
  const ben = await registers(where, 'ben', { invite: where.server.newCode() })
  const forBen = await admits(ada, ben)
  const blocked = await admits(ada, ben)
  const gate = token()
  await ada.client.get({ t: 'acl.put', rules: [{ ...blocked.rule, tomb: true }] })
  await ada.client.get({ t: 'acl.deny', add: [denyHash(ada.person, ben.person)], del: [] })
  await ada.client.get({ t: 'knock.mode', mode: 'invite', hashes: [hashOf(gate)] })
  await ada.client.get({ t: 'keys.put', once: [makePrekey(ada.person, { exp: where.clock.now() + DAY })], replace: true })
  await shows(ada, [forBen.rule], 'busy')
  await watches(ben, ada, forBen.tok)
  await ben.client.get({ t: 'keys.claim', addr: ada.person.addr, gate })
  const [kept, ghost, signal, knock] = [envelopeFor(ada.person), envelopeFor(ada.person), envelopeFor(ada.person), envelopeFor(ada.person)]
  await ben.client.drop({ addr: ada.person.addr, tok: forBen.tok, cls: 'msg' }, kept)
  await ben.client.drop({ addr: ada.person.addr, tok: blocked.tok, cls: 'msg' }, ghost)
  await ben.client.drop({ addr: ada.person.addr, tok: forBen.tok, cls: 'sig' }, signal)
  await ben.client.drop({ addr: ada.person.addr, gate, cls: 'knock' }, knock)

  const disk = onDisk(where)
  assert.ok(disk.includes(Buffer.from(kept)), 'the canary test can find what is there')
  assert.ok(disk.includes(bytesOf(hashOf(gate))))
  for (const [what, secret] of Object.entries({ token: forBen.tok, tombstone: blocked.tok, gate })) assert.equal(holds(disk, secret), false, what)
  for (const text of [invite, code, invite.replaceAll('-', ''), 'busy', 'presence']) assert.equal(disk.includes(text), false, text)
  assert.equal(disk.includes(Buffer.from(ghost)), false, 'a ghost has no body')
  assert.equal(disk.includes(Buffer.from(signal)), false, 'a signal stays in memory')

  // Ben's key stands in his own account and nowhere else; no row of the mailbox, keys or rules leads to him.
  const db = new Database(join(where.dir, DATABASE), { readonly: true })
  const benIs = [ben.person.ik.pub, ben.person.dk.pub, bytesOf(ben.person.dev)]
  for (const table of ['mail', 'knock_slots', 'prekeys', 'rules', 'denied', 'gates', 'codes', 'freed_handles']) {
    for (const row of db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all()) {
      for (const value of Object.values(row)) {
        assert.notEqual(value, 'ben')
        if (Buffer.isBuffer(value)) assert.ok(benIs.every((bytes) => !value.includes(bytes)), table)
      }
    }
  }
  assert.deepEqual(db.prepare('SELECT DISTINCT account FROM mail').pluck().all(), db.prepare("SELECT id FROM accounts WHERE handle = 'ada'").pluck().all())
  db.close()

  const log = lines.join('\n')
  for (const secret of [forBen.tok, ada.person.ik.b64, 'ada', 'ben', where.server.name, '127.0.0.1']) assert.equal(log.includes(secret), false, secret)
})

test('[S25] what the tables and columns are called: nothing there could hold who talks to whom', async (t) => {
  const where = await place(t)
  const db = new Database(join(where.dir, DATABASE), { readonly: true })
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").pluck().all()
  const columns = Object.fromEntries(tables.map((table) => [table, db.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}')`).pluck().all()]))
  db.close()
  assert.deepEqual(columns, {
    accounts: ['id', 'ik', 'handle', 'rec_p', 'rec_s', 'rec_hash', 'seq', 'dev', 'dk', 'since', 'knock_mode', 'knocks_refused', 'acl_state'],
    codes: ['hash', 'expires'],
    denied: ['account', 'hash'],
    filler: ['one', 'body'],
    freed_handles: ['handle', 'until'],
    gates: ['account', 'hash'],
    knock_slots: ['account', 'expires', 'gated'],
    mail: ['seq', 'account', 'kind', 'id', 'cls', 'tok', 'hash', 'size', 'at', 'expires', 'body'],
    meta: ['key', 'value'],
    prekeys: ['account', 'id', 'kind', 'p', 's', 'expires'],
    rules: ['account', 'id', 'h', 'flags'],
    runs: ['account', 'run'],
  })
})

test('[S25] no time of a log-on is kept: the day of registration and the run are all', async (t) => {
  const where = await place(t)
  const ada = await registers(where, 'ada')
  where.clock.pass(3 * DAY + 12_345)
  const client = await connect(where.server.url)
  client.say(authOf(ada.person, await greet(client), 1))
  await client.next('ready')
  const db = new Database(join(where.dir, DATABASE), { readonly: true })
  const row = db.prepare<[], Record<string, unknown>>('SELECT * FROM accounts').get()!
  db.close()
  const now = where.clock.now()
  const times = Object.entries(row).filter(([, value]) => typeof value === 'number' && value > now - 30 * DAY && value <= now)
  assert.deepEqual(times, [['since', now - 3 * DAY - 12_345 - ((now - 3 * DAY - 12_345) % DAY)]])
})

test('[S25] files are readable by their owner only', { skip: process.platform === 'win32' }, async (t) => {
  const where = await place(t, { dataDir: join((await place(t)).dir, 'deep', 'folder') })
  await registers(where, 'ada')
  assert.equal(statSync(where.dir).mode & 0o777, 0o700)
  for (const file of readdirSync(where.dir)) assert.equal(statSync(join(where.dir, file)).mode & 0o077, 0, file)
})
