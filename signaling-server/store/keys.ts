import type Database from 'better-sqlite3'

export interface StoredKey { id: Buffer; p: Buffer; s: Buffer; expires: number }

/** [S16, S17] Prekeys. What is past its end is not there, pruned or not. */
export function keysStore(db: Database.Database) {
  const add = db.prepare<[number, Buffer, string, Buffer, Buffer, number]>(
    'INSERT OR IGNORE INTO prekeys (account, id, kind, p, s, expires) VALUES (?, ?, ?, ?, ?, ?)')
  const count = db.prepare<[number, number], number>("SELECT count(*) FROM prekeys WHERE account = ? AND kind = 'once' AND expires > ?").pluck()
  const clear = db.prepare<[number, string]>('DELETE FROM prekeys WHERE account = ? AND kind = ?')
  const clearAll = db.prepare<[number]>('DELETE FROM prekeys WHERE account = ?')
  const oldest = db.prepare<[number, string, number], StoredKey>(
    'SELECT id, p, s, expires FROM prekeys WHERE account = ? AND kind = ? AND expires > ? ORDER BY expires LIMIT 1')
  const last = db.prepare<[number, number], number>("SELECT max(expires) FROM prekeys WHERE account = ? AND kind = 'last' AND expires > ?").pluck()
  const use = db.prepare<[number, Buffer]>("UPDATE prekeys SET kind = 'used', p = NULL, s = NULL WHERE account = ? AND id = ?")
  const isKnown = db.prepare<[number, Buffer], number>('SELECT 1 FROM prekeys WHERE account = ? AND id = ?').pluck()
  const prune = db.prepare<[number]>('DELETE FROM prekeys WHERE expires <= ?')
  return {
    /** A key that is there, or was claimed, changes nothing. */
    add: (account: number, kind: 'once' | 'last', key: StoredKey) => void add.run(account, key.id, kind, key.p, key.s, key.expires),
    countOnce: (account: number, now: number) => count.get(account, now)!,
    isKnown: (account: number, id: Buffer): boolean => isKnown.get(account, id) !== undefined,
    /** Kind by kind; claimed ids stay. */
    clear: (account: number, kind: 'once' | 'last') => void clear.run(account, kind),
    /** [S13] All keys of a device that is no longer listed. */
    clearAll: (account: number) => void clearAll.run(account),
    takeOnce(account: number, now: number): StoredKey | undefined {
      const key = oldest.get(account, 'once', now)
      if (key !== undefined) use.run(account, key.id)
      return key
    },
    last: (account: number, now: number) => oldest.get(account, 'last', now),
    /** End of the last-resort key, 0 where there is none. */
    lastUntil: (account: number, now: number): number => last.get(account, now) ?? 0,
    prune: (now: number) => void prune.run(now),
  }
}
