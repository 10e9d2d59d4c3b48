import type { ConvId, DevId, Ik, KeyId, B64 } from '../../protocol/ids.ts'
import {
  LINK_FRAMES_BURST, LINK_FRAMES_PER_SECOND, MAX_FRAMES_PER_ENVELOPE, MAX_RECEIPT_IDS, MAX_UNGOT_ON_LINK, RECEIPT_BY_MAIL, RECEIPT_ON_LINK, REPEAT_RECEIPT_SPACING,
  RESEND_FIRST, RESEND_LIFE, RESEND_LONGEST, TTL_MSG, TTL_SIG,
} from '../../protocol/limits.ts'
import { type Bytes, fromB64, utf8 } from '../../protocol/wire/bytes.ts'
import { packedSize, paddedSize } from '../../protocol/wire/mailbox.ts'
import type { Batch } from '../../protocol/wire/identity.ts'
import type { Notice } from '../../protocol/wire/peer.ts'
import { sealEnvelope } from '../envelopes/envelope.ts'
import type { Keyring } from '../envelopes/keyring.ts'
import type { Me } from '../identity/me.ts'
import { createBucket } from '../bucket.ts'
import type { Clock } from '../ports.ts'
import type { Chance } from '../random.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { Session } from '../signaling/session.ts'
import { codeOf } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import type { Numbers } from './numbers.ts'
import type { OutEnvelope, OutFrame, Outbox } from './outbox.ts'

/**
 * Brings frames to buddies: over the link where there is one, else sealed through the server. One lane a buddy, so that numbers,
 * keys and envelopes are taken one after the other; everything is committed before it leaves [E16].
 */

export interface Courier {
  /** Something may be there to send, or a way has opened. */
  kick(ik: Ik): void
  kickAll(): void
  notice(ik: Ik, notice: Notice): void
  /** [W22] These numbers are asked for: they go again, also on the link that is up. */
  again(ik: Ik, from: number, to: number): void
  /** What waits to be said was meant for a device that is gone. */
  newDevice(ik: Ik): void
  /** [W21] Frames of this device were taken, or came again. */
  receipt(ik: Ik, dev: DevId): void
  /** [E11] Said again for an envelope that came again, at most every 2 s. */
  repeatReceipt(ik: Ik): void
  /** An envelope is owed even where there is nothing to say: it confirms, or acknowledges a batch [C3, E5]. */
  answer(ik: Ik): void
  linkUp(ik: Ik): void
  linkDown(ik: Ik): void
  seal(to: { ik: Ik; dev: DevId; key: KeyId; pk: B64 }, contents: { frames: Bytes[]; hb: number; next?: Batch }): Promise<Bytes>
  /** Resolves once nothing is being sealed or deposited. */
  settled(): Promise<void>
  /** Seals a `sig.*` frame and deposits it. */
  signal(buddy: Buddy, frame: Bytes, to: { key: KeyId; pk: B64 } | undefined): Promise<boolean>
}

export interface CourierDeps {
  store: Store
  clock: Clock
  chance: Chance
  me(): Me
  roster: Roster
  keyring: Keyring
  outbox: Outbox
  numbers: Numbers
  session: Pick<Session, 'drop' | 'state'>
  links: { isUp(ik: Ik): boolean; send(ik: Ik, frame: Bytes): void; used(ik: Ik): void }
  /** My abilities; without `mail1` I take no content from the mailbox. */
  features(): string[]
  isPresent(ik: Ik): boolean
  onSent(c: ConvId, frames: OutFrame[], by: 'link' | 'server'): void
  onExpired(c: ConvId, frames: OutFrame[]): void
  /** [E20] Their server does not know my token, or them. */
  onRefused(ik: Ik): void
  onBug(error: unknown): void
}

const MAX_NOTICES = 256
/** A receipt comes sooner on most links; *Sent* costs a commit only where it does not. */
const SENT_AFTER = 100

/** Goes by mailbox whatever the settings say [E21]. */
const ALWAYS_BY_MAIL = new Set(['grant', 'left'])

interface Lane {
  isRunning: boolean
  again: boolean
  notices: Notice[]
  owesAnswer: boolean
  /** Numbers handed to the link that is up now. */
  onLink: Set<number>
  bucket: ReturnType<typeof createBucket>
  receipts: Set<DevId>
  stopReceipt: (() => void) | undefined
  hasSentReceipt: boolean
  repeatedAt: number
  stopRetry: (() => void) | undefined
  /** Taken by the channel, and not yet noted as sent. */
  handedOver: OutFrame[]
  stopSent: (() => void) | undefined
}

