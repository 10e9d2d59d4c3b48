import type { Connect, KeepChoice } from '../../protocol/app/views.ts'
import { type Refusal, refused } from '../../protocol/errors.ts'
import type { Address, B64, DevId, Dk, Ik, KeyId, Ms, RuleId } from '../../protocol/ids.ts'
import { KNOCK_AGAIN, KNOCK_LIFE, KNOCK_OK_AGAIN, MAX_BUDDIES, MAX_KNOCKS_PENDING, TTL_KNOCK, TTL_MSG } from '../../protocol/limits.ts'
import { type Bytes, utf8 } from '../../protocol/wire/bytes.ts'
import type { Batch } from '../../protocol/wire/identity.ts'
import type { Invite } from '../../protocol/wire/invite.ts'
import type { Knock, KnockOk } from '../../protocol/wire/peer.ts'
import { splitAddress } from '../../protocol/wire/scalars.ts'
import type { AclRule } from '../../protocol/wire/signaling.ts'
import type { Keyring } from '../envelopes/keyring.ts'
import { inviteSecrets } from '../identity/crypto.ts'
import { inviteProof, isInviteProof } from '../identity/invites.ts'
import type { Me } from '../identity/me.ts'
import { compareRecords, type ReadRecord, readPrekey, readRecord } from '../identity/records.ts'
import type { Courier } from '../messages/courier.ts'
import type { Numbers } from '../messages/numbers.ts'
import type { Outbox } from '../messages/outbox.ts'
import type { Receive } from '../messages/receive.ts'
import type { Background } from '../background.ts'
import type { Clock } from '../ports.ts'
import { choose } from '../privacy/modes.ts'
import type { Chance } from '../random.ts'
import type { Session } from '../signaling/session.ts'
import type { Store } from '../store/store.ts'
import type { Invites } from './invites.ts'
import { readKnock } from './knocks.ts'
import type { Asked, Buddy, Roster } from './roster.ts'

/** [6] How two people become buddies, and stop being it. Nothing but a knock and its answer passes before. */

export interface Terms { connect: Connect; keep?: KeepChoice }
export interface From { ik: Ik; dev: DevId; dk: Dk }

export interface Consent {
  /** Knocks at an address, by hand or by an invite [I15]. */
  request(of: { addr: Address; text: string; terms: Terms; invite?: Invite }): Promise<{ ok: true; ik: Ik } | Refusal>
  withdraw(ik: Ik): Promise<void>
  accept(ik: Ik, terms: Terms): Promise<Refusal | { ok: true }>
  decline(ik: Ik): void
  block(ik: Ik): void
  unblock(ik: Ik): void
  undo(ik: Ik): void
  remove(ik: Ik): void
  /** [I7] The user decided for the changed key. */
  takeChangedKey(ik: Ik, level: 'verified' | 'unverified'): Promise<void>
  /** [E20] Asks the server how this person stands, after a refusal or another record version. */
  look(ik: Ik): Promise<void>
  takeKnock(frame: Knock, from: From): void
  takeKnockOk(frame: KnockOk, from: From): void
  confirmed(ik: Ik, dev: DevId): void
  /** [I5] A record that came with HELLO. */
  judgeRecord(buddy: Buddy, came: ReadRecord): 'ok' | 'alarm'
  /** What is owed once signed on: requests, farewells, confirmations. */
  catchUp(): void
}

