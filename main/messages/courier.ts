import type { ConvId, DevId, Ik, KeyId, B64 } from '../../protocol/ids.ts'
import {
  LINK_FRAMES_BURST, LINK_FRAMES_PER_SECOND, MAX_UNGOT_ON_LINK, TTL_SIG,
} from '../../protocol/limits.ts'
import { type Bytes, utf8 } from '../../protocol/wire/bytes.ts'
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
import { createByMail, type MailLane } from './by-mail.ts'
import type { Numbers } from './numbers.ts'
import type { OutFrame, Outbox } from './outbox.ts'
import { createPace, type Pace } from './pace.ts'
import { createReceipts, type Receipts } from './receipts.ts'

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
  /** [C35] A message of mine was written, as this number. */
  written(ik: Ik, n: number): void
  /** [W21] Frames of this device were taken, or came again. */
  receipt: Receipts['due']
  /** [E11] Said again for an envelope that came again. */
  repeatReceipt: Receipts['repeat']
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

interface Lane extends MailLane {
  isRunning: boolean
  again: boolean
  /** Numbers handed to the link that is up now. */
  onLink: Set<number>
  bucket: ReturnType<typeof createBucket>
  pace: Pace
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
    const pace = createPace(clock.now)
    let isTurnAwaited = false
    const lane: Lane = {
      isRunning: false, again: false, notices: [], owesAnswer: false, onLink: new Set(), pace, stopRetry: undefined, handedOver: [], stopSent: undefined,
      bucket: createBucket(clock, { burst: LINK_FRAMES_BURST, perSecond: LINK_FRAMES_PER_SECOND }),
      isHeld(n) {
        const wait = pace.wait(n)
        if (wait === 0) return false
        if (isTurnAwaited) return true
        isTurnAwaited = true
        clock.after(wait, () => {
          isTurnAwaited = false
          courier.kick(ik)
        })
        return true
      },
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
        else if (isOn()) await byMail.send(buddy, lane)
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
      if (inFlight >= MAX_UNGOT_ON_LINK || lane.isHeld(frame.n)) break
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

  const receipts = createReceipts({
    clock, chance, roster, numbers,
    isUp: (ik) => links.isUp(ik),
    say(ik, dev, said) {
      const lane = laneOf(ik)
      lane.notices = [...lane.notices.filter((one) => !(one.t === 'rcpt' && one.kind === 'got' && one.dev === dev)), ...said]
      courier.kick(ik)
    },
  })

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
      for (const buddy of roster.all()) {
        if (buddy.state === 'accepted') courier.kick(buddy.ik)
        // [C30] To who left nothing goes; what waits for them ends like what waits for anybody.
        if (buddy.state === 'left') byMail.giveUp(buddy)
      }
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
      laneOf(ik).notices = []
      receipts.forget(ik)
    },
    written: (ik, n) => laneOf(ik).pace.written(n),
    receipt: (ik, dev) => receipts.due(ik, dev),
    repeatReceipt: (ik) => receipts.repeat(ik),
    answer(ik) {
      laneOf(ik).owesAnswer = true
      courier.kick(ik)
    },
    linkUp(ik) {
      const lane = laneOf(ik)
      lane.onLink.clear()
      receipts.linkUp(ik)
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
      const now = byMail.stillMay(buddy)
      return now !== undefined && (await session.drop({ addr: now.addr, tok: now.theirTok!, cls: 'sig', ttl: TTL_SIG / 1000 }, sealed)).ok
    },
  }

  const byMail = createByMail({ ...deps, kick: (ik) => courier.kick(ik), seal: (to, contents) => courier.seal(to, contents) })
  function reusableKey(owner: { ik: Ik; dev: DevId }) {
    const key = keyring.reusable(owner)
    return key === undefined ? undefined : { key: key.id, pk: key.pk }
  }
  return courier
}
