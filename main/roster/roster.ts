import type { Address, B64, ConvId, DevId, Dk, Ik, Ms, RuleId, Uuid7 } from '../../protocol/ids.ts'
import type { Connect, Level } from '../../protocol/app/views.ts'
import type { BuddyState } from '../../protocol/wire/frame-table.ts'
import type { Knock, LogMode, LogState } from '../../protocol/wire/peer.ts'
import type { Signed } from '../../protocol/wire/scalars.ts'
import type { AclRule, Right } from '../../protocol/wire/signaling.ts'
import { conversationOf, denyHash, ruleHash } from '../identity/crypto.ts'
import type { ReadRecord } from '../identity/records.ts'
import type { Chance } from '../random.ts'
import type { Store } from '../store/store.ts'

/** Who stands how to me: one document a person, in memory and written through in the write that changes it. */

/** My request that is out [6.1 asked]. */
export interface Asked {
  knock: Uuid7
  text: string
  at: Ms
  /** Last time an envelope with it was taken by the server; 0: not yet. */
  sent: Ms
  /** Secret and gate of the invite it answers. */
  t?: B64
  /** A rejoin [C9]: leaves by itself, daily. */
  rejoin?: true
}

/** Their request that waits here. */
export interface Asking {
  frame: Knock
  at: Ms
  /** [C2] the address was confirmed to belong to the key; only then is it shown. */
  confirmed: boolean
  /** Id of the open invite whose proof it carries. */
  invite?: string
}

/** My `knock.ok`, first in every envelope until it is confirmed [C3]. */
export interface Ok { frame: string; sent: Ms; confirmed: boolean }

export interface Buddy {
  ik: Ik
  c: ConvId
  addr: Address
  name: string
  state: BuddyState
  level: Level
  verifiedAt?: Ms
  /** Highest record seen [I5], and the device in it. */
  rec: Signed
  seq: number
  dev: DevId
  dk: Dk
  /** What they gave me, and its rev. */
  theirTok?: B64
  theirTokRev: number
  /** What I gave them. */
  myTok?: B64
  myTokRev: number
  rule?: RuleId
  connect: Connect
  lan: boolean
  notify: boolean
  status: string
  profileRev: number
  /** My logging state toward them, and the mode of each rev so far [G6]. */
  mine: LogState
  myModes: LogMode[]
  /** Theirs, and the highest rev shown on this screen (`ls`). Null: their program says none [G7]. */
  theirs: LogState | null
  /** [G5] A rev that was told with two modes: only a later one counts again. */
  doubtedRev?: number
  /** Abilities in their newest batch or HELLO [W9]. */
  feat: string[]
  /** [E5] the highest batch of mine that they hold. */
  hb: number
  asked?: Asked
  asking?: Asking
  ok?: Ok
  /** [I7] another key answered under the address. */
  changed?: { rec: Signed; at: Ms }
  /** [E20] Refused by their server: not again before. */
  refusedAt?: Ms
  declinedAt?: Ms
  draft: string
  byMyInvite: boolean
  acceptedAt?: Ms
}

export interface Rule { id: RuleId; ik: Ik; h: B64; may: Right[]; tomb: boolean; until: Ms | null }

export interface Roster {
  all(): Buddy[]
  get(ik: Ik): Buddy | undefined
  byConversation(c: ConvId): Buddy | undefined
  byAddress(addr: Address): Buddy | undefined
  accepted(): Buddy[]
  /** A person met for the first time. */
  add(record: ReadRecord, of: Pick<Buddy, 'name' | 'state'> & Partial<Buddy>): Buddy
  change(ik: Ik, changes: Partial<Buddy>): Buddy
  /** Removes fields that are optional. */
  clear(ik: Ik, ...fields: ('asked' | 'asking' | 'ok' | 'changed' | 'theirTok' | 'myTok' | 'rule' | 'declinedAt')[]): Buddy
  forget(ik: Ik): void
  rules(): Rule[]
  /** The same as the server is to hold them. */
  aclRules(): AclRule[]
  denied(): { h: B64; ik: Ik }[]
  /** [C21] A token for this person, and its rule. */
  grant(ik: Ik, may: Right[]): { tok: B64; rule: AclRule }
  setRule(id: RuleId, changes: { may?: Right[]; tomb?: boolean; until?: Ms }): AclRule | undefined
  dropRule(id: RuleId): void
  deny(ik: Ik): B64
  undeny(ik: Ik): B64
  /** [C23] Takes over what the server holds, where there is no roster. */
  adopt(rules: AclRule[], denied: B64[]): void
}

export interface RosterDeps { store: Store; chance: Chance; now: () => Ms; myIk: () => Ik; onChange(ik: Ik): void }

const toAclRule = (rule: Rule): AclRule => ({ id: rule.id, h: rule.h, may: rule.may, ...(rule.tomb ? { tomb: true as const } : {}) })

