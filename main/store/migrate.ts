import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Db, StoreError } from './open.ts'

/** One step of the schema. Released files never change; the next step is a new file. */
export interface Migration {
  /** Counts from 1 without gaps: `user_version` after it. */
  version: number
  sql: string
}

/** "Prly": whose database this is. */
const APPLICATION_ID = 0x50726c79

/**
 * Brings the database to the newest version, each step in a transaction of its own, after a backup of what was there.
 * A newer file and one of an unreleased build are refused; a kill in the middle leaves a whole older version.
 */
export function migrate(db: Db, file: string, migrations: readonly Migration[]): void {
  const at = db.pragma('user_version', { simple: true }) as number
  const head = migrations.at(-1)?.version ?? 0
  if (at > head) throw new StoreError('newer-database')
  if (at > 0 && db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw new StoreError('unreleased-database')
  const due = migrations.filter((migration) => migration.version > at)
  if (due.length === 0) {
    assertSame(db, migrations)
    return dropBackups(file)
  }
  if (at > 0) backUp(db, `${file}.before-${head}`)
  for (const { version, sql } of due) {
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${version}`)
      db.exec(`CREATE TABLE IF NOT EXISTS schema_steps (version INTEGER PRIMARY KEY, sql TEXT NOT NULL) STRICT`)
      db.prepare('INSERT INTO schema_steps VALUES (?, ?)').run(version, sql)
    })()
  }
}

/** Until the first release migration 0001 is edited freely: a database made by another text of it is refused in words. */
function assertSame(db: Db, migrations: readonly Migration[]): void {
  const steps = db.prepare<[], { version: number; sql: string }>('SELECT version, sql FROM schema_steps').all()
  const isSame = (step: { version: number; sql: string }) => migrations.find((one) => one.version === step.version)?.sql === step.sql
  if (!steps.every(isSame)) throw new StoreError('unreleased-database')
}

/** A whole encrypted copy beside the file, under its final name only once it is complete. */
function backUp(db: Db, to: string): void {
  if (existsSync(to)) return
  const part = `${to}.part`
  rmSync(part, { force: true })
  db.prepare('VACUUM INTO ?').run(part)
  renameSync(part, to)
}

/** The newer version has opened once more, so the copies from before have done their work: what is deleted in the log must stand in no copy. */
function dropBackups(file: string): void {
  const before = `${basename(file)}.before-`
  for (const name of readdirSync(dirname(file))) if (name.startsWith(before)) rmSync(join(dirname(file), name), { force: true })
}
