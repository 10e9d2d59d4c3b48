import type Database from 'better-sqlite3'
import type { Ms } from '../../protocol/ids.ts'

export interface Totals { n: number; bytes: number }
export interface Deposit { account: number; id: string; cls: 'msg' | 'knock'; tok: Buffer | null; hash: Buffer; at: Ms; expires: Ms; size: number }
/** A row on its way to its owner. */
export interface Waiting { seq: number; id: string; cls: 'msg' | 'knock'; at: Ms; body: Buffer }

/** The mailbox [S18–S21, C33, P5]. The depositor stands nowhere. What is past its end is not there, pruned or not. */
export function mailStore(db: Database.Database) {
  const add = db.prepare<[Record<string, unknown>]>(
    'INSERT INTO mail (seq, account, kind, id, cls, tok, hash, size, at, expires, body) VALUES (:seq, :account, :kind, :id, :cls, :tok, :hash, :size, :at, :expires, :body)')
  // REPLACE, not UPDATE: zeros written over zeros dirty no page, and the commit would be shorter.
  const fill = db.prepare<[number]>('INSERT OR REPLACE INTO filler (one, body) VALUES (1, zeroblob(?))')
  const waits = db.prepare<[number, Buffer | null, Buffer, Ms], number>(
    'SELECT 1 FROM mail WHERE account = ? AND tok IS ? AND hash = ? AND expires > ?').pluck()
  const ofToken = db.prepare<[number, Buffer, Ms], Totals>(
    'SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes FROM mail WHERE account = ? AND tok = ? AND expires > ?')
  const ofAccount = db.prepare<[number, Ms], Totals>(
    "SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes FROM mail WHERE account = ? AND kind = 'real' AND expires > ?")
  const after = db.prepare<[number, number, Ms, number], Waiting>(
    "SELECT seq, id, cls, at, body FROM mail WHERE account = ? AND kind = 'real' AND seq > ? AND expires > ? ORDER BY seq LIMIT ?")
  const left = db.prepare<[number, number, Ms], number>(
    "SELECT count(*) FROM mail WHERE account = ? AND kind = 'real' AND seq > ? AND expires > ?").pluck()
  const one = db.prepare<[number, number], { tok: Buffer | null }>("SELECT tok FROM mail WHERE seq = ? AND account = ? AND kind = 'real'")
  const find = db.prepare<[number, string], number>("SELECT seq FROM mail WHERE account = ? AND id = ? AND kind = 'real'").pluck()
  const remove = db.prepare<[number]>('DELETE FROM mail WHERE seq = ?')
  const ghost = db.prepare<[number]>("UPDATE mail SET kind = 'ghost', body = NULL WHERE seq = ?")
  const hold = db.prepare<[Ms, number]>("UPDATE mail SET kind = 'held', body = NULL, expires = min(expires, ?) WHERE seq = ?")
  const heldToks = db.prepare<[number], Buffer>("SELECT DISTINCT tok FROM mail WHERE account = ? AND kind = 'held'").pluck()
  const letGo = db.prepare<[number, Buffer]>("DELETE FROM mail WHERE account = ? AND tok = ? AND kind = 'held'")
  const clear = db.prepare<[number]>('DELETE FROM mail WHERE account = ?')
  const slots = db.prepare<[number, Ms], { all: number; plain: number }>(
    'SELECT count(*) AS "all", count(*) FILTER (WHERE gated = 0) AS plain FROM knock_slots WHERE account = ? AND expires > ?')
  const addSlot = db.prepare<[number, Ms, number]>('INSERT INTO knock_slots (account, expires, gated) VALUES (?, ?, ?)')
  const pruneMail = db.prepare<[Ms]>('DELETE FROM mail WHERE expires <= ?')
  const pruneSlots = db.prepare<[Ms]>('DELETE FROM knock_slots WHERE expires <= ?')
  // Counted here, not by AUTOINCREMENT, which writes a page more each time. SQLite alone would give the number of the last row
  // again once that is gone, and a session would take the new one for sent. Numbers of an earlier process may come back: no session has seen them.
  let seq = db.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM mail').pluck().get()!

  return {
    store(deposit: Deposit, body: Uint8Array): number {
      add.run({ ...deposit, seq: ++seq, kind: 'real', body })
      return seq
    },
    /** [C33] Counts and ends like a real row; the same number of pages is written. */
    storeGhost(deposit: Deposit) {
      add.run({ ...deposit, seq: ++seq, kind: 'ghost', body: null })
      fill.run(deposit.size)
    },
    /** Writes as much as a deposit would. */
    fill: (size: number) => void fill.run(size),
    /** [S19] These bytes lie here already, or count as if they did. */
    isWaiting: (account: number, tok: Buffer | null, hash: Buffer, now: Ms): boolean => waits.get(account, tok, hash, now) !== undefined,
    /** [S21] Real rows and ghosts. */
    ofToken: (account: number, tok: Buffer, now: Ms) => ofToken.get(account, tok, now)!,
    /** [S21] Real rows only. */
    ofAccount: (account: number, now: Ms) => ofAccount.get(account, now)!,
    after: (account: number, seq: number, now: Ms, most: number) => after.all(account, seq, now, most),
    countAfter: (account: number, seq: number, now: Ms) => left.get(account, seq, now)!,
    /** Undefined where there is no such row of this account. */
    tokenOf: (account: number, seq: number) => one.get(seq, account),
    seqOf: (account: number, id: string) => find.get(account, id),
    remove: (seq: number) => void remove.run(seq),
    toGhost: (seq: number) => void ghost.run(seq),
    hold: (seq: number, until: Ms) => void hold.run(until, seq),
    heldTokens: (account: number) => heldToks.all(account),
    letGo: (account: number, tok: Buffer) => void letGo.run(account, tok),
    /** [S13] All of it, ghosts too: for whoever deposits, the quota is free again either way. */
    clear: (account: number) => void clear.run(account),
    slots: (account: number, now: Ms) => slots.get(account, now)!,
    addSlot: (account: number, expires: Ms, isGated: boolean) => void addSlot.run(account, expires, isGated ? 1 : 0),
    prune(now: Ms) {
      pruneMail.run(now)
      pruneSlots.run(now)
    },
  }
}
export type MailStore = ReturnType<typeof mailStore>
