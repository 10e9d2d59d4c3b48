import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { startServer, StartRefusal } from './index.ts'
import { listeningFault } from './name.ts'
import { DATABASE, openDatabase } from './store/open.ts'
import { connect, greet, place, registers, tempDir } from './test-client.ts'

const refusedFor = (code: StartRefusal['code'], words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StartRefusal, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, words)
  return true
}

test('[S2] where a server may listen, and what it is called there', () => {
  const may = (listening: Partial<Parameters<typeof listeningFault>[0]>) => listeningFault({ host: '127.0.0.1', hasTls: false, isBehindProxy: false, ...listening }) === undefined
  for (const host of ['127.0.0.1', '::1', '192.168.1.5', '10.0.0.1', '172.16.0.1', 'fd00::1']) assert.equal(may({ host }), true, host)
  for (const host of ['0.0.0.0', '::', '203.0.113.7', '8.8.8.8', 'chat.example', '169.254.1.1', '']) assert.equal(may({ host }), false, host)
  for (const how of [{ hasTls: true }, { isBehindProxy: true }]) {
    assert.equal(may({ host: '0.0.0.0', name: 'chat.example', ...how }), true)
    assert.equal(may({ host: '0.0.0.0', name: 'chat.example:8443', ...how }), true)
    for (const name of [undefined, 'Chat.example', 'chat.example:443', 'abcdefghijklmnop.parley', '-x.example', 'x.example.']) assert.equal(may({ name, ...how }), false, String(name))
  }
  assert.equal(may({ name: 'chat.example' }), false, 'a name without TLS')
})

test('[S2] a public address without TLS is refused in words', async (t) => {
  await assert.rejects(startServer({ dataDir: tempDir(t), host: '0.0.0.0', port: 0 }), refusedFor('bad-setting', /0\.0\.0\.0 is neither/))
})

test('[S2, I17] localhost is 127.0.0.1, and an IPv6 host stands in brackets', async (t) => {
  assert.match((await place(t, { host: 'localhost' })).server.url, /^ws:\/\/127\.0\.0\.1:\d+$/)
  try {
    const { url } = (await place(t, { host: '::1' })).server
    assert.match(url, /^ws:\/\/\[::1\]:\d+$/)
    await greet(await connect(url))
  } catch (error) {
    if (!(error instanceof StartRefusal)) throw error
    t.diagnostic('no IPv6 here')
  }
})

test('[S24] a limit that does not exist is refused', async (t) => {
  await assert.rejects(startServer({ dataDir: tempDir(t), port: 0, limits: { nonsense: 1 } as object }))
})

test('a port that is taken is said before anything is touched', async (t) => {
  const where = await place(t)
  const dataDir = join(tempDir(t), 'new')
  await assert.rejects(startServer({ dataDir, port: where.server.port }), refusedFor('port-taken', /port \d+ on 127/))
  assert.equal(existsSync(dataDir), false)
})

test('a folder has one server at a time', async (t) => {
  const where = await place(t)
  await assert.rejects(startServer({ dataDir: where.dir, port: 0 }), refusedFor('folder', /Another Parley server/))
  await where.server.close()
  const next = await startServer({ dataDir: where.dir, port: 0 })
  await next.close()
})

test('[S5] a lost, damaged or foreign key is refused: a new one would be an alarm at every client', async (t) => {
  const where = await place(t)
  await where.server.close()
  const key = join(where.dir, 'server.key')
  const again = () => startServer({ dataDir: where.dir, port: 0 })
  truncateSync(key, 31)
  await assert.rejects(again(), refusedFor('key', /31 bytes/))
  rmSync(key)
  await assert.rejects(again(), refusedFor('key', /is gone/))
  writeFileSync(key, Buffer.alloc(32, 7))
  await assert.rejects(again(), refusedFor('key', /not the key/))
})

test('[S2] a folder belongs to one name', async (t) => {
  const where = await place(t, { behindProxy: true, name: 'chat.example' })
  await where.server.close()
  await assert.rejects(startServer({ dataDir: where.dir, port: 0, behindProxy: true, name: 'talk.example' }), refusedFor('bad-setting', /belongs to chat\.example/))
})

