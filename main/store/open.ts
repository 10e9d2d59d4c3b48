import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import type { ErrorCode } from '../../protocol/errors.ts'
import { migrate, type Migration } from './migrate.ts'

export type Db = Database.Database
export type { Statement } from 'better-sqlite3'

/** Why the store can't be opened, as a code with a sentence. */
export class StoreError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, options?: { cause: unknown }) {
    super(code, options)
    this.name = 'StoreError'
    this.code = code
  }
}

/** Pragmas set on every open, and the values read back afterwards. The reasons stand in docs/adr/0003-store.md. */
const SETTINGS: [pragma: string, value: string | number, readBack: unknown][] = [
  ['journal_mode', 'WAL', 'wal'],
  // The build's default in WAL is NORMAL, which loses acknowledged messages in a power cut.
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['secure_delete', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
  ['cell_size_check', 'ON', 1],
  ['temp_store', 'MEMORY', 2],
  ['busy_timeout', 5000, 5000],
  ['wal_autocheckpoint', 1000, 1000],
]

export interface OpenOptions {
  file: string
  /** 32 raw bytes. */
  key: Uint8Array
  migrations: readonly Migration[]
  /** `synchronous=NORMAL`, for the naive twin that the power-cut test must catch. */
  naive?: boolean
}

/** Opens (or makes) the encrypted log, asserts every setting, migrates. Throws StoreError. */
export function openStore({ file, key, migrations, naive = false }: OpenOptions): Db {
  if (!existsSync(dirname(file))) throw new StoreError('no-folder')
  const isNew = !existsSync(file)
  if (!isNew) assertEncrypted(file)
  let db: Db
  try {
    db = new Database(file)
  } catch (error) {
    throw new StoreError(codeOf(error), { cause: error })
  }
  try {
    unlock(db, key)
    for (const [pragma, value, expected] of settings(naive)) {
      db.pragma(`${pragma} = ${value}`)
      const is = db.pragma(pragma, { simple: true })
      if (is !== expected) throw new Error(`${pragma} is ${String(is)}`)
    }
    migrate(db, file, migrations)
    return db
  } catch (error) {
    db.close()
    const code = error instanceof StoreError ? error.code : codeOf(error)
    throw new StoreError(code === 'no-folder' && isReadOnly(file) ? 'read-only' : code, { cause: error })
  }
}

/** SQLite says CANTOPEN where a write-ahead log can't be made. */
function isReadOnly(file: string): boolean {
  try {
    accessSync(dirname(file), constants.W_OK)
    return false
  } catch {
    return true
  }
}

const settings = (naive: boolean) =>
  naive ? SETTINGS.map(([pragma, value, is]) => (pragma === 'synchronous' ? ([pragma, 'NORMAL', 1] as const) : ([pragma, value, is] as const))) : SETTINGS

function unlock(db: Db, key: Uint8Array): void {
  db.pragma("cipher = 'sqlcipher'")
  db.pragma('legacy = 4')
  // A raw key: opens in 0.3 ms. Given as bytes it would be taken as a passphrase and cost 160 ms.
  const raw = Buffer.from(`x'${Buffer.from(key).toString('hex')}'`)
  ;(db as unknown as { key(raw: Buffer): void }).key(raw)
  raw.fill(0)
  try {
    db.pragma('schema_version')
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
  } catch (error) {
    throw new StoreError(isNotADatabase(error) ? 'wrong-store-key' : codeOf(error), { cause: error })
  }
}

/** A plain SQLite file under our name is never written to. */
function assertEncrypted(file: string): void {
  const head = Buffer.alloc(16)
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    throw new StoreError('no-folder', { cause: error })
  }
  readSync(descriptor, head, 0, 16, 0)
  closeSync(descriptor)
  if (head.toString('latin1') === 'SQLite format 3\0') throw new StoreError('not-encrypted')
}

const isNotADatabase = (error: unknown) => (error as { code?: string }).code === 'SQLITE_NOTADB'

/** The code for people of what SQLite threw. */
export function codeOf(error: unknown): ErrorCode {
  const code = (error as { code?: string }).code ?? ''
  if (code.startsWith('SQLITE_FULL') || code === 'ENOSPC') return 'disk-full'
  if (code.startsWith('SQLITE_READONLY') || code === 'EACCES' || code === 'EROFS') return 'read-only'
  if (code.startsWith('SQLITE_CANTOPEN') || code === 'ENOENT' || code === 'ENOTDIR') return 'no-folder'
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_IOERR')) return 'damaged-store'
  return 'internal'
}
