import type { B64, Ik, Ms } from '../../protocol/ids.ts'
import type { Chance } from '../random.ts'
import type { Store } from '../store/store.ts'

/** What is shared, and with whom. */

export type Why = 'stopped' | 'expired' | 'unused' | 'missing'

/** A share as it is kept. */
export interface Kept {
  id: B64
  /** The folder's real path. */
  root: string
  name: string
  made: Ms
  until: Ms
  /** Last looked at or fetched from; when it was shared, before that. */
  used: Ms
  rate: number
  daily: number
  once: 0 | 1
  files: number
  bytes: number
  next: number
  ended: Ms | null
  /** `forgotten`: nobody sees it any more, and its index is on its way out. */
  why: Why | 'forgotten' | null
}

/** [B3] One buddy may look into one share. `key`: of the two [B4]. */
export interface Grant { share: Kept; ik: Ik; key: B64 }

export type Books = ReturnType<typeof createBooks>

/** `isBuddy`: one whose key is as it was. */
export function createBooks({ store, chance, now, isBuddy }: { store: Store; chance: Chance; now: () => Ms; isBuddy(ik: Ik): boolean }) {
  const { db } = store
  const isOn = 's.ended IS NULL AND s.until > ?'
  const sql = {
    add: db.prepare('INSERT INTO shares VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 1, NULL, NULL)'),
    get: db.prepare<[B64], Kept>('SELECT * FROM shares WHERE id = ?'),
    all: db.prepare<[], Kept>('SELECT * FROM shares ORDER BY made DESC, id'),
    change: db.prepare('UPDATE shares SET until = ?, rate = ?, daily = ? WHERE id = ?'),
    read: db.prepare('UPDATE shares SET files = ?, bytes = ? WHERE id = ?'),
    next: db.prepare('UPDATE shares SET next = ? WHERE id = ?'),
    used: db.prepare('UPDATE shares SET used = ? WHERE id = ?'),
    end: db.prepare('UPDATE shares SET ended = ?, why = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM shares WHERE id = ?'),
    granted: db.prepare<[Ik, B64, Ms], Kept & { key: B64 }>(`SELECT s.*, g.key FROM share_grants g JOIN shares s ON s.id = g.share WHERE g.ik = ? AND g.share = ? AND ${isOn}`),
    grantedTo: db.prepare<[Ik, Ms], Kept & { key: B64 }>(`SELECT s.*, g.key FROM share_grants g JOIN shares s ON s.id = g.share WHERE g.ik = ? AND ${isOn} ORDER BY s.made DESC, s.id`),
    sharesOf: db.prepare<[Ik], B64>('SELECT share FROM share_grants WHERE ik = ?').pluck(),
    people: db.prepare<[B64], Ik>('SELECT ik FROM share_grants WHERE share = ?').pluck(),
    untold: db.prepare<[B64], Ik>('SELECT ik FROM share_grants WHERE share = ? AND told = 0').pluck(),
    grant: db.prepare('INSERT INTO share_grants VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING'),
    told: db.prepare('UPDATE share_grants SET told = ? WHERE share = ? AND ik = ?'),
    revoke: db.prepare('DELETE FROM share_grants WHERE share = ? AND ik = ?'),
  }
  const grantOf = (ik: Ik, { key, ...share }: Kept & { key: B64 }): Grant => ({ share, ik, key })

  return {
    get: (id: B64): Kept | undefined => sql.get.get(id),
    /** Newest first. */
    all: (): Kept[] => sql.all.all(),
    people: (id: B64): Ik[] => sql.people.all(id),
    /** Of a share with an end that has come too. */
    sharesOf: (ik: Ik): B64[] => sql.sharesOf.all(ik),
    /** [B3] Unknown, ended, revoked and never granted are the same. */
    granted(ik: Ik, id: B64): Grant | undefined {
      const row = isBuddy(ik) ? sql.granted.get(ik, id, now()) : undefined
      return row === undefined ? undefined : grantOf(ik, row)
    },
    grantedTo: (ik: Ik): Grant[] => !isBuddy(ik) ? [] : sql.grantedTo.all(ik, now()).map((row) => grantOf(ik, row)),
    /** Not offered yet. */
    untold: (id: B64): Ik[] => sql.untold.all(id),

    // What follows is done in the write that is running.
    add(share: Pick<Kept, 'root' | 'name' | 'until' | 'rate' | 'daily' | 'once'>): B64 {
      const id = chance.b64(16)
      sql.add.run(id, share.root, share.name, now(), share.until, now(), share.rate, share.daily, share.once)
      return id
    },
    change: (id: B64, { until, rate, daily }: Pick<Kept, 'until' | 'rate' | 'daily'>) => void sql.change.run(until, rate, daily, id),
    read: (id: B64, { files, bytes }: Pick<Kept, 'files' | 'bytes'>) => void sql.read.run(files, bytes, id),
    next: (id: B64, next: number) => void sql.next.run(next, id),
    used: (id: B64) => void sql.used.run(now(), id),
    grant: (id: B64, ik: Ik) => void sql.grant.run(id, ik, chance.b64(32)),
    tell: (id: B64, ik: Ik, isTold: boolean) => void sql.told.run(isTold ? 1 : 0, id, ik),
    revoke: (id: B64, ik: Ik) => void sql.revoke.run(id, ik),
    end: (id: B64, why: Why | 'forgotten') => void sql.end.run(now(), why, id),
    /** It is shared again: with the same people, under the same id. */
    reopen: (id: B64) => void sql.end.run(null, null, id),
    remove: (id: B64) => void sql.remove.run(id),
  }
}