export function createCourier(deps: CourierDeps): Courier {
  const { store, clock, chance, roster, keyring, outbox, numbers, session, links } = deps
  const lanes = new Map<Ik, Lane>()
  const laneOf = (ik: Ik): Lane => {
    const known = lanes.get(ik)
    if (known !== undefined) return known
    const lane: Lane = {
      isRunning: false, again: false, notices: [], owesAnswer: false, onLink: new Set(), receipts: new Set(), stopReceipt: undefined,
      bucket: createBucket(clock, { burst: LINK_FRAMES_BURST, perSecond: LINK_FRAMES_PER_SECOND }),
      hasSentReceipt: false, repeatedAt: 0, stopRetry: undefined, handedOver: [], stopSent: undefined,
    }
    lanes.set(ik, lane)
    return lane
  }
  const isOn = () => session.state().at === 'on'

  async function run(ik: Ik): Promise<void> {
    const lane = laneOf(ik)
    if (lane.isRunning) {
      lane.again = true
      return
    }
    lane.isRunning = true
    try {
      do {
        lane.again = false
        const buddy = roster.get(ik)
        if (buddy === undefined || buddy.changed !== undefined) continue
        if (links.isUp(ik)) overLink(buddy, lane)
        else if (isOn()) await byMail(buddy, lane)
      } while (lane.again)
    } finally {
      lane.isRunning = false
    }
  }

  /** [E9] What I hold of theirs and, where it is due, a batch of mine: on a link both go in `pre`. */
  function tellBatch(buddy: Buddy, lane: Lane) {
    const owner = { ik: buddy.ik, dev: buddy.dev }
    const next = store.write(() => keyring.batchToTell(owner, buddy.hb, deps.features()))
    lane.notices.push({ t: 'pre', hb: keyring.held(owner), ...(next === undefined ? {} : { next }) })
  }

  function overLink(buddy: Buddy, lane: Lane) {
    if (lane.owesAnswer) {
      lane.owesAnswer = false
      tellBatch(buddy, lane)
    }
    while (lane.notices.length > 0) {
      if (!lane.bucket.take()) return void clock.after(lane.bucket.wait(), () => courier.kick(buddy.ik))
      links.send(buddy.ik, utf8(JSON.stringify(lane.notices.shift())))
    }
    const open = outbox.open(buddy.c)
    const sent: OutFrame[] = []
    let inFlight = open.filter((frame) => lane.onLink.has(frame.n)).length
    for (const frame of open) {
      if (lane.onLink.has(frame.n)) continue
      if (inFlight >= MAX_UNGOT_ON_LINK) break
      if (!lane.bucket.take()) {
        clock.after(lane.bucket.wait(), () => courier.kick(buddy.ik))
        break
      }
      lane.onLink.add(frame.n)
      inFlight++
      links.send(buddy.ik, frame.bytes)
      sent.push(frame)
    }
    if (sent.length === 0) return
    links.used(buddy.ik)
    for (const frame of sent) lane.handedOver.push(frame)
    lane.stopSent ??= clock.after(SENT_AFTER, () => {
      lane.stopSent = undefined
      const frames = lane.handedOver.splice(0)
      store.writeLosable(() => deps.onSent(buddy.c, frames, 'link'))
    })
  }

  async function byMail(buddy: Buddy, lane: Lane): Promise<void> {
    if (!mayReceive(buddy)) return
    for (const envelope of due(buddy)) {
      const now = stillMay(buddy)
      if (now === undefined || !(await deposit(now, envelope))) return
    }
    for (;;) {
      const now = stillMay(buddy)
      if (now === undefined || !isOn() || links.isUp(buddy.ik)) return
      const made = await pack(now, lane)
      const after = stillMay(now)
      if (made === undefined || after === undefined) return
      if (!(await deposit(after, made))) return
    }
  }

  const mayReceive = (buddy: Buddy) => buddy.theirTok !== undefined && buddy.state === 'accepted' && buddy.changed === undefined
  /** [C31, I7] The person as of now, where nothing that forbids sending came while something was awaited. */
  function stillMay(before: Buddy): Buddy | undefined {
    const now = roster.get(before.ik)
    return now !== undefined && mayReceive(now) && now.dev === before.dev ? now : undefined
  }

  /** [E18] Not answered yet, or accepted, un-got and due again while they are there. */
  function due(buddy: Buddy): OutEnvelope[] {
    const now = clock.now()
    return outbox.envelopes(buddy.ik).filter((envelope) => {
      if (!envelope.accepted) return true
      if (now - envelope.made > RESEND_LIFE || !deps.isPresent(buddy.ik)) return false
      return now - envelope.tried >= Math.min(RESEND_FIRST * 4 ** Math.max(0, envelope.tries - 1), RESEND_LONGEST)
    })
  }

  const mayMail = (buddy: Buddy) => deps.features().includes('mail1') && buddy.feat.includes('mail1')

  /** Takes what waits, a key and a batch; seals; commits. Undefined where nothing waits. */
  async function pack(buddy: Buddy, lane: Lane): Promise<OutEnvelope | undefined> {
    const me = deps.me()
    const owner = { ik: buddy.ik, dev: buddy.dev }
    expire(buddy)
    const allowed = (frame: OutFrame) => frame.envelope === null && (mayMail(buddy) || ALWAYS_BY_MAIL.has(frame.t))
    const waiting = outbox.open(buddy.c).filter(allowed)
    const ok = buddy.ok !== undefined && !buddy.ok.confirmed ? utf8(buddy.ok.frame) : undefined
    const okIsDue = ok !== undefined && buddy.ok!.sent === 0
    if (waiting.length === 0 && lane.notices.length === 0 && !lane.owesAnswer && !okIsDue) return undefined
    const key = keyring.pick(owner)
    if (key === undefined) return undefined

    const next = store.write(() => keyring.batchToTell(owner, buddy.hb, deps.features()))
    const hb = keyring.held(owner)
    const certLength = fromB64(me.cert.p).length
    const bytes: Bytes[] = ok === undefined ? [] : [ok]
    const fits = (more: Bytes) => bytes.length < MAX_FRAMES_PER_ENVELOPE && paddedSize(packedSize([...bytes, more].map((one) => one.length), certLength, next)) !== undefined
    const frames: OutFrame[] = []
    for (const frame of waiting) {
      if (!fits(frame.bytes)) break
      bytes.push(frame.bytes)
      frames.push(frame)
    }
    const notices = lane.notices
    lane.notices = []
    while (notices.length > 0 && fits(utf8(JSON.stringify(notices[0])))) bytes.push(utf8(JSON.stringify(notices.shift())))
    lane.notices = [...notices, ...lane.notices]
    if (bytes.length === 0) bytes.push(utf8(JSON.stringify({ t: 'pre', hb })))
    lane.owesAnswer = false

    const id = chance.b64(16)
    const sealed = await courier.seal({ ...owner, key: key.id, pk: key.pk }, { frames: bytes, hb, ...(next === undefined ? {} : { next }) })
    // Blocked, removed or another device meanwhile: what was sealed never leaves, and its key was not spent.
    if (stillMay(buddy) === undefined) return undefined
    store.write(() => {
      keyring.spend(owner, key.id)
      outbox.addEnvelope(buddy.ik, { id, dev: buddy.dev, key: key.id, bytes: sealed, keep: frames.every((frame) => frame.isKept) }, buddy.c, frames.map((frame) => frame.n))
      if (ok !== undefined) roster.change(buddy.ik, { ok: { ...roster.get(buddy.ik)!.ok!, sent: clock.now() } })
    })
    return outbox.envelopes(buddy.ik).find((one) => one.id === id)
  }

  /** [E17, E18] After 14 days sealed anew once, at the next presence; un-got a day after that: not delivered. */
  function expire(buddy: Buddy) {
    const now = clock.now()
    const old = outbox.open(buddy.c).filter((frame) => now - frame.at > RESEND_LIFE)
    if (old.length === 0) return
    const envelopes = new Map(outbox.envelopes(buddy.ik).map((envelope) => [envelope.id, envelope]))
    const last = (frame: OutFrame) => envelopes.get(frame.envelope ?? '')
    const over = old.filter((frame) => (last(frame)?.made ?? 0) - frame.at > RESEND_LIFE && now - (last(frame)?.made ?? now) > 24 * 3_600_000)
    const again = old.filter((frame) => last(frame) !== undefined && last(frame)!.made - frame.at <= RESEND_LIFE && deps.isPresent(buddy.ik))
    store.write(() => {
      for (const frame of again) outbox.unsealFrames(buddy.c, frame.n, frame.n)
      if (over.length > 0) deps.onExpired(buddy.c, over)
      outbox.dropDone(buddy.ik, buddy.c)
    })
  }

  /** False where the lane must stop for now. */
  async function deposit(buddy: Buddy, envelope: OutEnvelope): Promise<boolean> {
    if (envelope.dev !== buddy.dev) {
      store.write(() => outbox.unseal(buddy.ik, buddy.c))
      return true
    }
    const answer = await session.drop({ addr: buddy.addr, tok: buddy.theirTok!, cls: 'msg', ttl: TTL_MSG / 1000 }, envelope.bytes)
    if (answer.ok) {
      store.write(() => {
        outbox.noteTry(envelope.id, true)
        const frames = outbox.framesIn(buddy.c, envelope.id)
        if (frames.length === 0) outbox.dropEnvelope(envelope.id)
        else deps.onSent(buddy.c, frames, 'server')
      })
      return true
    }
    switch (answer.code) {
      case 'rate':
        clock.after((answer.after ?? 1) * 1000, () => courier.kick(buddy.ik))
        return false
      case 'denied':
      case 'not-found':
        deps.onRefused(buddy.ik)
        return false
      case 'quota':
      case 'unavailable': {
        // [E19] As far as the token's quota reaches: they have to fetch first.
        const lane = laneOf(buddy.ik)
        lane.stopRetry?.()
        lane.stopRetry = clock.after(RESEND_FIRST, () => courier.kick(buddy.ik))
        return false
      }
      default:
        return false
    }
  }

  function flushReceipts(ik: Ik) {
    const lane = laneOf(ik)
    lane.stopReceipt = undefined
    const buddy = roster.get(ik)
    if (buddy === undefined) return
    for (const dev of lane.receipts) {
      const { upTo, ids } = numbers.got(buddy.c, dev)
      lane.notices = lane.notices.filter((one) => !(one.t === 'rcpt' && one.kind === 'got' && one.dev === dev))
      for (let i = 0; i === 0 || i < ids.length; i += MAX_RECEIPT_IDS) {
        const some = ids.slice(i, i + MAX_RECEIPT_IDS)
        lane.notices.push({ t: 'rcpt', c: buddy.c, kind: 'got', dev, upTo, ...(some.length > 0 ? { ids: some } : {}) })
      }
    }
    lane.receipts.clear()
    courier.kick(ik)
  }

  const running = new Set<Promise<unknown>>()
  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work)
    const forget = () => running.delete(work)
    work.then(forget, forget)
    return work
  }

  const courier: Courier = {
    kick: (ik) => void track(run(ik)).catch((error: unknown) => {
      // A full disk or the like is passing: nothing left this machine, and it is tried again.
      if (codeOf(error) === 'internal') deps.onBug(error)
      else clock.after(1_000, () => courier.kick(ik))
    }),
    kickAll() {
      for (const buddy of roster.accepted()) courier.kick(buddy.ik)
    },
    notice(ik, notice) {
      const lane = laneOf(ik)
      // Notices are safe to lose: what can't go for long is said again when it is asked for.
      if (lane.notices.length >= MAX_NOTICES) lane.notices.shift()
      lane.notices.push(notice)
      courier.kick(ik)
    },
    again(ik, from, to) {
      const lane = laneOf(ik)
      for (let n = from; n <= to; n++) lane.onLink.delete(n)
      courier.kick(ik)
    },
    newDevice(ik) {
      const lane = laneOf(ik)
      lane.notices = []
      lane.receipts.clear()
    },
    receipt(ik, dev) {
      const lane = laneOf(ik)
      lane.receipts.add(dev)
      if (lane.stopReceipt !== undefined) return
      const isUp = links.isUp(ik)
      const delay = isUp ? (lane.hasSentReceipt ? RECEIPT_ON_LINK : 0) : chance.fraction() * RECEIPT_BY_MAIL
      if (delay === 0) flushReceipts(ik)
      else lane.stopReceipt = clock.after(delay, () => flushReceipts(ik))
      if (isUp && !lane.hasSentReceipt) {
        lane.hasSentReceipt = true
        clock.after(RECEIPT_ON_LINK, () => (lane.hasSentReceipt = false))
      }
    },
    repeatReceipt(ik) {
      const lane = laneOf(ik)
      const buddy = roster.get(ik)
      if (buddy?.state !== 'accepted' || clock.now() - lane.repeatedAt < REPEAT_RECEIPT_SPACING) return
      lane.repeatedAt = clock.now()
      courier.receipt(ik, buddy.dev)
    },
    answer(ik) {
      laneOf(ik).owesAnswer = true
      courier.kick(ik)
    },
    linkUp(ik) {
      const lane = laneOf(ik)
      lane.onLink.clear()
      lane.hasSentReceipt = false
      lane.owesAnswer = true
      courier.kick(ik)
    },
    linkDown(ik) {
      laneOf(ik).onLink.clear()
      courier.kick(ik)
    },
    seal(to, contents) {
      const me = deps.me()
      return track(sealEnvelope({ ik: me.ik, dev: me.dev, dk: me.dk, cert: me.cert }, to, contents, { id: chance.bytes(16), time: clock.now() }))
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled(running)
    },
    async signal(buddy, frame, to) {
      const owner = { ik: buddy.ik, dev: buddy.dev }
      const key = to ?? reusableKey(owner)
      if (key === undefined || buddy.theirTok === undefined || !isOn()) return false
      const sealed = await courier.seal({ ...owner, ...key }, { frames: [frame], hb: keyring.held(owner) })
      const now = stillMay(buddy)
      return now !== undefined && (await session.drop({ addr: now.addr, tok: now.theirTok!, cls: 'sig', ttl: TTL_SIG / 1000 }, sealed)).ok
    },
  }

  function reusableKey(owner: { ik: Ik; dev: DevId }) {
    const key = keyring.reusable(owner)
    return key === undefined ? undefined : { key: key.id, pk: key.pk }
  }
  return courier
}
