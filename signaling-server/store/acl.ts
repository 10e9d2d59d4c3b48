import type Database from 'better-sqlite3'
import type { B64, RuleId } from '../../protocol/ids.ts'
import type { AclRule } from '../../protocol/wire/signaling.ts'
import { aclStateInput } from '../../protocol/wire/tbs.ts'
import { b64Of, bytesOf, sha256 } from '../crypto.ts'

/** [C23] Bits of a rule; a tombstone keeps those it had. */
export const MAY_DROP = 1
export const MAY_PRESENCE = 2
export const IS_TOMBSTONE = 4

/** A rule as decisions need it. */
export interface Rule { id: RuleId; flags: number }

const flagsOf = (rule: AclRule): number =>
  (rule.may.includes('drop') ? MAY_DROP : 0) | (rule.may.includes('presence') ? MAY_PRESENCE : 0) | (rule.tomb ? IS_TOMBSTONE : 0)

interface RuleRow { id: Buffer; h: Buffer; flags: number }

function toRule({ id, h, flags }: RuleRow): AclRule {
  const may: AclRule['may'] = []
  if (flags & MAY_DROP) may.push('drop')
  if (flags & MAY_PRESENCE) may.push('presence')
  return { id: b64Of(id) as RuleId, h: b64Of(h), may, ...(flags & IS_TOMBSTONE ? { tomb: true as const } : {}) }
}

/** Rules, tombstones, denied hashes and gates of an account [C20, C23, C31, I14]. */
export function aclStore(db: Database.Database) {
  const byHash = db.prepare<[number, Buffer], { id: Buffer; flags: number }>('SELECT id, flags FROM rules WHERE account = ? AND h = ?')
  const put = db.prepare<[number, Buffer, Buffer, number]>(
    'INSERT INTO rules (account, id, h, flags) VALUES (?, ?, ?, ?) ON CONFLICT (account, id) DO UPDATE SET h = excluded.h, flags = excluded.flags')
  const twice = db.prepare<[number], number>('SELECT 1 FROM rules WHERE account = ? GROUP BY h HAVING count(*) > 1 LIMIT 1').pluck()
  const remove = db.prepare<[number, Buffer]>('DELETE FROM rules WHERE account = ? AND id = ?')
  const clear = db.prepare<[number]>('DELETE FROM rules WHERE account = ?')
  const counts = db.prepare<[number], { live: number; dead: number }>(
    `SELECT count(*) FILTER (WHERE flags & ${IS_TOMBSTONE} = 0) AS live, count(*) FILTER (WHERE flags & ${IS_TOMBSTONE}) AS dead FROM rules WHERE account = ?`)
  const page = db.prepare<[number, Buffer, number], RuleRow>('SELECT id, h, flags FROM rules WHERE account = ? AND id > ? ORDER BY id LIMIT ?')
  const isDenied = db.prepare<[number, Buffer], number>('SELECT 1 FROM denied WHERE account = ? AND hash = ?').pluck()
  const deny = db.prepare<[number, Buffer]>('INSERT OR IGNORE INTO denied (account, hash) VALUES (?, ?)')
  const undeny = db.prepare<[number, Buffer]>('DELETE FROM denied WHERE account = ? AND hash = ?')
  const clearDenied = db.prepare<[number]>('DELETE FROM denied WHERE account = ?')
  const countDenied = db.prepare<[number], number>('SELECT count(*) FROM denied WHERE account = ?').pluck()
  const deniedPage = db.prepare<[number, Buffer, number], Buffer>('SELECT hash FROM denied WHERE account = ? AND hash > ? ORDER BY hash LIMIT ?').pluck()
  const isGate = db.prepare<[number, Buffer], number>('SELECT 1 FROM gates WHERE account = ? AND hash = ?').pluck()
  const addGate = db.prepare<[number, Buffer]>('INSERT OR IGNORE INTO gates (account, hash) VALUES (?, ?)')
  const clearGates = db.prepare<[number]>('DELETE FROM gates WHERE account = ?')
  const forget = db.prepare<[number]>('UPDATE accounts SET acl_state = NULL WHERE id = ?')
  const START = Buffer.alloc(0)
  const ALL = -1

  return {
    rule(account: number, h: Buffer): Rule | undefined {
      const row = byHash.get(account, h)
      return row === undefined ? undefined : { id: b64Of(row.id) as RuleId, flags: row.flags }
    },
    putRules(account: number, rules: AclRule[]) {
      for (const rule of rules) put.run(account, bytesOf(rule.id), bytesOf(rule.h), flagsOf(rule))
      forget.run(account)
    },
    /** Two rules for one token would leave open which of them holds. */
    hasTwins: (account: number): boolean => twice.get(account) !== undefined,
    removeRules(account: number, ids: B64[]) {
      for (const id of ids) remove.run(account, bytesOf(id))
      forget.run(account)
    },
    clearRules: (account: number) => void clear.run(account),
    counts: (account: number) => counts.get(account)!,
    rulesAfter: (account: number, after: Buffer | undefined, most: number): AclRule[] => page.all(account, after ?? START, most).map(toRule),
    isDenied: (account: number, hash: Buffer): boolean => isDenied.get(account, hash) !== undefined,
    changeDenied(account: number, { add, del, replace }: { add: B64[]; del: B64[]; replace: boolean }) {
      if (replace) clearDenied.run(account)
      for (const hash of add) deny.run(account, bytesOf(hash))
      for (const hash of del) undeny.run(account, bytesOf(hash))
      forget.run(account)
    },
    countDenied: (account: number) => countDenied.get(account)!,
    deniedAfter: (account: number, after: Buffer | undefined, most: number): B64[] => deniedPage.all(account, after ?? START, most).map(b64Of),
    /** [C23] Over everything; the caller keeps it until the next change. */
    state: (account: number): Buffer =>
      sha256(aclStateInput(page.all(account, START, ALL).map(toRule), deniedPage.all(account, START, ALL).map(b64Of))),
    isGate: (account: number, gate: B64): boolean => isGate.get(account, sha256(bytesOf(gate))) !== undefined,
    setGates(account: number, hashes: B64[]) {
      clearGates.run(account)
      for (const hash of hashes) addGate.run(account, bytesOf(hash))
    },
  }
}
