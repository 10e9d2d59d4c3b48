import type Database from 'better-sqlite3'
import type { KnockMode } from '../../protocol/wire/signaling.ts'

/** What depositing and finding need of an account. */
export interface Target {
  id: number
  ik: Buffer
  dev: Buffer
  knock_mode: KnockMode
}

export interface Account extends Target {
  handle: string
  rec_p: Buffer
  rec_s: Buffer
  seq: number
  dk: Buffer
  run: number
  since: number
  knocks_refused: number
  acl_state: Buffer | null
}

/** What a record sets. */
export interface RecordColumns { rec_p: Buffer; rec_s: Buffer; rec_hash: Buffer; seq: number; dev: Buffer; dk: Buffer }

export function accountsStore(db: Database.Database) {
  const all = 'SELECT id, ik, handle, rec_p, rec_s, seq, dev, dk, run, since, knock_mode, knocks_refused, acl_state FROM accounts JOIN runs ON runs.account = accounts.id'
  const target = db.prepare<[string], Target>('SELECT id, ik, dev, knock_mode FROM accounts WHERE handle = ?')
  const record = db.prepare<[number], { rec_p: Buffer; rec_s: Buffer }>('SELECT rec_p, rec_s FROM accounts WHERE id = ?')
  const byIk = db.prepare<[Buffer], Account>(`${all} WHERE ik = ?`)
  const byRecord = db.prepare<[Buffer], Account>(`${all} WHERE rec_hash = ?`)
  const byId = db.prepare<[number], Account>(`${all} WHERE id = ?`)
  const since = db.prepare<[number], number>('SELECT since FROM accounts WHERE id = ?').pluck()
  const add = db.prepare<[Record<string, unknown>]>(
    'INSERT INTO accounts (ik, handle, rec_p, rec_s, rec_hash, seq, dev, dk, since) VALUES (:ik, :handle, :rec_p, :rec_s, :rec_hash, :seq, :dev, :dk, :since)')
  const setRecord = db.prepare<[Record<string, unknown>]>(
    'UPDATE accounts SET rec_p = :rec_p, rec_s = :rec_s, rec_hash = :rec_hash, seq = :seq, dev = :dev, dk = :dk WHERE id = :id')
  const setRun = db.prepare<[number, number]>('INSERT INTO runs (account, run) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET run = excluded.run')
  const knocksTold = db.prepare<[number]>('UPDATE accounts SET knocks_refused = 0 WHERE id = ? AND knocks_refused > 0')
  const setAclState = db.prepare<[Buffer | null, number]>('UPDATE accounts SET acl_state = ? WHERE id = ?')
  const setMode = db.prepare<[KnockMode, number]>('UPDATE accounts SET knock_mode = ? WHERE id = ?')
  const refused = db.prepare<[number]>('UPDATE accounts SET knocks_refused = knocks_refused + 1 WHERE id = ?')
  const remove = db.prepare<[number]>('DELETE FROM accounts WHERE id = ?')
  const free = db.prepare<[string, number]>('INSERT OR REPLACE INTO freed_handles (handle, until) VALUES (?, ?)')
  const freed = db.prepare<[string], number>('SELECT until FROM freed_handles WHERE handle = ?').pluck()
  const prune = db.prepare<[number]>('DELETE FROM freed_handles WHERE until <= ?')
  return {
    target: (handle: string) => target.get(handle),
    record: (id: number) => record.get(id)!,
    byIk: (ik: Buffer) => byIk.get(ik),
    byRecord: (hash: Buffer) => byRecord.get(hash),
    byId: (id: number) => byId.get(id),
    since: (id: number): number => since.get(id) ?? 0,
    /** [S8] Counts as run 0. */
    add(of: RecordColumns & { ik: Buffer; handle: string; since: number }): number {
      const id = Number(add.run({ ...of }).lastInsertRowid)
      setRun.run(id, 0)
      return id
    },
    setRecord: (id: number, of: RecordColumns) => void setRecord.run({ ...of, id }),
    /** [S7] */
    setRun: (id: number, run: number) => void setRun.run(id, run),
    /** [C6] They were told with this `ready`. */
    knocksTold: (id: number) => void knocksTold.run(id),
    setAclState: (id: number, state: Buffer | null) => void setAclState.run(state, id),
    setMode: (id: number, mode: KnockMode) => void setMode.run(mode, id),
    /** [C6] One more knock was swallowed. */
    knockRefused: (id: number) => void refused.run(id),
    /** [S14] With all that hangs on it; the handle rests. */
    remove(id: number, handle: string, until: number) {
      remove.run(id)
      free.run(handle, until)
    },
    restsUntil: (handle: string): number => freed.get(handle) ?? 0,
    prune: (now: number) => void prune.run(now),
  }
}
