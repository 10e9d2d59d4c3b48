import type { B64, DevId, Ik, KeyId, Ms } from '../../protocol/ids.ts'
import {
  BATCH_KEYS, MAX_BATCHES, OLD_BATCH_AFTER_DRAIN, POOL_KEPT_AT_LEAST, POOL_KEPT_AT_MOST, USED_KEY_MEMORY,
} from '../../protocol/limits.ts'
import { concat, fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import { type Batch, batchKeys } from '../../protocol/wire/identity.ts'
import type { KeyKind } from '../../protocol/wire/frame-table.ts'
import type { Chance } from '../random.ts'
import type { Store } from '../store/store.ts'
import { makeSealKey, type SealKey } from './hpke.ts'

/** [4.2] Private halves of mine, public halves of theirs, and when each goes. All methods run inside the caller's write. */

export interface KeyOwner { ik: Ik; dev: DevId }

export type KeyLookup =
  | { at: 'live'; kind: KeyKind; key: SealKey; owner?: KeyOwner }
  | { at: 'used'; ik: Ik | undefined }
  /** `issuedTo`: whom it was given to, as far as that is remembered [E12]. */
  | { at: 'unknown'; issuedTo: Ik | undefined }

export interface SealTo { id: KeyId; pk: B64; kind: 'k' | 'r'; dev: DevId; b: number }

export interface Keyring {
  lookup(id: KeyId): KeyLookup
  /** True where this envelope id came under this reusable key before. */
  wasSeen(key: KeyId, envelope: B64): boolean
  /** [E14] The key was opened with: `k` and pool keys go, reusable ones remember the envelope. */
  consume(key: KeyId, kind: KeyKind, envelope: B64, owner: KeyOwner | undefined): void
  /** [E4] A first batch for this device of theirs, or the newest there is. */
  newestBatch(to: KeyOwner, feat: string[]): Batch
  /** [E5, E6] The batch to send along, made anew where due; none where the newest is known to be held. */
  batchToTell(to: KeyOwner, heldByThem: number, feat: string[]): Batch | undefined
  /** [E5] Their `hb`: the highest batch of mine they hold. False, and ignored, where there is no such batch. */
  noteHeld(by: KeyOwner, hb: number): boolean
  /** [E5] A batch of theirs. True where it is newer than the highest held. */
  takeTheirs(from: KeyOwner, batch: Batch): boolean
  /** `hb` of mine toward them: the highest batch of this device of theirs that I hold. */
  held(from: KeyOwner): number
  /** [E8] The next key to seal to: a `k` while more than none is left, else `r`. */
  pick(to: KeyOwner): SealTo | undefined
  /** [4.2] Their `r`: what an offer is sealed to. */
  reusable(to: KeyOwner): SealTo | undefined
  spend(to: KeyOwner, id: KeyId): void
  /** Unused one-time keys of theirs. */
  left(to: KeyOwner): number
  /** [S16] New keys for the pool at the server; `last` too where asked. */
  makePool(n: number, last: boolean): { id: KeyId; pk: B64; kind: 'pool' | 'last' }[]
  /** Older pool keys are over, once the server has taken these. */
  replacePool(newer: readonly KeyId[]): void
  poolMade(): Ms | undefined
  /** [E7, 4.2] The mailbox was drained: keys that are over go. */
  drained(pinned: (ik: Ik) => DevId | undefined): void
  /** [E7] Everything made for or held from this person goes. */
  forget(ik: Ik): void
  /** [I9] A new device of mine: every private half of the old one goes. */
  newDevice(): void
  /** [I7] Batches of theirs only. */
  forgetTheirs(ik: Ik): void
}

export function createKeyring({ store, chance, now }: { store: Store; chance: Chance; now: () => Ms }): Keyring {
  const { db } = store
  const sql = {
    own: db.prepare<[string], { kind: KeyKind; priv: B64; pub: B64; ik: Ik | null; dev: DevId | null; b: number | null }>('SELECT kind, priv, pub, ik, dev, b FROM own_keys WHERE id = ?'),
    addOwn: db.prepare('INSERT INTO own_keys (id, kind, priv, pub, ik, dev, b, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    dropOwn: db.prepare('DELETE FROM own_keys WHERE id = ?'),
    dropBatchKeys: db.prepare('DELETE FROM own_keys WHERE ik = ? AND dev = ? AND b = ?'),
    dropKeysOf: db.prepare('DELETE FROM own_keys WHERE ik = ?'),
    used: db.prepare<[string], { ik: Ik | null }>('SELECT ik FROM used_keys WHERE id = ?'),
    addUsed: db.prepare('INSERT OR IGNORE INTO used_keys VALUES (?, ?, ?)'),
    issued: db.prepare<[string], { ik: Ik }>('SELECT ik FROM issued_keys WHERE id = ?'),
    addIssued: db.prepare('INSERT OR IGNORE INTO issued_keys VALUES (?, ?, ?)'),
    seen: db.prepare('SELECT 1 FROM seen_envelopes WHERE key = ? AND id = ?'),
    addSeen: db.prepare('INSERT OR IGNORE INTO seen_envelopes VALUES (?, ?)'),
    forgetSeen: db.prepare('DELETE FROM seen_envelopes WHERE key NOT IN (SELECT id FROM own_keys)'),
    newest: db.prepare<[string, string], { b: number; pub: string; acked: number | null; used: number }>('SELECT b, pub, acked, used FROM batches WHERE ik = ? AND dev = ? ORDER BY b DESC LIMIT 1'),
    alive: db.prepare<[string, string], { b: number; acked: number | null; made: number }>('SELECT b, acked, made FROM batches WHERE ik = ? AND dev = ? ORDER BY b DESC'),
    addBatch: db.prepare('INSERT INTO batches (ik, dev, b, pub, made) VALUES (?, ?, ?, ?, ?)'),
    top: db.prepare<[string, string], { b: number }>('SELECT b FROM batch_tops WHERE ik = ? AND dev = ?'),
    setTop: db.prepare('INSERT OR REPLACE INTO batch_tops VALUES (?, ?, ?)'),
    ackBatch: db.prepare('UPDATE batches SET acked = ? WHERE ik = ? AND dev = ? AND b = ? AND acked IS NULL'),
    useBatch: db.prepare('UPDATE batches SET used = 1 WHERE ik = ? AND dev = ? AND b = ?'),
    dropBatch: db.prepare('DELETE FROM batches WHERE ik = ? AND dev = ? AND b = ?'),
    dropBatchesOf: db.prepare('DELETE FROM batches WHERE ik = ?'),
    devices: db.prepare<[], { ik: Ik; dev: DevId }>('SELECT DISTINCT ik, dev FROM batches'),
    held: db.prepare<[string, string], { b: number | null }>('SELECT max(b) AS b FROM peer_keys WHERE ik = ? AND dev = ?'),
    addTheirs: db.prepare('INSERT OR REPLACE INTO peer_keys (ik, id, dev, b, kind, pk) VALUES (?, ?, ?, ?, ?, ?)'),
    dropOlderTheirs: db.prepare('DELETE FROM peer_keys WHERE ik = ? AND (dev <> ? OR b < ?)'),
    dropTheirs: db.prepare('DELETE FROM peer_keys WHERE ik = ?'),
    pick: db.prepare<[string, string], SealTo>(`SELECT id, pk, kind, dev, b FROM peer_keys WHERE ik = ? AND dev = ? AND used = 0 ORDER BY b DESC, kind, id LIMIT 1`),
    reusable: db.prepare<[string, string], SealTo>("SELECT id, pk, kind, dev, b FROM peer_keys WHERE ik = ? AND dev = ? AND kind = 'r' ORDER BY b DESC LIMIT 1"),
    spend: db.prepare("UPDATE peer_keys SET used = 1 WHERE ik = ? AND id = ? AND kind = 'k'"),
    left: db.prepare<[string, string], { n: number }>("SELECT count(*) AS n FROM peer_keys WHERE ik = ? AND dev = ? AND kind = 'k' AND used = 0"),
    livePool: db.prepare<[], { id: KeyId }>("SELECT id FROM own_keys WHERE kind IN ('pool', 'last') AND replaced IS NULL"),
    replacePool: db.prepare('UPDATE own_keys SET replaced = ? WHERE id = ?'),
    poolMade: db.prepare<[], { made: number | null }>("SELECT min(made) AS made FROM own_keys WHERE kind IN ('pool', 'last') AND replaced IS NULL"),
    countDrain: db.prepare("UPDATE own_keys SET drains = drains + 1 WHERE kind IN ('pool', 'last') AND replaced IS NOT NULL"),
    dropPool: db.prepare("DELETE FROM own_keys WHERE kind IN ('pool', 'last') AND replaced IS NOT NULL AND ((drains >= 2 AND replaced < ?) OR replaced < ?)"),
    setPub: db.prepare('UPDATE batches SET pub = ? WHERE ik = ? AND dev = ? AND b = ?'),
    dropTombstones: db.prepare('DELETE FROM used_keys WHERE at < ?'),
    dropIssued: db.prepare('DELETE FROM issued_keys WHERE at < ?'),
  }

  function makeBatch(to: KeyOwner, feat: string[]): Batch {
    // [E5] never a number they may hold already, also after all batches of a person went
    const b = (sql.top.get(to.ik, to.dev)?.b ?? 0) + 1
    sql.setTop.run(to.ik, to.dev, b)
    const made = Array.from({ length: BATCH_KEYS + 1 }, (_, i) => ({ id: chance.b64(8) as KeyId, key: makeSealKey(), kind: i < BATCH_KEYS ? 'k' : 'r' }))
    const bytesOf = (one: (typeof made)[number]) => concat(fromB64(one.id), fromB64(one.key.pub))
    const batch: Batch = { b, k: toB64(concat(...made.slice(0, BATCH_KEYS).map(bytesOf))), r: toB64(bytesOf(made[BATCH_KEYS]!)), feat }
    sql.addBatch.run(to.ik, to.dev, b, JSON.stringify(batch), now())
    for (const { id, key, kind } of made) {
      sql.addOwn.run(id, kind, key.priv, key.pub, to.ik, to.dev, b, now())
      sql.addIssued.run(id, to.ik, now())
    }
    return batch
  }

  const dropBatch = (of: KeyOwner, b: number) => {
    sql.dropBatchKeys.run(of.ik, of.dev, b)
    sql.dropBatch.run(of.ik, of.dev, b)
  }

  const keyring: Keyring = {
    lookup(id) {
      const own = sql.own.get(id)
      if (own !== undefined) {
        const owner = own.ik === null || own.dev === null ? undefined : { ik: own.ik, dev: own.dev }
        return { at: 'live', kind: own.kind, key: { priv: own.priv, pub: own.pub }, ...(owner === undefined ? {} : { owner }) }
      }
      const used = sql.used.get(id)
      return used !== undefined ? { at: 'used', ik: used.ik ?? undefined } : { at: 'unknown', issuedTo: sql.issued.get(id)?.ik }
    },
    wasSeen: (key, envelope) => sql.seen.get(key, envelope) !== undefined,
    consume(key, kind, envelope, owner) {
      const row = sql.own.get(key)
      if (row?.b != null && owner !== undefined) sql.useBatch.run(owner.ik, owner.dev, row.b)
      if (kind === 'r' || kind === 'last') return void sql.addSeen.run(key, envelope)
      sql.dropOwn.run(key)
      sql.addUsed.run(key, owner?.ik ?? null, now())
    },
    newestBatch(to, feat) {
      const newest = sql.newest.get(to.ik, to.dev)
      return newest === undefined ? makeBatch(to, feat) : { ...(JSON.parse(newest.pub) as Batch), feat }
    },
    batchToTell(to, heldByThem, feat) {
      const newest = sql.newest.get(to.ik, to.dev)
      if (newest === undefined) return makeBatch(to, feat)
      const batch = JSON.parse(newest.pub) as Batch
      const featChanged = JSON.stringify(batch.feat) !== JSON.stringify(feat)
      const isUnknown = heldByThem < newest.b
      // [E6] a new one only where the newest is acknowledged and was used; at most two are alive
      const mayMake = newest.acked !== null && sql.alive.all(to.ik, to.dev).length < MAX_BATCHES
      if (!isUnknown && mayMake && (newest.used > 0 || featChanged)) return makeBatch(to, feat)
      if (!isUnknown && !featChanged) return undefined
      // [E5, E21] The same keys; abilities are those of now, and these count as told.
      const told = { ...batch, feat }
      if (featChanged) sql.setPub.run(JSON.stringify(told), to.ik, to.dev, newest.b)
      return told
    },
    noteHeld(by, hb) {
      const newest = sql.newest.get(by.ik, by.dev)
      if (newest === undefined || hb < 1 || hb > newest.b) return false
      sql.ackBatch.run(now(), by.ik, by.dev, hb)
      return true
    },
    takeTheirs(from, batch) {
      if (batch.b <= keyring.held(from)) return false
      sql.dropOlderTheirs.run(from.ik, from.dev, batch.b)
      for (const { id, pk, kind } of batchKeys(batch)) sql.addTheirs.run(from.ik, id, from.dev, batch.b, kind, pk)
      return true
    },
    held: (from) => sql.held.get(from.ik, from.dev)?.b ?? 0,
    pick: (to) => sql.pick.get(to.ik, to.dev),
    reusable: (to) => sql.reusable.get(to.ik, to.dev),
    spend: (to, id) => void sql.spend.run(to.ik, id),
    left: (to) => sql.left.get(to.ik, to.dev)?.n ?? 0,
    makePool(n, last) {
      const kinds: ('pool' | 'last')[] = [...new Array<'pool'>(n).fill('pool'), ...(last ? (['last'] as const) : [])]
      return kinds.map((kind) => {
        const id = chance.b64(8) as KeyId
        const key = makeSealKey()
        sql.addOwn.run(id, kind, key.priv, key.pub, null, null, null, now())
        return { id, pk: key.pub, kind }
      })
    },
    replacePool(newer) {
      const keep = new Set(newer)
      for (const { id } of sql.livePool.all()) if (!keep.has(id)) sql.replacePool.run(now(), id)
    },
    poolMade: () => sql.poolMade.get()?.made ?? undefined,
    drained(pinned) {
      for (const of of sql.devices.all()) {
        const [newestAcked, ...older] = sql.alive.all(of.ik, of.dev).filter((batch, _, all) => all.some((one) => one.b >= batch.b && one.acked !== null))
        // [E7] ten minutes after the newer one was acknowledged, or 14 days after that at the latest; never before
        const over = newestAcked?.acked != null && now() - newestAcked.acked >= OLD_BATCH_AFTER_DRAIN
        if (over) for (const { b } of older) dropBatch(of, b)
        if (pinned(of.ik) !== of.dev) for (const { b } of sql.alive.all(of.ik, of.dev)) dropBatch(of, b)
      }
      sql.countDrain.run()
      sql.dropPool.run(now() - POOL_KEPT_AT_LEAST, now() - POOL_KEPT_AT_MOST)
      sql.dropTombstones.run(now() - USED_KEY_MEMORY)
      sql.dropIssued.run(now() - USED_KEY_MEMORY)
      sql.forgetSeen.run()
    },
    forget(ik) {
      sql.dropKeysOf.run(ik)
      sql.dropBatchesOf.run(ik)
      sql.dropTheirs.run(ik)
    },
    newDevice() {
      // theirs too: those were given to the old device
      db.exec('DELETE FROM own_keys; DELETE FROM batches; DELETE FROM batch_tops; DELETE FROM peer_keys')
    },
    forgetTheirs: (ik) => void sql.dropTheirs.run(ik),
  }
  return keyring
}

