import type { DevId, Ik, KeyId } from '../../protocol/ids.ts'
import { MAX_FETCH, RK_LIFE } from '../../protocol/limits.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import { type BuddyState, type KeyKind, mayTravel, type Way } from '../../protocol/wire/frame-table.ts'
import { readEnvelope } from '../../protocol/wire/mailbox.ts'
import { type Frame, isDurable, isNotice, isTransient, parseFrame } from '../../protocol/wire/peer.ts'
import type { DropClass, MailHead } from '../../protocol/wire/signaling.ts'
import { type Opened, openEnvelope } from '../envelopes/envelope.ts'
import type { Keyring } from '../envelopes/keyring.ts'
import type { SealKey } from '../envelopes/hpke.ts'
import type { Me } from '../identity/me.ts'
import type { Receive } from '../messages/receive.ts'
import type { Background } from '../background.ts'
import type { Clock } from '../ports.ts'
import type { Roster } from '../roster/roster.ts'
import type { Session } from '../signaling/session.ts'
import { codeOf } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { createHeld } from './held.ts'

/** [4.3] Envelopes that come: opened one after the other, committed, then acknowledged. */

export interface Inbox {
  take(head: MailHead, envelope: Bytes): void
  /** [S20] After `ready`: fetch until nothing is left. */
  drain(): void
  isDrained(): boolean
  /** A frame on a link that is up. */
  takeLinkFrame(ik: Ik, dev: DevId, bytes: Bytes): void
  /** [E15] There is room on the disk again: what came meanwhile is taken now, since the server sends it once a session. */
  roomAgain(): void
  /** [C3] What was held before the `knock.ok` is applied now. Inside the caller's write. */
  applyHeld(ik: Ik): void
  dropHeld(ik: Ik): void
  signedOff(): void
  settled(): Promise<void>
}

export type Counted = 'bad-proof' | 'bad-key' | 'replay' | 'unopened' | 'refused-frame' | 'unknown-key'

export interface Sender { ik: Ik; dev: DevId; dk: Opened['cert']['dk'] }

export interface InboxDeps {
  store: Store
  clock: Clock
  me(): Me
  roster: Roster
  keyring: Keyring
  receive: Receive
  session: Pick<Session, 'patiently'>
  links: {
    ramKey(id: KeyId): { key: SealKey; ik: Ik; dev: DevId } | undefined
    takeSignal(ik: Ik, frame: Extract<Frame, { t: `sig.${string}` }>, bytes: Bytes): void
  }
  consent: {
    takeKnock(frame: Extract<Frame, { t: 'knock' }>, from: Sender): void
    takeKnockOk(frame: Extract<Frame, { t: 'knock.ok' }>, from: Sender): void
    /** An envelope to my batch for them came: my `knock.ok` is confirmed [C3]. */
    confirmed(ik: Ik, dev: DevId): void
  }
  repeatReceipt(ik: Ik): void
  /** [W9] What they can do has changed. */
  onAbilities(ik: Ik): void
  /** [E12] */
  onLost(ik: Ik, key: KeyId): void
  onTransient(ik: Ik, frame: Frame): void
  onDrained(): void
  background: Background
  onCount(what: Counted): void
}

/** So many wait for room on the disk; the rest comes with the next session, whatever a server pushes. */
const MOST_UNWRITTEN = 256

