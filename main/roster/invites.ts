import type { OpenInvite } from '../../protocol/app/views.ts'
import type { B64, Ik, Ms, Uuid7 } from '../../protocol/ids.ts'
import { INVITE_LIFE } from '../../protocol/limits.ts'
import { type Invite, writeInvite } from '../../protocol/wire/invite.ts'
import { inviteSecrets } from '../identity/crypto.ts'
import { isInviteProof } from '../identity/invites.ts'
import type { Me } from '../identity/me.ts'
import type { Chance } from '../random.ts'
import type { Store } from '../store/store.ts'

/** Invites of mine: made, counted down in the write that accepts, withdrawn [I13–I16]. */

export interface Invites {
  /** `reg`: a code for taking a name at the server [S9]. */
  make(me: Me, correctedNow: Ms, reg?: string): OpenInvite
  open(correctedNow: Ms): OpenInvite[]
  withdraw(id: string): void
  /** What the server is to let through [I14]. */
  gateHashes(correctedNow: Ms): B64[]
  /** Whose proof this is: an open invite of mine, one that is over, or none. */
  judge(proof: B64, parties: { inviter: Ik; joiner: Ik; knock: Uuid7 }, correctedNow: Ms): { at: 'open'; id: string } | { at: 'over' } | { at: 'wrong' }
  /** [I16] Once per use and once per IK; false where it is used up. */
  use(id: string, ik: Ik, correctedNow: Ms): boolean
  secret(id: string): B64 | undefined
}

interface Row { id: string; t: B64; link: string; made: Ms; exp: Ms; uses: number; withdrawn: number }

export function createInvites({ store, chance, now }: { store: Store; chance: Chance; now: () => Ms }): Invites {
  const { db } = store
  const sql = {
    add: db.prepare('INSERT INTO invites VALUES (?, ?, ?, ?, ?, ?, 0)'),
    all: db.prepare<[], Row>('SELECT * FROM invites ORDER BY made DESC'),
    get: db.prepare<[string], Row>('SELECT * FROM invites WHERE id = ?'),
    withdraw: db.prepare('UPDATE invites SET withdrawn = 1 WHERE id = ?'),
    uses: db.prepare<[string], { n: number }>('SELECT count(*) AS n FROM invite_uses WHERE invite = ?'),
    use: db.prepare('INSERT OR IGNORE INTO invite_uses VALUES (?, ?)'),
  }
  const left = (row: Row) => row.uses - sql.uses.get(row.id)!.n
  const isOpen = (row: Row, correctedNow: Ms) => row.withdrawn === 0 && row.exp > correctedNow && left(row) > 0
  const view = (row: Row): OpenInvite => ({
    id: row.id, link: row.link, at: row.made, exp: row.exp, usesLeft: left(row), thisComputerOnly: /ws:\/\/(127\.|\[::1\])/.test(atob64(row.link)),
  })
  const openRows = (correctedNow: Ms) => sql.all.all().filter((row) => isOpen(row, correctedNow))

  return {
    make(me, correctedNow, reg) {
      const { server } = me.kept
      const invite: Invite = {
        v: 1, addr: me.kept.addr, ik: me.ik, t: chance.b64(32), exp: Math.round(correctedNow + INVITE_LIFE), uses: 1, name: me.kept.name, url: [server.url],
        ...(server.url.startsWith('ws:') ? { spk: server.spk } : {}), ...(reg === undefined ? {} : { reg }),
      }
      const row: Row = { id: chance.b64(8), t: invite.t, link: writeInvite(invite), made: now(), exp: invite.exp, uses: invite.uses, withdrawn: 0 }
      sql.add.run(row.id, row.t, row.link, row.made, row.exp, row.uses)
      return view(row)
    },
    open: (correctedNow) => openRows(correctedNow).map(view),
    withdraw: (id) => void sql.withdraw.run(id),
    gateHashes: (correctedNow) => openRows(correctedNow).slice(0, 64).map((row) => inviteSecrets(row.t).gateHash),
    judge(proof, parties, correctedNow) {
      const row = sql.all.all().find((one) => isInviteProof(one.t, { who: 'j', ...parties }, proof))
      if (row === undefined) return { at: 'wrong' }
      return isOpen(row, correctedNow) ? { at: 'open', id: row.id } : { at: 'over' }
    },
    use(id, ik, correctedNow) {
      const row = sql.get.get(id)
      if (row === undefined || !isOpen(row, correctedNow)) return false
      return sql.use.run(id, ik).changes > 0
    },
    secret: (id) => sql.get.get(id)?.t,
  }
}

const atob64 = (link: string) => Buffer.from(link.slice(link.indexOf('#') + 1), 'base64url').toString()
