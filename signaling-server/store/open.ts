import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { StartRefusal } from '../refusal.ts'
import { accountsStore } from './accounts.ts'
import { aclStore } from './acl.ts'
import { codesStore } from './codes.ts'
import { keysStore } from './keys.ts'
import { mailStore } from './mail.ts'
import { migrate } from './migrate.ts'

export const DATABASE = 'server.db'

/** What a power cut or a hostile file must not find otherwise; set on every open, read back and asserted. */
const SETTINGS = {
  journal_mode: 'wal',
  // [S18] FULL: in WAL the default loses what was answered `ok` before a power cut.
  synchronous: 2,
  foreign_keys: 1,
  trusted_schema: 0,
  cell_size_check: 1,
  temp_store: 2,
  // FAST: what was deleted is written over where that costs no further page.
  secure_delete: 2,
  busy_timeout: 5000,
  wal_autocheckpoint: 1000,
} as const

export interface Opened { db: Database.Database; isNew: boolean }

/** The database of this folder with its settings and the newest schema. It holds no content and is not encrypted. */
export function openDatabase(folder: string): Opened {
  const path = join(folder, DATABASE)
  try {
    // Made by hand first: SQLite would give it, and the files beside it, the mode of the umask.
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    throw new StartRefusal('folder', `The data folder ${folder} can’t be written to (${(error as NodeJS.ErrnoException).code}).`)
  }
  let db: Database.Database | undefined
  try {
    db = new Database(path)
    const set = (name: string, value: string | number) => db!.pragma(`${name} = ${name === 'secure_delete' ? 'FAST' : value}`)
    for (const [name, value] of Object.entries(SETTINGS)) {
      set(name, value)
      const read = db.pragma(name, { simple: true })
      if (String(read) !== String(value)) throw new Error(`${name} is ${String(read)}`)
    }
    return { db, isNew: migrate(db) }
  } catch (error) {
    db?.close()
    if (error instanceof StartRefusal) throw error
    throw new StartRefusal('database', `The database in ${folder} can’t be opened (${(error as Error).message}).`)
  }
}

/** All prepared statements, by what they are about. */
export function openStore(db: Database.Database) {
  // `meta` holds what belongs to the whole database: the schema, the server's key and name, the first code.
  const get = db.prepare<[string], Buffer>('SELECT value FROM meta WHERE key = ?').pluck()
  const put = db.prepare<[string, Buffer]>('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
  return {
    accounts: accountsStore(db),
    acl: aclStore(db),
    codes: codesStore(db),
    keys: keysStore(db),
    mail: mailStore(db),
    meta: (key: string): string | undefined => get.get(key)?.toString(),
    setMeta: (key: string, value: string) => void put.run(key, Buffer.from(value)),
    /** All of it or nothing; taken for writing at once, so that no other process can come in between. */
    transaction: (work: () => void) => db.transaction(work).immediate(),
    /** A part of a transaction: where it throws, only this part is undone. */
    nested: (work: () => void) => db.transaction(work)(),
    close() {
      db.pragma('wal_checkpoint(TRUNCATE)')
      db.close()
    },
  }
}
export type Store = ReturnType<typeof openStore>