test('[S18] the settings of the database are set on every open, and hold', (t) => {
  const { db, isNew } = openDatabase(tempDir(t))
  const read = (name: string) => db.pragma(name, { simple: true })
  assert.deepEqual([isNew, read('journal_mode'), read('synchronous'), read('foreign_keys'), read('trusted_schema'), read('cell_size_check')], [true, 'wal', 2, 1, 0, 1])
  assert.deepEqual(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%STRICT%'").all(), [])
  db.close()
})

test('a database that is newer, unfinished, foreign or none is refused in words', (t) => {
  const made = (change: (db: Database.Database) => void) => {
    const dir = tempDir(t)
    openDatabase(dir).db.close()
    const db = new Database(join(dir, DATABASE))
    change(db)
    db.close()
    return () => openDatabase(dir)
  }
  assert.throws(made((db) => db.pragma('user_version = 99')), refusedFor('database', /newer Parley server/))
  assert.throws(made((db) => db.exec("UPDATE meta SET value = x'00' WHERE key = 'schema'")), refusedFor('database', /unfinished/))
  assert.throws(made((db) => db.pragma('application_id = 1')), refusedFor('database', /not a Parley server/))
  const dir = tempDir(t)
  writeFileSync(join(dir, DATABASE), 'this is no database, it is a text that goes on for a while'.repeat(30))
  assert.throws(() => openDatabase(dir), refusedFor('database', /can’t be opened/))
})

test('a folder that can’t be written to is refused in words', { skip: process.getuid?.() === 0 }, async (t) => {
  const dir = tempDir(t)
  chmodSync(dir, 0o500)
  await assert.rejects(startServer({ dataDir: join(dir, 'x'), port: 0 }), refusedFor('folder', /can’t be made/))
})

test('[S18] no query of the hot paths reads a whole table', (t) => {
  const { db } = openDatabase(tempDir(t))
  const plan = (sql: string) => db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => detail).join('; ')
  const hot = [
    "SELECT 1 FROM mail WHERE account = 1 AND tok IS x'00' AND hash = x'00' AND expires > 1",
    "SELECT count(*), sum(size) FROM mail WHERE account = 1 AND tok = x'00' AND expires > 1",
    "SELECT count(*), sum(size) FROM mail WHERE account = 1 AND kind = 'real' AND expires > 1",
    "SELECT seq, body FROM mail WHERE account = 1 AND kind = 'real' AND seq > 1 AND expires > 1 ORDER BY seq LIMIT 5",
    "SELECT id, flags FROM rules WHERE account = 1 AND h = x'00'",
    "SELECT count(*) FROM prekeys WHERE account = 1 AND kind = 'once' AND expires > 1",
    "SELECT * FROM accounts WHERE rec_hash = x'00'", "SELECT * FROM accounts WHERE ik = x'00'", "SELECT * FROM accounts WHERE handle = 'x'",
    'DELETE FROM mail WHERE expires <= 1', 'DELETE FROM prekeys WHERE expires <= 1',
  ]
  for (const sql of hot) {
    assert.doesNotMatch(plan(sql), /SCAN|TEMP B-TREE/, sql)
    if (/sum\(|tok IS|prekeys WHERE account|FROM rules/.test(sql)) assert.match(plan(sql), /COVERING/, sql)
  }
  db.close()
})

test('[S2, S4] with TLS the name is the host dialled', async (t) => {
  const dir = tempDir(t)
  const tls = { certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') }
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', tls.keyFile, '-out', tls.certFile, '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' })
  } catch {
    return t.skip('no openssl to make a certificate with')
  }
  const where = await place(t, { tls, name: 'localhost' })
  assert.equal(where.server.url, `wss://localhost:${where.server.port}`)
  const challenge = await greet(await connect(`wss://127.0.0.1:${where.server.port}`))
  assert.equal(challenge.server, 'localhost')
  await assert.rejects(startServer({ dataDir: tempDir(t), port: 0, name: 'localhost', tls: { ...tls, keyFile: '/nowhere' } }), refusedFor('bad-setting', /\/nowhere/))
})

test('closing says goodbye, lets go of everything, and may be asked twice', async (t) => {
  const where = await place(t)
  const { client } = await registers(where, 'ada')
  const { port } = where.server
  await Promise.all([where.server.close(), where.server.close()])
  assert.deepEqual(await client.next('bye'), { t: 'bye', code: 'unavailable', after: 1 })
  await client.closed()
  const next = await startServer({ dataDir: where.dir, port })
  assert.equal(next.port, port)
  await next.close()
})
