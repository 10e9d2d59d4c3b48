import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import Database from 'better-sqlite3'
import { tempDir } from '../testing/core.ts'
import { migrations } from './migrations/index.ts'
import { openStore, StoreError } from './open.ts'
import { createStore } from './store.ts'

/** A clock that goes only when told. */
const pending = new Set<() => void>()
const clock = {
  after(_ms: number, callback: () => void) {
    pending.add(callback)
    return () => void pending.delete(callback)
  },
}
const passTime = () => {
  for (const callback of [...pending]) if (pending.delete(callback)) callback()
}

const key = new Uint8Array(32).fill(9)
let temp: ReturnType<typeof tempDir>
let file: string
beforeEach(() => {
  temp = tempDir()
  file = join(temp.path, 'log.db')
})
afterEach(() => temp.remove())
const codeOf = (act: () => unknown) => {
  try {
    act()
    return 'opened'
  } catch (error) {
    return error instanceof StoreError ? error.code : String(error)
  }
}

describe('opening', () => {
  test('every setting is read back, and the raw key opens at once', () => {
    openStore({ file, key, migrations }).close()
    const began = performance.now()
    const db = openStore({ file, key, migrations })
    const took = performance.now() - began
    const read = (name: string) => db.pragma(name, { simple: true })
    assert.deepEqual(
      ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete', 'trusted_schema', 'cell_size_check', 'temp_store', 'busy_timeout', 'wal_autocheckpoint'].map(read),
      ['wal', 2, 1, 1, 0, 1, 2, 5000, 1000])
    db.close()
    assert.ok(took < 100, `a raw key takes ${took.toFixed(0)} ms; as a passphrase it would take 160`)
  })

  test('the file is really encrypted, and no table is without STRICT', () => {
    const db = openStore({ file, key, migrations })
    db.prepare("INSERT INTO meta VALUES ('canary', 'kanarienvogel')").run()
    const loose = db.prepare<[], { name: string }>("SELECT name FROM pragma_table_list WHERE strict = 0 AND type = 'table' AND name NOT LIKE 'sqlite_%'").all()
    db.close()
    assert.deepEqual(loose, [])
    for (const name of readdirSync(temp.path)) {
      const bytes = readFileSync(join(temp.path, name))
      assert.ok(!bytes.includes('kanarienvogel') && !bytes.includes('SQLite format 3'), name)
    }
  })

  test('F6: a wrong key, a damaged file, a plain file and a newer one are told apart', () => {
    openStore({ file, key, migrations }).close()
    assert.equal(codeOf(() => openStore({ file, key: new Uint8Array(32), migrations })), 'wrong-store-key')
    const plain = join(temp.path, 'plain.db')
    new Database(plain).exec('CREATE TABLE t (x)').close()
    const before = readFileSync(plain)
    assert.equal(codeOf(() => openStore({ file: plain, key, migrations })), 'not-encrypted')
    assert.deepEqual(readFileSync(plain), before)
    const newer = [...migrations, { version: 2, sql: 'CREATE TABLE later (x INTEGER) STRICT' }]
    openStore({ file, key, migrations: newer }).close()
    assert.equal(codeOf(() => openStore({ file, key, migrations })), 'newer-database')
  })

  test('a database of an unreleased build is refused in words', () => {
    openStore({ file, key, migrations: [{ version: 1, sql: 'CREATE TABLE old (x INTEGER) STRICT' }] }).close()
    assert.equal(codeOf(() => openStore({ file, key, migrations })), 'unreleased-database')
  })

  test('F8: a missing and a read-only folder get a sentence, and nothing is made elsewhere', () => {
    assert.equal(codeOf(() => openStore({ file: join(temp.path, 'none', 'log.db'), key, migrations })), 'no-folder')
    const folder = join(temp.path, 'locked')
    mkdirSync(folder)
    chmodSync(folder, 0o500)
    if (process.getuid?.() !== 0) assert.equal(codeOf(() => openStore({ file: join(folder, 'log.db'), key, migrations })), 'no-folder')
    assert.ok(!existsSync(join(temp.path, 'none')))
  })
})

describe('F26: migrations', () => {
  const two = { version: 2, sql: 'CREATE TABLE two (x INTEGER) STRICT; INSERT INTO two VALUES (2)' }
  const three = { version: 3, sql: 'CREATE TABLE three (x INTEGER) STRICT' }

  test('each version reaches the head, after a backup that opens', () => {
    const first = openStore({ file, key, migrations })
    first.prepare("INSERT INTO meta VALUES ('mine', '1')").run()
    first.close()
    const db = openStore({ file, key, migrations: [...migrations, two, three] })
    assert.equal(db.pragma('user_version', { simple: true }), 3)
    assert.deepEqual(db.prepare('SELECT x FROM two').all(), [{ x: 2 }])
    db.close()
    const backup = openStore({ file: `${file}.before-3`, key, migrations })
    assert.deepEqual(backup.prepare("SELECT value FROM meta WHERE key = 'mine'").get(), { value: '1' })
    backup.close()
    openStore({ file, key, migrations: [...migrations, two, three] }).close()
    assert.deepEqual(readdirSync(temp.path).filter((name) => name.includes('before')), [], 'gone once the newer version has opened again')
  })

  test('a step that fails leaves the older version whole', () => {
    openStore({ file, key, migrations }).close()
    const broken = { version: 3, sql: 'CREATE TABLE three (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)' }
    assert.notEqual(codeOf(() => openStore({ file, key, migrations: [...migrations, two, broken] })), 'opened')
    const db = openStore({ file, key, migrations: [...migrations, two] })
    assert.equal(db.pragma('user_version', { simple: true }), 2)
    db.close()
  })
})