export function createInbox(deps: InboxDeps): Inbox {
  const { store, clock, roster, keyring, receive, session } = deps
  let lane: Promise<unknown> = Promise.resolve()
  let unacked: string[] = []
  let isAcking = false
  let isDrained = false
  /** [E15] Not committed for want of room, in their order. */
  let unwritten: { head: MailHead; envelope: Bytes }[] = []
  /** [E13] Envelopes opened with an `rk`, while it lives. */
  const seenSignals = new Set<string>()
  let era = 0
  const held = createHeld({ store, clock })

  function acknowledge(id: string) {
    unacked.push(id)
    if (isAcking) return
    isAcking = true
    queueMicrotask(() => {
      isAcking = false
      const ids = unacked
      unacked = []
      for (let i = 0; i < ids.length; i += MAX_FETCH) deps.background(session.patiently(() => ({ t: 'mail.ack', ids: ids.slice(i, i + MAX_FETCH) })))
    })
  }

  async function open(head: MailHead, bytes: Bytes): Promise<void> {
    const me = deps.me()
    const done = () => head.cls !== 'sig' && acknowledge(head.id)
    const giveUp = (what: Counted) => {
      deps.onCount(what)
      done()
    }
    const read = readEnvelope(bytes)
    if (!read.ok || read.value.head.dev !== me.dev) return void giveUp('unopened')
    const keyId = read.value.head.key
    const found = deps.links.ramKey(keyId)
    const known = found === undefined ? keyring.lookup(keyId) : ({ at: 'live', kind: 'rk', key: found.key, owner: { ik: found.ik, dev: found.dev } } as const)

    // [E11] opened before: it is a duplicate, and no alarm
    if (known.at === 'used') {
      if (known.ik !== undefined && head.cls === 'msg') deps.repeatReceipt(known.ik)
      return void done()
    }
    if (known.at === 'unknown') {
      if (known.issuedTo !== undefined && head.cls === 'msg') deps.onLost(known.issuedTo, keyId)
      return void giveUp('unknown-key')
    }
    const opened = await openEnvelope(bytes, me, known.key, known.owner?.ik)
    if (!opened.ok) return void giveUp(opened.why === 'HPKE' ? 'unopened' : 'bad-key')
    const { cert } = opened.value
    if (known.owner !== undefined && (cert.ik !== known.owner.ik || cert.dev !== known.owner.dev)) return void giveUp('bad-key')
    if (known.kind === 'rk') {
      const once = `${keyId}/${opened.value.id}`
      if (seenSignals.has(once)) return void giveUp('replay')
      seenSignals.add(once)
      clock.after(RK_LIFE, () => seenSignals.delete(once))
    }
    if (keyring.wasSeen(keyId, opened.value.id)) {
      deps.onCount('replay')
      if (head.cls === 'msg') deps.repeatReceipt(cert.ik)
      return void done()
    }
    // The key may have been opened with while this one was waiting for its decryption: ask again inside the write.
    store.write(() => {
      if (known.kind !== 'rk' && keyring.lookup(keyId).at !== 'live') return
      if (known.kind !== 'rk') keyring.consume(keyId, known.kind, opened.value.id, known.owner)
      apply(opened.value, head.cls, known.kind)
    })
    done()
  }

  /** [E13, second half; E14] Frames one after the other, each against the state after the one before. */
  function apply(opened: Opened, cls: DropClass, key: KeyKind) {
    const from: Sender = { ik: opened.cert.ik, dev: opened.cert.dev, dk: opened.cert.dk }
    if (key === 'k' || key === 'r') deps.consent.confirmed(from.ik, from.dev)
    for (const bytes of opened.frames) applyFrame(from, bytes, { by: 'envelope', cls, key })
    const buddy = roster.get(from.ik)
    if (buddy?.state !== 'accepted' || buddy.dev !== from.dev || (key !== 'k' && key !== 'r')) return
    const owner = { ik: from.ik, dev: from.dev }
    if (keyring.noteHeld(owner, opened.hb) && opened.hb > buddy.hb) roster.change(from.ik, { hb: opened.hb })
    if (opened.next === undefined) return
    const isNew = keyring.takeTheirs(owner, opened.next)
    if (!isNew && opened.next.b !== keyring.held(owner)) return
    if (opened.next.feat.join() === buddy.feat.join()) return
    roster.change(from.ik, { feat: opened.next.feat })
    // What waited for an ability may go now.
    store.after(() => deps.onAbilities(from.ik))
  }

  const stateOf = (ik: Ik): BuddyState => roster.get(ik)?.state ?? 'none'

  const applyFrame = (from: Sender, bytes: Bytes, way: Way) => applyParsed(from, parseFrame(bytes), bytes, way)

  function applyParsed(from: Sender, parsed: ReturnType<typeof parseFrame>, bytes: Bytes, way: Way) {
    if (!parsed.ok) return deps.onCount('refused-frame')
    const state = stateOf(from.ik)
    const buddy = roster.get(from.ik)
    if (!parsed.value.known) {
      // [W25] unknown but numbered: where durable content may come
      if (buddy === undefined || !mayTravel('msg', way, state)) return deps.onCount('refused-frame')
      return receive.durable(buddy, from.dev, parsed.value.base, bytes)
    }
    const { frame } = parsed.value
    if (isDurable(frame) && state === 'asked' && way.by === 'envelope' && mayTravel(frame.t, way, 'accepted')) return held.hold(buddy!, from.dev, bytes)
    if (!mayTravel(frame.t, way, state)) return deps.onCount('refused-frame')
    if (frame.t === 'knock') return deps.consent.takeKnock(frame, from)
    if (frame.t === 'knock.ok') return deps.consent.takeKnockOk(frame, from)
    if (buddy === undefined || buddy.dev !== from.dev) return deps.onCount('refused-frame')
    if (isDurable(frame)) return receive.durable(buddy, from.dev, frame, bytes)
    if (isNotice(frame)) return receive.notice(buddy, from.dev, frame)
    if (frame.t.startsWith('sig.')) return store.after(() => deps.links.takeSignal(from.ik, frame as Extract<Frame, { t: `sig.${string}` }>, bytes))
    store.after(() => deps.onTransient(from.ik, frame))
  }

  async function fetch(mine: number): Promise<void> {
    const answer = await session.patiently(() => ({ t: 'mail.next', max: MAX_FETCH }))
    await lane
    if (mine !== era || !answer.ok) return
    if (answer.r.left > 0) return fetch(mine)
    isDrained = true
    deps.onDrained()
  }

  function take(head: MailHead, envelope: Bytes) {
    const mine = era
    lane = lane.then(() => (mine === era ? open(head, envelope) : undefined)).catch((error: unknown) => {
      // [E15] A full disk and the like are passing: not acknowledged. Anything else is permanent and must not come for ever.
      if (codeOf(error) === 'internal') {
        deps.onCount('unopened')
        if (head.cls !== 'sig') acknowledge(head.id)
      } else if (mine === era && unwritten.length < MOST_UNWRITTEN) unwritten.push({ head, envelope })
    })
  }

  return {
    take,
    roomAgain() {
      for (const { head, envelope } of unwritten.splice(0)) take(head, envelope)
    },
    drain() {
      unwritten = []
      isDrained = false
      deps.background(fetch(++era))
    },
    isDrained: () => isDrained,
    takeLinkFrame(ik, dev, bytes) {
      const buddy = roster.get(ik)
      // A link is with the device that proved itself on it.
      if (buddy === undefined || buddy.dev !== dev) return
      try {
        const parsed = parseFrame(bytes)
        const apply = () => applyParsed({ ik, dev: buddy.dev, dk: buddy.dk }, parsed, bytes, { by: 'link', stage: 'up' })
        // Nothing is committed for what only a link carries.
        if (parsed.ok && parsed.value.known && isTransient(parsed.value.frame)) {
          if (mayTravel(parsed.value.frame.t, { by: 'link', stage: 'up' }, stateOf(ik))) deps.onTransient(ik, parsed.value.frame)
          else deps.onCount('refused-frame')
          return
        }
        // [W21] What they have got they say again on the next link.
        if (parsed.ok && parsed.value.known && parsed.value.frame.t === 'rcpt') store.writeLosable(apply)
        else store.write(apply)
      } catch (error) {
        // Not taken, so no receipt goes. Where that is for good (a poison frame), it is counted and the link goes on.
        if (codeOf(error) === 'internal') deps.onCount('refused-frame')
      }
    },
    dropHeld: held.drop,
    applyHeld(ik) {
      for (const { dev, bytes } of held.take(ik)) {
        const buddy = roster.get(ik)
        const parsed = parseFrame(bytes)
        if (buddy?.dev === dev && parsed.ok && parsed.value.known && isDurable(parsed.value.frame)) receive.durable(buddy, dev, parsed.value.frame, bytes)
      }
    },
    signedOff() {
      era++
      unwritten = []
      isDrained = false
    },
    settled: async () => void (await lane),
  }
}

