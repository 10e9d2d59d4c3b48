import type { Connect, KeepChoice } from '../../protocol/app/views.ts'
import { type Refusal, refused } from '../../protocol/errors.ts'
import type { Address, B64, DevId, Dk, Ik, KeyId, Ms } from '../../protocol/ids.ts'
import type { Knock } from '../../protocol/wire/peer.ts'
import type { AclRule } from '../../protocol/wire/signaling.ts'
import type { Background } from '../background.ts'
import type { Keyring } from '../envelopes/keyring.ts'
import type { Me } from '../identity/me.ts'
import { compareRecords, readPrekey, type ReadRecord, readRecord } from '../identity/records.ts'
import type { Courier } from '../messages/courier.ts'
import type { Numbers } from '../messages/numbers.ts'
import type { Outbox } from '../messages/outbox.ts'
import type { Receive } from '../messages/receive.ts'
import type { Clock } from '../ports.ts'
import { choose } from '../privacy/modes.ts'
import type { Chance } from '../random.ts'
import type { Session } from '../signaling/session.ts'
import type { Store } from '../store/store.ts'
import type { Invites } from './invites.ts'
import type { Buddy, Roster } from './roster.ts'

/** What the parts of consent have in common: asking the server about people, judging records, putting rules. */

export interface Terms { connect: Connect; keep?: KeepChoice }
export interface From { ik: Ik; dev: DevId; dk: Dk }

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
  /** [L4] Whether this network counts, once they connect so. */
  lanFor(before: Buddy, connect: Connect): boolean
  /** Buddies hear the name and status that hold now. */
  sendProfile(ik: Ik): void
  onRequest(ik: Ik): void
  onInvitesChange(): void
  onAccepted(ik: Ik): void
  /** [I7] Waiting texts to be written anew once the new key is accepted. */
  moveChat(from: Buddy, to: Buddy): void
  background: Background
  onCount(what: 'bad-proof' | 'bad-key' | 'refused-frame'): void
}

export const PROTO: [number, number] = [1, 1]

/** The logging state of a knock as the roster keeps it. */
export const stateOf = (log: Knock['log']) => ({
    mode: log.mode, since: log.since, rev: log.rev, ...(log.keep === undefined ? {} : { keep: log.keep }), ...(log.by === undefined ? {} : { by: log.by }),
  })

export type Ground = ReturnType<typeof createGround>

export function createGround(deps: ConsentDeps) {
  const { store, clock, roster, outbox, session } = deps
  const isOn = () => session.state().at === 'on'

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

  /** [I5] Every record that comes is judged against the one kept before it is used, whatever way it came. */
  function isAcceptable(known: Buddy | undefined, came: ReadRecord): boolean {
    if (known === undefined) return true
    const verdict = compareRecords({ seq: known.seq, p: known.rec.p }, { seq: came.record.seq, p: came.signed.p })
    if (verdict === 'same' || verdict === 'newer') return true
    store.write(() => deps.receive.alarm(known.ik, verdict))
    return false
  }

  /** What of a record the roster pins. */
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

  function keepAs(ik: Ik, terms: Terms) {
    const buddy = roster.get(ik)!
    const choice = terms.keep === undefined ? undefined : choose(buddy.mine, buddy.myModes, terms.keep, clock.now())
    roster.change(ik, { connect: terms.connect, lan: deps.lanFor(buddy, terms.connect), ...(choice === undefined ? {} : { mine: choice.state, myModes: choice.modes }) })
  }

  /** After the rules stand at the server, the answer leaves; presence goes to one more. */
  async function settle(ik: Ik, rules: AclRule[]) {
    if (isOn()) await putRules(...rules)
    deps.presence.announceTo()
    deps.courier().kick(ik)
    deps.onAccepted(ik)
  }

  const countBuddies = () => roster.all().filter((buddy) => buddy.state === 'accepted' || buddy.state === 'asked').length

  return { isOn, putRules, look, claim, isAcceptable, pin, pinDevice, voidBefore, keepAs, settle, countBuddies }
}