describe('writing', () => {
  test('[E14] what the world hears of a write waits for its commit, and is dropped with it', () => {
    const store = createStore(openStore({ file, key, migrations }), { clock, onDiskFull: () => undefined, onEffectBug: (error) => { throw error } })
    const heard: string[] = []
    store.onRollback(() => heard.push('reloaded'))
    store.write(() => {
      store.meta.set('a', 1)
      store.after(() => heard.push(`a is ${store.meta.get('a')}`))
      store.write(() => store.after(() => heard.push('inner')))
      assert.deepEqual(heard, [])
    })
    assert.throws(() => store.write(() => {
      store.meta.set('a', 2)
      store.after(() => heard.push('never'))
      throw new Error('no')
    }))
    assert.deepEqual(heard, ['a is 1', 'inner', 'reloaded'])
    assert.equal(store.meta.get('a'), 1)
    store.close()
  })

  describe('what may be lost', () => {
    /** What a kill right now would leave: the file as another connection finds it. */
    const onDisk = () => {
      const db = openStore({ file, key, migrations })
      const keys = db.prepare<[], { key: string }>('SELECT key FROM meta ORDER BY key').all().map((row) => row.key)
      db.close()
      return keys
    }
    const open = () => createStore(openStore({ file, key, migrations }), { clock, onDiskFull: () => undefined, onEffectBug: (error) => { throw error } })

    test('is seen and told at once, and committed with the next write', () => {
      const store = open()
      const heard: string[] = []
      store.writeLosable(() => {
        store.meta.set('a', 1)
        store.after(() => heard.push('a'))
      })
      assert.deepEqual([store.meta.get('a'), heard, onDisk()], [1, ['a'], []])
      store.write(() => store.meta.set('b', 1))
      assert.deepEqual(onDisk(), ['a', 'b'])
      store.close()
    })

    test('is committed by itself after a while, and at the end', () => {
      const store = open()
      store.writeLosable(() => store.meta.set('a', 1))
      store.writeLosable(() => store.meta.set('b', 1))
      assert.deepEqual(onDisk(), [])
      passTime()
      assert.deepEqual(onDisk(), ['a', 'b'])
      store.writeLosable(() => store.meta.set('c', 1))
      store.tidy()
      assert.deepEqual(onDisk(), ['a', 'b', 'c'])
      store.writeLosable(() => store.meta.set('d', 1))
      store.close()
      assert.deepEqual([onDisk(), pending.size], [['a', 'b', 'c', 'd'], 0])
    })

    test('outlives a write that fails, and falls alone where it fails itself', () => {
      const store = open()
      store.writeLosable(() => store.meta.set('a', 1))
      assert.throws(() => store.write(() => {
        store.meta.set('b', 1)
        throw new Error('no')
      }))
      assert.throws(() => store.writeLosable(() => {
        store.meta.set('c', 1)
        throw new Error('no')
      }))
      assert.deepEqual([store.meta.get('a'), store.meta.get('b'), store.meta.get('c')], [1, undefined, undefined])
      store.close()
      assert.deepEqual(onDisk(), ['a'])
    })
  })

  test('F7: a full disk is told, nothing is acknowledged, and writing goes on when there is room', { skip: process.getuid?.() !== 0 || process.platform !== 'linux' ? 'needs root on Linux' : false }, () => {
    const mount = join(temp.path, 'small')
    mkdirSync(mount)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1200k', 'tmpfs', mount], { stdio: 'ignore' })
    } catch {
      return // no mounting here
    }
    try {
      const told: boolean[] = []
      const store = createStore(openStore({ file: join(mount, 'log.db'), key, migrations }), { clock, onDiskFull: (isFull) => told.push(isFull), onEffectBug: () => undefined })
      writeFileSync(join(mount, 'ballast'), Buffer.alloc(200_000))
      const heard: number[] = []
      let failed = 0
      for (let i = 0; i < 400 && failed === 0; i++) {
        try {
          store.write(() => {
            store.meta.set(`key ${i}`, 'x'.repeat(4_000))
            store.after(() => heard.push(i))
          })
        } catch {
          failed = i
        }
      }
      assert.ok(failed > 0)
      assert.deepEqual(told, [true])
      assert.ok(!heard.includes(failed))
      writeFileSync(join(mount, 'ballast'), '')
      store.write(() => store.meta.set('again', 1))
      assert.deepEqual(told, [true, false])
      assert.equal(store.meta.get('again'), 1)
      assert.equal(store.meta.get(`key ${failed}`), undefined)
      assert.deepEqual(store.db.pragma('integrity_check'), [{ integrity_check: 'ok' }])
      store.close()
    } finally {
      execFileSync('umount', ['-l', mount])
    }
  })
})
