import type { B64, ConvId, DevId, Ik, KeyId, Ms, Uuid7 } from '../../protocol/ids.ts'
import { MAX_FRAME } from '../../protocol/limits.ts'
import { type Bytes, utf8 } from '../../protocol/wire/bytes.ts'
import type { Content } from '../../protocol/wire/peer.ts'
import { frameHash } from '../identity/crypto.ts'
import type { Chance } from '../random.ts'
import type { Buddy } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'
import type { Conversations } from './conversations.ts'

/** Frames of mine, numbered and kept until they are got; and the envelopes they travel in [W20, E16–E19]. */

export interface OutFrame { n: number; id: Uuid7; t: string; h: B64; bytes: Bytes; state: 'queued' | 'sent'; at: Ms; envelope: string | null; isKept: boolean }
export interface OutEnvelope { id: string; dev: DevId; bytes: Bytes; made: Ms; tried: Ms; tries: number; accepted: boolean }
export type EndState = 'got' | 'expired' | 'failed'

export interface Outbox {
  /** Numbers and keeps a frame [W12]. `keep: false`: its bytes stay in memory [G2]. Inside the caller's write. */
  number(buddy: Buddy, content: Content, keep: boolean): { id: Uuid7; n: number; ts: Ms }
  /** Un-got frames in order. */
  open(c: ConvId): OutFrame[]
  /** Messages that have not left yet. */
  countWaiting(c: ConvId): number
  /** Of these, such as are in memory only. */
  countUnkept(c: ConvId): number
  markSent(c: ConvId, n: number): boolean
  /** [W21] `upTo` and single ids. Gives the ids whose state changed. */
  markGot(c: ConvId, upTo: number | undefined, ids: readonly Uuid7[]): Uuid7[]
  end(c: ConvId, id: Uuid7, state: Exclude<EndState, 'got'>): boolean
  byId(id: Uuid7): { c: ConvId; n: number; state: string } | undefined
  /** [W22, W23] What answers a gap: frames that are there, and spans that never come, with h of their last. */
  answerGap(c: ConvId, from: number, to: number): { frames: OutFrame[]; voids: { from: number; to: number; h: B64 }[] }
  hashAt(c: ConvId, n: number): B64 | undefined
  /** [W23] After a start: numbers whose bytes went with the last run, to be told at once. */
  lost(c: ConvId): { from: number; to: number; h: B64 }[]
  markLost(c: ConvId, from: number, to: number): void
  addEnvelope(ik: Ik, of: { id: string; dev: DevId; key: KeyId; bytes: Bytes; keep: boolean }, c: ConvId, numbers: number[]): void
  envelopes(ik: Ik): OutEnvelope[]
  noteTry(id: string, accepted: boolean): void
  dropEnvelope(id: string): void
  /** The open frames this envelope carries. */
  framesIn(c: ConvId, id: string): OutFrame[]
  /** [E12, E17] These frames are to be sealed anew. */
  unseal(ik: Ik, c: ConvId, keys?: readonly KeyId[]): void
  unsealFrames(c: ConvId, from: number, to: number): void
  /** [W22] Given up, but asked for: on their way again. */
  reopen(c: ConvId, from: number, to: number): void
  /** Deleted here: what has not left never will, and no bytes stay. Gives the number that becomes void. */
  withdraw(c: ConvId, id: Uuid7): { n: number; h: B64 } | undefined
  /** Envelopes none of whose frames is open any more. */
  dropDone(ik: Ik, c: ConvId): void
  forget(ik: Ik, c: ConvId): void
}

