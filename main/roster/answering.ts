import { type Refusal, refused } from '../../protocol/errors.ts'
import type { B64, DevId, Ik } from '../../protocol/ids.ts'
import { MAX_BUDDIES, MAX_KNOCKS_PENDING } from '../../protocol/limits.ts'
import type { Batch } from '../../protocol/wire/identity.ts'
import type { Knock, KnockOk } from '../../protocol/wire/peer.ts'
import type { AclRule } from '../../protocol/wire/signaling.ts'
import { inviteProof } from '../identity/invites.ts'
import { compareRecords, type ReadRecord } from '../identity/records.ts'
import { type ConsentDeps, type From, type Ground, PROTO, stateOf, type Terms } from './ground.ts'
import { readKnock } from './knocks.ts'
import type { Buddy } from './roster.ts'

/** Their requests: judged, confirmed, shown, accepted or declined; buddies who knock again. */

export interface Answering {
  takeKnock(frame: Knock, from: From): void
  accept(ik: Ik, terms: Terms): Promise<Refusal | { ok: true }>
  decline(ik: Ik): void
  confirmed(ik: Ik, dev: DevId): void
  confirmKnock(ik: Ik): Promise<void>
}

export function createAnswering(deps: ConsentDeps, ground: Ground, remember: (before: Buddy) => void): Answering {
  const { store, clock, roster, keyring, invites } = deps
  const { isOn, look, isAcceptable, pin, pinDevice, voidBefore, keepAs, settle, countBuddies } = ground
  const pendingKnocks = () => roster.all().filter((buddy) => buddy.state === 'asking').length

  function greeting(buddy: Buddy, next: Batch, tok: B64, id: Knock['id'], t: B64 | undefined): KnockOk {
    const me = deps.me()
    return {
      t: 'knock.ok', id, rec: me.rec, name: me.kept.name, next, tok, log: buddy.mine, proto: PROTO,
      ...(t === undefined ? {} : { proof: inviteProof(t, { who: 'i', inviter: me.ik, joiner: buddy.ik, knock: id }) }),
    }
  }

  /** [C21] Accepts a knock: their token and batch, mine in the answer. Inside a write; gives the rules to put. */
  function takeIn(buddy: Buddy, knock: Knock, t: B64 | undefined): AclRule[] {
    const owner = { ik: buddy.ik, dev: buddy.dev }
    const rules: AclRule[] = []
    let tok = buddy.myTok
    if (tok === undefined || buddy.rule === undefined) {
      // [C34] a new acceptance takes the place of a tombstone
      for (const old of roster.rules().filter((rule) => rule.ik === buddy.ik)) roster.dropRule(old.id)
      const granted = roster.grant(buddy.ik, ['drop', 'presence'])
      tok = granted.tok
      rules.push(granted.rule)
      roster.change(buddy.ik, { myTok: tok, rule: granted.rule.id, myTokRev: buddy.myTokRev + 1 })
    } else {
      const rule = roster.setRule(buddy.rule, { may: ['drop', 'presence'] })
      if (rule !== undefined) rules.push(rule)
    }
    keyring.takeTheirs(owner, knock.next)
    const next = keyring.newestBatch(owner, deps.features())
    const frame = JSON.stringify(greeting(roster.get(buddy.ik)!, next, tok, knock.id, t))
    roster.change(buddy.ik, {
      state: 'accepted', name: knock.name, theirTok: knock.tok, theirs: stateOf(knock.log), feat: knock.next.feat,
      ok: { frame, sent: 0, confirmed: false }, acceptedAt: clock.now(),
    })
    roster.clear(buddy.ik, 'asking', 'declinedAt')
    return rules
  }

  async function confirmKnock(ik: Ik): Promise<void> {
    const waiting = roster.get(ik)?.asking
    if (waiting === undefined || waiting.confirmed || !isOn()) return
    const buddy = roster.get(ik)!
    const found = await look(buddy.addr, { tok: waiting.frame.tok })
    const now = roster.get(ik)
    if (now?.asking === undefined || now.state !== 'asking') return
    if (!found.ok && found.code !== 'unknown-address' && found.code !== 'wrong-key') return // asked again at the next log-on
    // [C2, I5] the key, and the very device that knocked
    if (!found.ok || found.record.record.ik !== ik || found.record.cert.dev !== now.dev) {
      // [C2] anyone can write any address into a record: what the server does not confirm is never shown
      deps.onCount('bad-key')
      return store.write(() => {
        keyring.forget(ik)
        roster.forget(ik)
      })
    }
    const { invite } = now.asking
    const t = invite === undefined ? undefined : invites.secret(invite)
    if (invite !== undefined && t !== undefined) {
      const rules = store.write(() => {
        if (!invites.use(invite, ik, deps.correctedNow())) return undefined
        keepAs(ik, { connect: deps.defaultConnect() })
        roster.change(ik, { level: 'linked', byMyInvite: true })
        const made = takeIn(roster.get(ik)!, now.asking!.frame, t)
        deps.receive.line(ik, { what: 'added-by-my-invite' })
        store.after(deps.onInvitesChange)
        return made
      })
      if (rules !== undefined) return settle(ik, rules)
    }
    store.write(() => roster.change(ik, { asking: { ...now.asking!, confirmed: true } }))
    deps.onRequest(ik)
  }

  /** [C9] A knock from a buddy: a new device, or one that asks again. Answered without asking. */
  function rejoined(buddy: Buddy, frame: Knock, record: ReadRecord) {
    const verdict = compareRecords({ seq: buddy.seq, p: buddy.rec.p }, { seq: record.record.seq, p: record.signed.p })
    if (verdict === 'rollback' || verdict === 'divergent') return deps.receive.alarm(buddy.ik, verdict)
    const isNew = record.cert.dev !== buddy.dev
    if (isNew) pinDevice(buddy, record)
    const rules = takeIn(roster.get(buddy.ik)!, frame, undefined)
    roster.clear(buddy.ik, 'asked')
    store.after(() => {
      if (isNew) voidBefore(roster.get(buddy.ik)!)
      deps.background(settle(buddy.ik, rules))
    })
  }

  return {
    confirmKnock,
    takeKnock(frame, from) {
      const read = readKnock(frame, from)
      if (!read.ok) return deps.onCount('refused-frame')
      const { record } = read.value
      const known = roster.get(from.ik)
      if (known?.state === 'accepted') return rejoined(known, frame, record)
      if (known?.state === 'asked') {
        // [C5] crossed: a knock of the one I knocked at is an acceptance
        if (!isAcceptable(known, record)) return
        roster.change(from.ik, pin(record))
        const rules = takeIn(roster.get(from.ik)!, frame, undefined)
        deps.receive.line(from.ik, { what: 'accepted' })
        return store.after(() => deps.background(settle(from.ik, rules)))
      }
      const judged = frame.proof === undefined ? undefined : invites.judge(frame.proof, { inviter: deps.me().ik, joiner: from.ik, knock: frame.id }, deps.correctedNow())
      if (judged?.at === 'wrong') return deps.onCount('bad-proof')
      if (known === undefined && (pendingKnocks() >= MAX_KNOCKS_PENDING || countBuddies() >= MAX_BUDDIES)) return deps.onCount('refused-frame')
      if (!isAcceptable(known, record)) return
      const asking = { frame, at: clock.now(), confirmed: false, ...(judged?.at === 'open' ? { invite: judged.id } : {}) }
      if (known === undefined) roster.add(record, { name: frame.name, state: 'asking', asking })
      else roster.change(from.ik, { ...pin(record), addr: record.record.addr, name: frame.name, state: 'asking', asking })
      store.after(() => deps.background(confirmKnock(from.ik)))
    },
    async accept(ik, terms) {
      const buddy = roster.get(ik)
      if (buddy?.asking === undefined || (buddy.state !== 'asking' && buddy.state !== 'declined')) return refused('unknown-buddy')
      const rules = store.write(() => {
        keepAs(ik, terms)
        const made = takeIn(roster.get(ik)!, buddy.asking!.frame, undefined)
        deps.receive.line(ik, { what: 'accepted' })
        return made
      })
      await settle(ik, rules)
      deps.sendProfile(ik)
      return { ok: true }
    },
    decline(ik) {
      const buddy = roster.get(ik)
      if (buddy?.state !== 'asking') return
      remember(buddy)
      // [C1] nothing goes back; [E7] the keys of the knock go with it
      store.write(() => {
        keyring.forget(ik)
        deps.dropHeld(ik)
        roster.change(ik, { state: 'declined', declinedAt: clock.now(), hb: 0 })
      })
    },
    confirmed(ik, dev) {
      const buddy = roster.get(ik)
      if (buddy?.ok === undefined || buddy.dev !== dev || buddy.ok.confirmed || buddy.state !== 'accepted') return
      roster.change(ik, { ok: { ...buddy.ok, confirmed: true } })
      store.after(() => deps.presence.watch(ik))
    },
  }
}
