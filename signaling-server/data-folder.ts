import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { StartRefusal } from './refusal.ts'

/** The folder of one server: `server.key`, `server.db`, `lock.db`. */

const KEY = 'server.key'
const LOCK = 'lock.db'
const SEED_LENGTH = 32

export function makeFolder(folder: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartRefusal('folder', `The data folder ${folder} can’t be made (${(error as NodeJS.ErrnoException).code}).`)
  }
}

/** The seed of the server's key [S4]: 32 bytes that only their owner may read, made at the first start and never again. */
export function serverSeed(folder: string, { isNew, random }: { isNew: boolean; random: (n: number) => Uint8Array }): Buffer {
  const path = join(folder, KEY)
  const found = read(path)
  if (found !== undefined) {
    if (found.length !== SEED_LENGTH) throw new StartRefusal('key', `${path} is not a server key: it has ${found.length} bytes instead of ${SEED_LENGTH}.`)
    chmodSync(path, 0o600)
    return found
  }
  // A new key under a known name is an alarm at every client [S5], so it is never made beside an old database.
  if (!isNew) throw new StartRefusal('key', `The server’s key is gone: ${path} is missing, but there is a database. Put it back from a backup.`)
  const seed = Buffer.from(random(SEED_LENGTH))
  const file = openSync(path, 'wx', 0o600)
  writeSync(file, seed)
  fsyncSync(file)
  closeSync(file)
  return seed
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new StartRefusal('key', `${path} can’t be read (${code}).`)
  }
}

/**
 * One server at a time has this folder: an open SQLite transaction, which the system ends even after kill -9. Two of them would
 * not corrupt anything, but neither would hear of the other's sessions.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK)
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    throw new StartRefusal('folder', `The data folder ${folder} can’t be written to (${(error as NodeJS.ErrnoException).code}).`)
  }
  const lock = new Database(path, { timeout: 0 })
  try {
    // Not WAL: there an exclusive transaction keeps nobody out.
    lock.pragma('journal_mode = DELETE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch {
    lock.close()
    throw new StartRefusal('folder', `Another Parley server uses the data folder ${folder}.`)
  }
  return () => lock.close()
}