export interface ConsentDeps {
  store: Store
  clock: Clock
  chance: Chance
  me(): Me
  correctedNow(): Ms
  roster: Roster
  keyring: Keyring
  invites: Invites
  outbox: Outbox
  numbers: Numbers
  receive: Receive
  session: Pick<Session, 'request' | 'drop' | 'state'>
  courier(): Courier
  features(): string[]
  applyHeld(ik: Ik): void
  dropHeld(ik: Ik): void
  presence: { watch(ik: Ik): void; unwatch(addr: Address): void; announceTo(): void }
  links: { stop(ik: Ik, why: 'off' | 'change'): void }
  defaultConnect(): Connect
  /** Buddies hear the name and status that hold now. */
  sendProfile(ik: Ik): void
  onRequest(ik: Ik): void
  onInvitesChange(): void
  onAccepted(ik: Ik): void
  /** [I7] Waiting texts to be written anew once the new key is accepted. */
  moveChat(from: Buddy, to: Buddy): void
  background: Background
  onCount(what: 'bad-proof' | 'bad-key' | 'refused-frame'): void
  log(fact: string): void
}

const PROTO: [number, number] = [1, 1]

export function createConsent(deps: ConsentDeps): Consent {
  const { store, clock, chance, roster, keyring, invites, outbox, session } = deps
  const isOn = () => session.state().at === 'on'

  /** What was taken back by *Undo*: declined or blocked in this run. */
  const undoable = new Map<Ik, Buddy>()

  async function putRules(...rules: (AclRule | undefined)[]): Promise<boolean> {
    const there = rules.filter((rule) => rule !== undefined)
    // Where this fails, the next log-on sees the difference and puts all of them [C23].
    return there.length === 0 || (await session.request({ t: 'acl.put', rules: there })).ok
  }

  /** [I5, S12] The record under an address, and one prekey of its device. */
  async function look(addr: Address, way: { gate?: B64; tok?: B64 }): Promise<{ ok: true; record: ReadRecord } | Refusal> {
    const answer = await session.request({ t: 'account.get', addr, ...way })
    if (!answer.ok) return refused(answer.code === 'not-found' ? 'unknown-address' : answer.code === 'closed' ? 'signed-off' : answer.code === 'rate' ? 'rate' : 'unavailable')
    const record = readRecord(answer.r.rec)
    return record.ok && record.value.record.addr === addr ? { ok: true, record: record.value } : refused('wrong-key')
  }

  async function claim(addr: Address, owner: { ik: Ik; dev: DevId; dk: Dk }, way: { gate?: B64; tok?: B64 }): Promise<{ id: KeyId; pk: B64 } | undefined> {
    const answer = await session.request({ t: 'keys.claim', addr, ...way })
    if (!answer.ok) return undefined
    const key = readPrekey(answer.r.key, owner)
    if (!key.ok) {
      deps.onCount('bad-key')
      return undefined
    }
    return { id: key.value.id, pk: key.value.pk }
  }

  /** Sends the knock that is out for this person, in a new envelope; the same id as before [C4]. */
  async function sendKnock(ik: Ik): Promise<boolean> {
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
      state: 'accepted', name: knock.name, theirTok: knock.tok, theirs: { ...stateOf(knock.log) }, feat: knock.next.feat,
      ok: { frame, sent: 0, confirmed: false }, acceptedAt: clock.now(),
    })
    roster.clear(buddy.ik, 'asking', 'declinedAt')
    return rules
  }
  const stateOf = (log: Knock['log']) => ({
    mode: log.mode, since: log.since, rev: log.rev, ...(log.keep === undefined ? {} : { keep: log.keep }), ...(log.by === undefined ? {} : { by: log.by }),
  })

  function keepAs(ik: Ik, terms: Terms) {
    const buddy = roster.get(ik)!
    const choice = terms.keep === undefined ? undefined : choose(buddy.mine, buddy.myModes, terms.keep, clock.now())
    roster.change(ik, { connect: terms.connect, ...(choice === undefined ? {} : { mine: choice.state, myModes: choice.modes }) })
  }

  /** After the rules stand at the server, the answer leaves; presence goes to one more. */
  async function settle(ik: Ik, rules: AclRule[]) {
    if (isOn()) await putRules(...rules)
    deps.presence.announceTo()
    deps.courier().kick(ik)
    deps.onAccepted(ik)
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

  /** [I5] Every record that comes is judged against the one kept before it is used, whatever way it came. */
  function isAcceptable(known: Buddy | undefined, came: ReadRecord): boolean {
    if (known === undefined) return true
    const verdict = compareRecords({ seq: known.seq, p: known.rec.p }, { seq: came.record.seq, p: came.signed.p })
    if (verdict === 'same' || verdict === 'newer') return true
    store.write(() => deps.receive.alarm(known.ik, verdict))
    return false
  }

  const pin = (record: ReadRecord) => ({ rec: record.signed, seq: record.record.seq, dev: record.cert.dev, dk: record.cert.dk })

  /** [C9, E20] Another device of the same key: a grey line, and everything un-got is made ready for it. */
  function pinDevice(buddy: Buddy, record: ReadRecord) {
    const old = buddy.dev
    // A link is with one device: what the old one still says counts for nothing.
    deps.links.stop(buddy.ik, 'off')
    deps.courier().newDevice(buddy.ik)
    roster.change(buddy.ik, { ...pin(record), hb: 0 })
    deps.receive.line(buddy.ik, { what: 'new-computer' })
    deps.receive.missing(roster.get(buddy.ik)!, deps.numbers.endDevice(buddy.c, old))
    outbox.unseal(buddy.ik, buddy.c)
  }

  function voidBefore(buddy: Buddy) {
    const first = outbox.open(buddy.c)[0]
    const last = first === undefined ? undefined : first.n - 1
    const h = last === undefined || last === 0 ? undefined : outbox.hashAt(buddy.c, last)
    if (h !== undefined) deps.courier().notice(buddy.ik, { t: 'void', c: buddy.c, from: 1, to: last!, h })
  }

  const countBuddies = () => roster.all().filter((buddy) => buddy.state === 'accepted' || buddy.state === 'asked').length
  const pendingKnocks = () => roster.all().filter((buddy) => buddy.state === 'asking').length

  const consent: Consent = {
    async request({ addr, text, terms, invite }) {
      if (!isOn()) return refused('signed-off')
      if (addr === deps.me().kept.addr) return refused('own-address')
      if (splitAddress(addr).server !== deps.me().kept.server.name) return refused('invite-elsewhere')
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
        const accepted = await consent.accept(ik, terms)
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
      undoable.set(ik, buddy)
      // [C1] nothing goes back; [E7] the keys of the knock go with it
      store.write(() => {
        keyring.forget(ik)
        deps.dropHeld(ik)
        roster.change(ik, { state: 'declined', declinedAt: clock.now(), hb: 0 })
      })
    },
    block(ik) {
      const buddy = roster.get(ik)
      if (buddy === undefined) return
      undoable.set(ik, buddy)
      deps.links.stop(ik, 'off')
      const { h, rules } = store.write(() => {
        const tombs = roster.rules().filter((rule) => rule.ik === ik).map((rule) => roster.setRule(rule.id, { tomb: true }))
        const h = roster.deny(ik)
        keyring.forget(ik)
        outbox.forget(ik, buddy.c)
        deps.dropHeld(ik)
        roster.change(ik, { state: 'blocked', hb: 0 })
        roster.clear(ik, 'theirTok', 'myTok', 'rule', 'asked', 'ok')
        return { h, rules: tombs }
      })
      deps.presence.unwatch(buddy.addr)
      deps.presence.announceTo()
      deps.background(session.request({ t: 'acl.deny', add: [h], del: [] }))
      deps.background(putRules(...rules))
    },
    unblock(ik) {
      const buddy = roster.get(ik)
      if (buddy?.state !== 'blocked') return
      const h = store.write(() => {
        const hash = roster.undeny(ik)
        roster.change(ik, { state: 'removed' })
        return hash
      })
      deps.background(session.request({ t: 'acl.deny', add: [], del: [h] }))
    },
    undo(ik) {
      const before = undoable.get(ik)
      const now = roster.get(ik)
      undoable.delete(ik)
      if (before === undefined || now === undefined) return
      if (now.state === 'blocked') consent.unblock(ik)
      // A buddy who was blocked has to be asked anew: keys and tokens are gone. A request stands again.
      if (before.state === 'asking' && before.asking !== undefined) store.write(() => roster.change(ik, { state: 'asking', asking: before.asking! }))
    },
    remove(ik) {
      const buddy = roster.get(ik)
      if (buddy === undefined) return
      deps.links.stop(ik, 'off')
      deps.presence.unwatch(buddy.addr)
      store.write(() => {
        if (buddy.theirTok !== undefined) outbox.number(buddy, { t: 'left' }, true)
        roster.change(ik, { state: 'removed' })
      })
      deps.presence.announceTo()
      deps.background(farewell(ik))
    },
    async takeChangedKey(ik, level) {
      const buddy = roster.get(ik)
      const record = buddy?.changed === undefined ? undefined : readRecord(buddy.changed.rec)
      if (buddy === undefined || record === undefined || !record.ok) return
      const newIk = record.value.record.ik
      const rules: AclRule[] = []
      store.write(() => {
        for (const rule of roster.rules().filter((one) => one.ik === ik)) roster.dropRule(rule.id)
        keyring.forget(ik)
        const next = roster.add(record.value, {
          name: buddy.name, state: 'asked', asked: { knock: chance.uuid7(clock.now()), text: '', at: clock.now(), sent: 0 }, level, connect: buddy.connect, lan: buddy.lan, notify: buddy.notify, draft: buddy.draft,
          mine: buddy.mine, myModes: buddy.myModes, ...(level === 'verified' ? { verifiedAt: clock.now() } : {}),
        })
        const { tok, rule } = roster.grant(newIk, ['drop'])
        roster.change(newIk, { myTok: tok, rule: rule.id })
        deps.moveChat(buddy, next)
        roster.forget(ik)
        rules.push(rule)
      })
      // Where this fails now, the next log-on sends it: the decision stands.
      if (await putRules(...rules)) await sendKnock(newIk)
    },
    async look(ik) {
      const buddy = roster.get(ik)
      if (buddy === undefined || !isOn() || buddy.state !== 'accepted') return
      const answer = await session.request({ t: 'account.get', addr: buddy.addr, ...(buddy.theirTok === undefined ? {} : { tok: buddy.theirTok }) })
      const now = roster.get(ik)
      if (!answer.ok || now?.state !== 'accepted') return
      const found = readRecord(answer.r.rec)
      if (!found.ok || found.value.record.addr !== now.addr) return
      if (found.value.record.ik !== ik) {
        // [I7] another key under a pinned address: nothing is sent any more until the user decides
        if (now.changed?.rec.p === found.value.signed.p) return
        deps.links.stop(ik, 'off')
        return store.write(() => {
          keyring.forgetTheirs(ik)
          roster.change(ik, { changed: { rec: found.value.signed, at: clock.now() }, level: 'unverified' })
          roster.clear(ik, 'theirTok')
          deps.receive.line(ik, { what: 'key-changed' })
        })
      }
      if (consent.judgeRecord(now, found.value) === 'ok') deps.background(sendOwedRejoin(ik))
    },
    judgeRecord(buddy, came) {
      const verdict = compareRecords({ seq: buddy.seq, p: buddy.rec.p }, { seq: came.record.seq, p: came.signed.p })
      if (verdict === 'same') return 'ok'
      if (verdict === 'rollback' || verdict === 'divergent') {
        store.write(() => deps.receive.alarm(buddy.ik, verdict))
        return 'alarm'
      }
      store.write(() => {
        if (came.cert.dev === buddy.dev) return void roster.change(buddy.ik, pin(came))
        pinDevice(buddy, came)
        roster.change(buddy.ik, { asked: { knock: chance.uuid7(clock.now()), text: '', at: clock.now(), sent: 0, rejoin: true } })
      })
      return 'ok'
    },
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
    confirmed(ik, dev) {
      const buddy = roster.get(ik)
      if (buddy?.ok === undefined || buddy.dev !== dev || buddy.ok.confirmed || buddy.state !== 'accepted') return
      roster.change(ik, { ok: { ...buddy.ok, confirmed: true } })
      store.after(() => deps.presence.watch(ik))
    },
    catchUp() {
      const now = clock.now()
      for (const buddy of roster.all()) {
        const { asked } = buddy
        if (buddy.state === 'asking') deps.background(confirmKnock(buddy.ik))
        if (buddy.state === 'removed' && buddy.theirTok !== undefined) deps.background(farewell(buddy.ik))
        if (buddy.state === 'declined' && now - (buddy.declinedAt ?? now) > KNOCK_LIFE) store.write(() => roster.forget(buddy.ik))
        if (asked !== undefined && asked.rejoin) deps.background(sendOwedRejoin(buddy.ik))
        else if (asked !== undefined && buddy.state === 'asked') {
          if (now - asked.at > KNOCK_LIFE) deps.background(consent.withdraw(buddy.ik))
          else if (asked.sent === 0 || now - asked.sent > KNOCK_AGAIN) deps.background(sendKnock(buddy.ik))
        }
        // [C3] the answer goes again by itself until it is confirmed
        if (buddy.ok !== undefined && !buddy.ok.confirmed && now - buddy.ok.sent > KNOCK_OK_AGAIN) {
          store.write(() => roster.change(buddy.ik, { ok: { ...buddy.ok!, sent: 0 } }))
        }
      }
    },
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

  /** [E20] Owed after a new device was seen: at once, then daily for 30 days. */
  async function sendOwedRejoin(ik: Ik) {
    const asked = roster.get(ik)?.asked
    if (asked?.rejoin === undefined || !isOn()) return
    if (clock.now() - asked.at > KNOCK_LIFE) return store.write(() => void roster.clear(ik, 'asked'))
    if (asked.sent === 0 || clock.now() - asked.sent > 24 * 3_600_000) await sendKnock(ik)
  }

  /** [C30] `left` sealed, then the rule goes, and all keys. */
  async function farewell(ik: Ik) {
    const buddy = roster.get(ik)
    if (buddy === undefined || buddy.state !== 'removed' || !isOn()) return
    const owner = { ik, dev: buddy.dev }
    const key = keyring.pick(owner)
    if (key !== undefined) store.write(() => keyring.spend(owner, key.id))
    const frames: Bytes[] = outbox.open(buddy.c).filter((frame) => frame.t === 'left').map((frame) => frame.bytes)
    if (key !== undefined && buddy.theirTok !== undefined && frames.length > 0) {
      const envelope = await deps.courier().seal({ ...owner, key: key.id, pk: key.pk }, { frames, hb: keyring.held(owner) })
      if (roster.get(ik)?.state !== 'removed') return
      const answer = await session.drop({ addr: buddy.addr, tok: buddy.theirTok, cls: 'msg', ttl: TTL_MSG / 1000 }, envelope)
      // Anything but a final answer: it goes again at the next log-on.
      if (!answer.ok && answer.code !== 'denied' && answer.code !== 'not-found') return
    }
    if (roster.get(ik)?.state !== 'removed') return
    const ids = roster.rules().filter((rule) => rule.ik === ik && !rule.tomb).map((rule) => rule.id)
    store.write(() => {
      for (const id of ids) roster.dropRule(id)
      keyring.forget(ik)
      outbox.forget(ik, buddy.c)
      deps.dropHeld(ik)
      roster.change(ik, { hb: 0 })
      roster.clear(ik, 'theirTok', 'myTok', 'rule', 'ok', 'asked')
    })
    await session.request({ t: 'acl.del', ids })
  }

  return consent
}