export function createOutbox(deps: { store: Store; chance: Chance; conversations: Conversations; now: () => Ms }): Outbox {
  const { store, chance, conversations, now } = deps
  const { db } = store
  /** Bytes that are never written: frames by `c/n`, envelopes by id. */
  const frames = new Map<string, Bytes>()
  const envelopes = new Map<string, Bytes>()
  type Row = Omit<OutFrame, 'bytes' | 'isKept'> & { bytes: Bytes | null; c: ConvId }
  /** What all queries for frames under way begin with: by its index, however long the conversation is. */
  const OPEN = "out_frames INDEXED BY out_frames_open WHERE state NOT IN ('got', 'void')"
  const UPDATE_OPEN = (set: string) => `UPDATE ${OPEN.replace('WHERE', `SET ${set} WHERE`)}`
  const sql = {
    add: db.prepare('INSERT INTO out_frames VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)'),
    open: db.prepare<[string], Row>(`SELECT * FROM ${OPEN} AND c = ? AND state IN ('queued', 'sent') ORDER BY n`),
    span: db.prepare<[string, number, number], Row>('SELECT * FROM out_frames WHERE c = ? AND n BETWEEN ? AND ? ORDER BY n'),
    byId: db.prepare<[string], { c: ConvId; n: number; state: string }>('SELECT c, n, state FROM out_frames WHERE id = ?'),
    at: db.prepare<[string, number], { h: B64 }>('SELECT h FROM out_frames WHERE c = ? AND n = ?'),
    countWaiting: db.prepare<[string], { n: number }>(`SELECT count(*) AS n FROM ${OPEN} AND c = ? AND state = 'queued' AND t = 'msg'`),
    sent: db.prepare("UPDATE out_frames SET state = 'sent' WHERE c = ? AND n = ? AND state = 'queued'"),
    gotUpTo: db.prepare<[string, number], { id: Uuid7; n: number }>(`${UPDATE_OPEN("state = 'got', bytes = NULL")} AND c = ? AND n <= ? RETURNING id, n`),
    got: db.prepare<[string, string], { id: Uuid7; n: number }>("UPDATE out_frames SET state = 'got', bytes = NULL WHERE c = ? AND id = ? AND state NOT IN ('got', 'void') RETURNING id, n"),
    end: db.prepare("UPDATE out_frames SET state = ? WHERE c = ? AND id = ? AND state IN ('queued', 'sent')"),
    void: db.prepare("UPDATE out_frames SET state = 'void', bytes = NULL WHERE c = ? AND n BETWEEN ? AND ?"),
    reopen: db.prepare("UPDATE out_frames SET state = 'sent' WHERE c = ? AND n BETWEEN ? AND ? AND state IN ('expired', 'failed') AND bytes IS NOT NULL"),
    row: db.prepare<[string, string], { n: number; h: B64; state: string; envelope: string | null }>('SELECT n, h, state, envelope FROM out_frames WHERE c = ? AND id = ?'),
    forgetBytes: db.prepare('UPDATE out_frames SET bytes = NULL WHERE c = ? AND id = ?'),
    setEnvelope: db.prepare('UPDATE out_frames SET envelope = ? WHERE c = ? AND n = ?'),
    addEnvelope: db.prepare('INSERT INTO out_envelopes VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0)'),
    envelopes: db.prepare<[string], { id: string; dev: DevId; bytes: Bytes | null; made: Ms; tried: Ms; tries: number; accepted: number }>('SELECT * FROM out_envelopes WHERE ik = ? ORDER BY made, id'),
    tried: db.prepare('UPDATE out_envelopes SET tried = ?, tries = tries + 1, accepted = max(accepted, ?) WHERE id = ?'),
    dropEnvelope: db.prepare('DELETE FROM out_envelopes WHERE id = ?'),
    ofKey: db.prepare<[string, string], { id: string }>('SELECT id FROM out_envelopes WHERE ik = ? AND key = ?'),
    freeFrames: db.prepare(`${UPDATE_OPEN('envelope = NULL')} AND c = ? AND envelope = ?`),
    freeSpan: db.prepare('UPDATE out_frames SET envelope = NULL WHERE c = ? AND n BETWEEN ? AND ?'),
    done: db.prepare<[string, string], { id: string }>(`SELECT id FROM out_envelopes WHERE ik = ? AND accepted = 1 AND NOT EXISTS
      (SELECT 1 FROM ${OPEN} AND c = ? AND envelope = out_envelopes.id AND state IN ('queued', 'sent'))`),
    forgetFrames: db.prepare('DELETE FROM out_frames WHERE c = ?'),
    forgetEnvelopes: db.prepare('DELETE FROM out_envelopes WHERE ik = ?'),
  }
  const key = (c: ConvId, n: number) => `${c}/${n}`
  const withBytes = (row: Row): OutFrame | undefined => {
    const bytes = row.bytes ?? frames.get(key(row.c, row.n))
    return bytes === undefined ? undefined : { ...row, bytes, isKept: row.bytes !== null }
  }

  const outbox: Outbox = {
    number(buddy, content, keep) {
      const { c } = buddy
      const { n: last, h: ph } = conversations.top(c)
      const n = last + 1
      const ts = now()
      const id = chance.uuid7(ts)
      const { t, ...rest } = content
      const bytes = utf8(JSON.stringify({
        t, id, c, n, ph, ts, lg: buddy.mine.mode, lr: buddy.mine.rev, ls: buddy.theirs?.rev ?? 0, ...rest,
      }))
      if (bytes.length > MAX_FRAME) throw new RangeError('frame too big: texts are checked before')
      const h = frameHash(bytes)
      sql.add.run(c, n, id, t, h, keep ? bytes : null, 'queued', ts)
      conversations.setTop(c, n, h)
      if (!keep) frames.set(key(c, n), bytes)
      return { id, n, ts }
    },
    open: (c) => sql.open.all(c).map(withBytes).filter((frame) => frame !== undefined),
    countWaiting: (c) => sql.countWaiting.get(c)!.n,
    countUnkept: (c) => sql.open.all(c).filter(({ state, t, bytes }) => state === 'queued' && t === 'msg' && bytes === null).length,
    markSent: (c, n) => sql.sent.run(c, n).changes > 0,
    markGot(c, upTo, ids) {
      const changed = [...(upTo === undefined ? [] : sql.gotUpTo.all(c, upTo)), ...ids.flatMap((id) => sql.got.all(c, id))]
      store.after(() => changed.forEach(({ n }) => frames.delete(key(c, n))))
      return changed.map(({ id }) => id)
    },
    end: (c, id, state) => sql.end.run(state, c, id).changes > 0,
    byId: (id) => sql.byId.get(id),
    answerGap(c, from, to) {
      const found: OutFrame[] = []
      const voids: { from: number; to: number; h: B64 }[] = []
      for (const row of sql.span.all(c, from, to)) {
        const frame = withBytes(row)
        const last = voids.at(-1)
        if (frame !== undefined) found.push(frame)
        else if (last !== undefined && last.to === row.n - 1) Object.assign(last, { to: row.n, h: row.h })
        else voids.push({ from: row.n, to: row.n, h: row.h })
      }
      return { frames: found, voids }
    },
    hashAt: (c, n) => sql.at.get(c, n)?.h,
    lost(c) {
      const gone = sql.open.all(c).filter((row) => withBytes(row) === undefined)
      return gone.reduce<{ from: number; to: number; h: B64 }[]>((spans, { n, h }) => {
        const last = spans.at(-1)
        if (last !== undefined && last.to === n - 1) Object.assign(last, { to: n, h })
        else spans.push({ from: n, to: n, h })
        return spans
      }, [])
    },
    markLost: (c, from, to) => void sql.void.run(c, from, to),
    addEnvelope(ik, { id, dev, key: to, bytes, keep }, c, numbers) {
      sql.addEnvelope.run(id, ik, dev, to, keep ? bytes : null, now())
      if (!keep) envelopes.set(id, bytes)
      for (const n of numbers) sql.setEnvelope.run(id, c, n)
    },
    envelopes: (ik) => sql.envelopes.all(ik).flatMap((row) => {
      const bytes = row.bytes ?? envelopes.get(row.id)
      return bytes === undefined ? [] : [{ ...row, bytes, accepted: row.accepted === 1 }]
    }),
    noteTry: (id, accepted) => void sql.tried.run(now(), accepted ? 1 : 0, id),
    dropEnvelope(id) {
      envelopes.delete(id)
      sql.dropEnvelope.run(id)
    },
    framesIn: (c, id) => outbox.open(c).filter((frame) => frame.envelope === id),
    unseal(ik, c, keys) {
      const ids = keys === undefined ? sql.envelopes.all(ik).map((row) => row.id) : keys.flatMap((to) => sql.ofKey.all(ik, to).map((row) => row.id))
      for (const id of ids) {
        sql.freeFrames.run(c, id)
        outbox.dropEnvelope(id)
      }
    },
    reopen: (c, from, to) => void sql.reopen.run(c, from, to),
    withdraw(c, id) {
      const row = sql.row.get(c, id)
      if (row === undefined || row.state === 'got' || row.state === 'sent' || row.envelope !== null) {
        if (row !== undefined && row.state !== 'sent') sql.forgetBytes.run(c, id)
        return undefined
      }
      frames.delete(key(c, row.n))
      sql.void.run(c, row.n, row.n)
      return { n: row.n, h: row.h }
    },
    unsealFrames: (c, from, to) => void sql.freeSpan.run(c, from, to),
    dropDone(ik, c) {
      for (const { id } of sql.done.all(ik, c)) outbox.dropEnvelope(id)
    },
    forget(ik, c) {
      sql.forgetFrames.run(c)
      sql.forgetEnvelopes.run(ik)
      for (const name of frames.keys()) if (name.startsWith(`${c}/`)) frames.delete(name)
    },
  }
  return outbox
}

