import { type Refusal, refused } from '../../protocol/errors.ts'
import type { Address, Ik, Ms, RuleId } from '../../protocol/ids.ts'
import { KNOCK_LIFE, MAX_BUDDIES, TTL_KNOCK, TTL_MSG } from '../../protocol/limits.ts'
import { utf8 } from '../../protocol/wire/bytes.ts'
import type { Invite } from '../../protocol/wire/invite.ts'
import type { Knock, KnockOk } from '../../protocol/wire/peer.ts'
import { splitAddress } from '../../protocol/wire/scalars.ts'
import { inviteSecrets } from '../identity/crypto.ts'
import { inviteProof, isInviteProof } from '../identity/invites.ts'
import { type ConsentDeps, type From, type Ground, PROTO, stateOf, type Terms } from './ground.ts'
import { readKnock } from './knocks.ts'
import type { Asked, Buddy } from './roster.ts'

/** My requests: sent, sent again, answered, taken back; and the owed knock at a buddy's new device. */

export interface Asking {
  request(of: { addr: Address; text: string; terms: Terms; invite?: Invite }): Promise<{ ok: true; ik: Ik } | Refusal>
  withdraw(ik: Ik): Promise<void>
  takeKnockOk(frame: KnockOk, from: From): void
  sendKnock(ik: Ik): Promise<boolean>
  /** [E20] After a new device was seen: at once, then daily for 30 days. */
  sendOwedRejoin(ik: Ik): Promise<void>
}

/** Few: a claim of a prekey counts against this person's and my limits [S17]. */
const RETRIES: readonly Ms[] = [5_000, 30_000, 300_000, 3_600_000]