export function createRoster({ store, chance, now, myIk, onChange }: RosterDeps): Roster {
  const { db } = store
  const buddies = new Map<Ik, Buddy>()
  const byC = new Map<ConvId, Ik>()
  const sql = {
    all: db.prepare<[], { doc: string }>('SELECT doc FROM buddies'),
    put: db.prepare('INSERT INTO buddies VALUES (?, ?, ?) ON CONFLICT (ik) DO UPDATE SET doc = excluded.doc'),
    drop: db.prepare('DELETE FROM buddies WHERE ik = ?'),
    rules: db.prepare<[], { id: RuleId; ik: Ik; h: B64; may: string; tomb: number; until: number | null }>('SELECT id, ik, h, may, tomb, until FROM rules'),
    putRule: db.prepare('INSERT OR REPLACE INTO rules VALUES (?, ?, ?, ?, ?, ?)'),
    dropRule: db.prepare('DELETE FROM rules WHERE id = ?'),
    denied: db.prepare<[], { h: B64; ik: Ik }>('SELECT h, ik FROM denied'),
    deny: db.prepare('INSERT OR IGNORE INTO denied VALUES (?, ?)'),
    undeny: db.prepare('DELETE FROM denied WHERE h = ?'),
  }
  const load = () => {
    buddies.clear()
    byC.clear()
    for (const { doc } of sql.all.all()) remember(JSON.parse(doc) as Buddy)
  }
  const remember = (buddy: Buddy) => {
    buddies.set(buddy.ik, buddy)
    byC.set(buddy.c, buddy.ik)
  }
  store.onRollback(load)
  load()

  function put(buddy: Buddy): Buddy {
    store.write(() => {
      sql.put.run(buddy.ik, buddy.c, JSON.stringify(buddy))
      remember(buddy)
      store.after(() => onChange(buddy.ik))
    })
    return buddy
  }
  const must = (ik: Ik): Buddy => {
    const buddy = buddies.get(ik)
    if (buddy === undefined) throw new Error('no such buddy')
    return buddy
  }
  const rulesOf = () => sql.rules.all().map((row): Rule => ({ ...row, may: JSON.parse(row.may) as Right[], tomb: row.tomb === 1 }))
  const putRule = (rule: Rule) => void sql.putRule.run(rule.id, rule.ik, rule.h, JSON.stringify(rule.may), rule.tomb ? 1 : 0, rule.until)

  const roster: Roster = {
    all: () => [...buddies.values()],
    get: (ik) => buddies.get(ik),
    byConversation: (c) => buddies.get(byC.get(c)!),
    byAddress: (addr) => roster.all().find((buddy) => buddy.addr === addr),
    accepted: () => roster.all().filter((buddy) => buddy.state === 'accepted'),
    add: ({ record, cert, signed }, of) =>
      put({
        ik: record.ik, c: conversationOf(myIk(), record.ik), addr: record.addr, level: 'unverified', rec: signed, seq: record.seq,
        dev: cert.dev, dk: cert.dk, theirTokRev: 0, myTokRev: 0, connect: 'server', lan: false, notify: false, status: '', profileRev: 0,
        mine: { mode: 'off', since: now(), rev: 0 }, myModes: ['off'], theirs: null, feat: [], hb: 0, draft: '', byMyInvite: false, ...of,
      }),
    change: (ik, changes) => put({ ...must(ik), ...changes }),
    clear(ik, ...fields) {
      const next = { ...must(ik) }
      for (const field of fields) delete next[field]
      return put(next)
    },
    forget(ik) {
      store.write(() => {
        const buddy = buddies.get(ik)
        sql.drop.run(ik)
        buddies.delete(ik)
        if (buddy !== undefined) byC.delete(buddy.c)
        store.after(() => onChange(ik))
      })
    },
    rules: rulesOf,
    aclRules: () => rulesOf().map(toAclRule),
    denied: () => sql.denied.all(),
    grant(ik, may) {
      const tok = chance.b64(32)
      const rule: Rule = { id: chance.b64(8) as RuleId, ik, h: ruleHash(tok, ik), may, tomb: false, until: null }
      putRule(rule)
      return { tok, rule: toAclRule(rule) }
    },
    setRule(id, { may, tomb, until }) {
      const rule = rulesOf().find((one) => one.id === id)
      if (rule === undefined) return undefined
      const next: Rule = { ...rule, may: may ?? rule.may, tomb: tomb ?? rule.tomb, until: until ?? rule.until }
      putRule(next)
      return toAclRule(next)
    },
    dropRule: (id) => void sql.dropRule.run(id),
    deny(ik) {
      const h = denyHash(myIk(), ik)
      sql.deny.run(h, ik)
      return h
    },
    undeny(ik) {
      const h = denyHash(myIk(), ik)
      sql.undeny.run(h)
      return h
    },
    adopt(rules, denied) {
      // Whose they are is not known here: they are kept so that blocks outlive a lost computer.
      for (const rule of rules) putRule({ id: rule.id, ik: '' as Ik, h: rule.h, may: rule.may, tomb: rule.tomb ?? false, until: null })
      for (const h of denied) sql.deny.run(h, '')
    },
  }
  return roster
}

