import { join } from 'node:path'
import Database from 'better-sqlite3'
import { folderFault } from './profile.ts'

/**
 * One program per profile, whichever host it is: an open transaction on a tiny database. Files left behind by a program that was
 * killed lock nothing, because the system lets go of the lock with the process. Undefined where somebody else holds it.
 */
export function lockProfile(folder: string): { release(): void } | undefined {
  let db: Database.Database | undefined
  try {
    db = new Database(join(folder, 'lock.db'), { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) return undefined
    throw folderFault(error)
  }
  const held = db
  return { release: () => void held.close() }
}