export function createAsking(deps: ConsentDeps, ground: Ground, accept: (ik: Ik, terms: Terms) => Promise<Refusal | { ok: true }>): Asking {
  const { store, clock, chance, roster, keyring, session } = deps
  const { isOn, putRules, look, claim, isAcceptable, pin, keepAs, voidBefore, countBuddies } = ground

  const tries = new Map<Ik, number>()

  /** Sends the knock that is out for this person; where it did not leave (no prekeys there yet, say), again a little later. */
  async function sendKnock(ik: Ik): Promise<boolean> {
    const isSent = await tryKnock(ik)
    const before = tries.get(ik) ?? 0
    tries.set(ik, isSent ? 0 : before + 1)
    if (!isSent && roster.get(ik)?.asked?.sent === 0) {
      clock.after(RETRIES[Math.min(before, RETRIES.length - 1)]!, () => {
        if (isOn() && roster.get(ik)?.asked?.sent === 0) deps.background(sendKnock(ik))
      })
    }
    return isSent
  }

  /** In a new envelope each time; the same id as before [C4]. */
  async function tryKnock(ik: Ik): Promise<boolean> {
    const buddy = roster.get(ik)
    const asked = buddy?.asked
    if (buddy === undefined || asked === undefined || buddy.myTok === undefined) return false
    const me = deps.me()
    const secrets = asked.t === undefined ? undefined : inviteSecrets(asked.t)
    const way = secrets !== undefined ? { gate: secrets.gate } : buddy.theirTok !== undefined ? { tok: buddy.theirTok } : {}
    const key = await claim(buddy.addr, buddy, way)
    if (key === undefined || !isStillAsked(buddy)) return false
    const owner = { ik, dev: buddy.dev }
    const next = store.write(() => keyring.newestBatch(owner, deps.features()))
    const frame: Knock = {
      t: 'knock', id: asked.knock, rec: me.rec, name: me.kept.name, text: asked.text, next, tok: buddy.myTok, log: buddy.mine, proto: PROTO,
      ...(asked.t === undefined ? {} : { proof: inviteProof(asked.t, { who: 'j', inviter: ik, joiner: me.ik, knock: asked.knock }) }),
    }
    const envelope = await deps.courier().seal({ ...owner, key: key.id, pk: key.pk }, { frames: [utf8(JSON.stringify(frame))], hb: 0 })
    if (!isStillAsked(buddy)) return false
    const answer = buddy.theirTok !== undefined
      ? await session.drop({ addr: buddy.addr, tok: buddy.theirTok, cls: 'msg', ttl: TTL_MSG / 1000 }, envelope)
      : await session.drop({ addr: buddy.addr, cls: 'knock', ttl: TTL_KNOCK / 1000, ...way }, envelope)
    const now = roster.get(ik)
    if (answer.ok && now?.asked?.knock === asked.knock) store.write(() => roster.change(ik, { asked: { ...now.asked!, sent: clock.now() } }))
    return answer.ok
  }

  /** Withdrawn, blocked or answered while something was awaited: then nothing more leaves. */
  function isStillAsked(before: Buddy): boolean {
    const now = roster.get(before.ik)
    return now?.asked?.knock === before.asked?.knock && now?.dev === before.dev && (now.state === 'asked' || (now.state === 'accepted' && now.asked?.rejoin === true))
  }

  return {
    sendKnock,
    async request({ addr, text, terms, invite }) {
      if (!isOn()) return refused('signed-off')
      if (addr === deps.me().kept.addr) return refused('own-address')
      if (splitAddress(addr).server !== deps.me().kept.server.name) return refused(invite === undefined ? 'address-elsewhere' : 'invite-elsewhere')
      const gate = invite === undefined ? undefined : inviteSecrets(invite.t).gate
      const found = await look(addr, gate === undefined ? {} : { gate })
      if (!found.ok) return found.code === 'unknown-address' && invite !== undefined ? refused('used-invite') : found
      const { ik } = found.record.record
      // [I15] the server must give the key that the invite carries
      if (invite !== undefined && ik !== invite.ik) return refused('wrong-key')
      const known = roster.get(ik)
      if (known?.state === 'accepted') return refused('already-buddy')
      if (!isAcceptable(known, found.record)) return refused('rollback')
      // [C4] asked before: the same request goes again
      if (known?.state === 'asked' && known.asked !== undefined && known.myTok !== undefined) {
        store.write(() => {
          roster.change(ik, { ...pin(found.record), asked: { ...known.asked!, ...(invite === undefined ? {} : { t: invite.t }) } })
          keepAs(ik, terms)
        })
        return (await sendKnock(ik)) ? { ok: true, ik } : refused('unavailable')
      }
      if (known?.state === 'asking') {
        const accepted = await accept(ik, terms)
        return accepted.ok ? { ok: true, ik } : accepted
      }
      if (countBuddies() >= MAX_BUDDIES) return refused('too-many-buddies')

      const asked: Asked = { knock: chance.uuid7(clock.now()), text, at: clock.now(), sent: 0, ...(invite === undefined ? {} : { t: invite.t }) }
      const stale: RuleId[] = []
      const rule = store.write(() => {
        if (known === undefined) roster.add(found.record, { name: invite?.name ?? splitAddress(addr).handle, state: 'asked' })
        else roster.clear(ik, 'theirTok')
        for (const old of roster.rules().filter((one) => one.ik === ik)) {
          roster.dropRule(old.id)
          stale.push(old.id)
        }
        const { tok, rule } = roster.grant(ik, ['drop'])
        roster.undeny(ik)
        roster.change(ik, { ...pin(found.record), state: 'asked', asked, hb: 0, myTok: tok, rule: rule.id, level: invite === undefined ? 'unverified' : 'linked' })
        keepAs(ik, terms)
        return rule
      })
      // [C4] the rule stands before the knock leaves
      if (!(await putRules(rule))) return refused('unavailable')
      if (stale.length > 0) await session.request({ t: 'acl.del', ids: stale })
      if (known?.state === 'blocked') await session.request({ t: 'acl.deny', add: [], del: [roster.undeny(ik)] })
      return (await sendKnock(ik)) ? { ok: true, ik } : refused('unavailable')
    },
    async withdraw(ik) {
      const buddy = roster.get(ik)
      if (buddy?.state !== 'asked') return
      const ids = roster.rules().filter((rule) => rule.ik === ik).map((rule) => rule.id)
      store.write(() => {
        for (const id of ids) roster.dropRule(id)
        keyring.forget(ik)
        roster.forget(ik)
      })
      await session.request({ t: 'acl.del', ids })
    },
    takeKnockOk(frame, from) {
      const buddy = roster.get(from.ik)
      if (buddy === undefined) return
      const { asked } = buddy
      const read = readKnock(frame, from)
      if (!read.ok) return deps.onCount('refused-frame')
      // [C3] a repetition changes nothing, but is answered
      if (asked === undefined || asked.knock !== frame.id) return void (buddy.state === 'accepted' && store.after(() => deps.courier().answer(from.ik)))
      if (asked.t !== undefined && !(frame.proof !== undefined && isInviteProof(asked.t, { who: 'i', inviter: from.ik, joiner: deps.me().ik, knock: frame.id }, frame.proof))) {
        return deps.onCount('bad-proof')
      }
      if (!isAcceptable(buddy, read.value.record)) return
      const owner = { ik: from.ik, dev: from.dev }
      keyring.takeTheirs(owner, frame.next)
      const rule = buddy.rule === undefined ? undefined : roster.setRule(buddy.rule, { may: ['drop', 'presence'] })
      roster.change(from.ik, {
        ...pin(read.value.record), state: 'accepted', name: frame.name, theirTok: frame.tok, theirs: stateOf(frame.log), feat: frame.next.feat,
        acceptedAt: buddy.acceptedAt ?? clock.now(),
      })
      roster.clear(from.ik, 'asked', 'asking')
      if (!asked.rejoin) deps.receive.line(from.ik, { what: asked.t === undefined ? 'accepted' : 'added-by-their-invite' })
      deps.applyHeld(from.ik)
      store.after(() => {
        deps.background(putRules(rule).then(() => {
          deps.presence.announceTo()
          deps.presence.watch(from.ik)
          if (asked.rejoin) voidBefore(roster.get(from.ik)!)
          deps.courier().answer(from.ik)
          deps.onAccepted(from.ik)
          if (!asked.rejoin) deps.sendProfile(from.ik)
        }))
      })
    },
    async sendOwedRejoin(ik: Ik) {
      const asked = roster.get(ik)?.asked
      if (asked?.rejoin === undefined || !isOn()) return
      if (clock.now() - asked.at > KNOCK_LIFE) return store.write(() => void roster.clear(ik, 'asked'))
      if (asked.sent === 0 || clock.now() - asked.sent > 24 * 3_600_000) await sendKnock(ik)
    },
  }
}
