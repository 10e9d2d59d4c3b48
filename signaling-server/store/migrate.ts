import type Database from 'better-sqlite3'
import { b64Of, sha256 } from '../crypto.ts'
import { StartRefusal } from '../refusal.ts'
import { first } from './migrations/0001-first.ts'

/** Each migration once, in order; its number is `user_version` afterwards. */
export const migrations: readonly string[] = [first]

/** "PaSv", so that another program's database is told apart from a damaged one. */
const APPLICATION_ID = 0x50615376

/** Brings the database to the newest schema, or refuses in words. True where it was empty. */
export function migrate(db: Database.Database, steps = migrations): boolean {
  const version = Number(db.pragma('user_version', { simple: true }))
  const application = Number(db.pragma('application_id', { simple: true }))
  if (version > steps.length) throw new StartRefusal('database', 'A newer Parley server has used this data folder. Please update this one.')
  if (version > 0 && application !== APPLICATION_ID) throw new StartRefusal('database', 'The database in this data folder is not a Parley server’s.')
  const fingerprint = b64Of(sha256(Buffer.from(steps.join('\n'))))
  if (version > 0 && version === steps.length) {
    const made = db.prepare<[], Buffer>("SELECT value FROM meta WHERE key = 'schema'").pluck().get()
    if (made?.toString() !== fingerprint) throw new StartRefusal('database', 'This database was made by an unfinished Parley server that this one can’t read.')
    return false
  }
  db.transaction(() => {
    for (const step of steps.slice(version)) db.exec(step)
    db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)").run(Buffer.from(fingerprint))
    db.pragma(`user_version = ${steps.length}`)
    db.pragma(`application_id = ${APPLICATION_ID}`)
  }).immediate()
  return version === 0
}
