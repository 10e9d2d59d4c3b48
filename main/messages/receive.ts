import type { Delivery, Line, Transfer as TransferView } from '../../protocol/app/views.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { DevId, Ik, Ms, Uuid7 } from '../../protocol/ids.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import { type Durable, type FileEnd, type FrameBase, isReserved, type Notice } from '../../protocol/wire/peer.ts'
import type { Keyring } from '../envelopes/keyring.ts'
import { frameHash } from '../identity/crypto.ts'
import type { Clock } from '../ports.ts'
import { createSpacing } from '../spacing.ts'
import { fateOf, judgeLog } from '../privacy/modes.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'
import type { Conversations } from './conversations.ts'
import type { Courier } from './courier.ts'
import type { Items } from './items.ts'
import type { Hole, Numbers } from './numbers.ts'
import type { Outbox } from './outbox.ts'

/** What an accepted buddy's frames do here, whatever way they came. All inside the caller's write; acknowledgements follow it. */

export interface Receive {
  durable(buddy: Buddy, dev: DevId, frame: Durable | (FrameBase & { t: string }), bytes: Bytes): void
  notice(buddy: Buddy, dev: DevId, notice: Notice): void
  /** G3–G5: a logging state that came by knock, HELLO or frame. */
  logState(ik: Ik, state: { mode: Durable['lg']; rev: number; since: Ms; keep?: number | undefined; by?: string | undefined }): void
  alarm(ik: Ik, code: ErrorCode): void
  line(ik: Ik, line: Line): void
  /** [W22] Lines where something is missing. */
  missing(buddy: Buddy, holes: Hole[]): void
}

const ALARM_SPACING: Ms = 3_600_000

export interface ReceiveDeps {
  store: Store
  clock: Pick<Clock, 'now'>
  roster: Roster
  keyring: Keyring
  conversations: Conversations
  items: Items
  numbers: Numbers
  outbox: Outbox
  courier(): Courier
  /** Milliseconds their clock is ahead of mine, as far as a HELLO told. */
  skew(ik: Ik): Ms
  isShown(ik: Ik): boolean
  readReceipts(): boolean
  onMessage(buddy: Buddy, text: string, id: Uuid7): void
  /** A file or folder is offered. Gives the transfer, where it is a new one. */
  onOffer(buddy: Buddy, frame: Extract<Durable, { t: 'file.offer' | 'share.offer' }>, kept: boolean): TransferView | undefined
  /** [T6] */
  onFileEnd(ik: Ik, end: FileEnd): void
  /** These frames of mine are there. */
  onGot(ids: Uuid7[]): void
  /** My offer has come to nothing: not understood there. */
  onOfferFailed(id: Uuid7): void
  onLeft(ik: Ik): void
  onCount(what: 'wrong-conversation' | 'fork' | 'replay'): void
  newId(): string
  myDev(): DevId
}

export function createReceive(deps: ReceiveDeps): Receive {
  const { store, clock, roster, keyring, conversations, items, numbers, outbox } = deps

  function take(buddy: Buddy, dev: DevId, frame: Durable | (FrameBase & { t: string }), bytes: Bytes) {
    // [W11] a frame whose sender is no member of the conversation is dropped
    if (frame.c !== buddy.c) return deps.onCount('wrong-conversation')
    // [W24] an id of mine, or of anything that stands here, under another's number: the first is kept
    if (outbox.byId(frame.id) !== undefined) {
      deps.onCount('fork')
      return receive.alarm(buddy.ik, 'fork')
    }
    const now = clock.now()
    const wanted = Math.min(frame.ts - deps.skew(buddy.ik), now)
    const pos = numbers.place(buddy.c, dev, frame.n, wanted)
    const taken = numbers.take(buddy.c, dev, { id: frame.id, n: frame.n, ph: frame.ph, t: frame.t, h: frameHash(bytes), pos })
    if (taken === 'too-far') return
    if (taken === 'fork') {
      deps.onCount('fork')
      return receive.alarm(buddy.ik, 'fork')
    }
    store.after(() => deps.courier().receipt(buddy.ik, dev))
    if (taken === 'duplicate') return
    conversations.nextPos(buddy.c, pos)
    items.remove(buddy.c, missingId(dev, frame.n))
    receive.logState(buddy.ik, { mode: frame.lg, rev: frame.lr, since: frame.ts })
    if ((frame.t === 'file.offer' && 'f' in frame) || (frame.t === 'share.offer' && 'share' in frame)) return offer(roster.get(buddy.ik)!, frame, pos)
    if (!('text' in frame) && isContent(frame)) return apply(roster.get(buddy.ik)!, frame)
    if (frame.t === 'msg' && 'text' in frame) return message(roster.get(buddy.ik)!, frame as Extract<Durable, { t: 'msg' }>, pos)
    // [W25] it keeps its number, stands as "not understood", and the sender is told
    items.addLine(buddy.c, frame.id, { what: 'not-understood' }, pos, frame.ts)
    store.after(() => deps.courier().notice(buddy.ik, { t: 'nak', of: frame.id, code: 'unsupported' }))
  }

  const CONTENT = new Set(['logging', 'grant', 'left', 'profile'])
  const isContent = (frame: { t: string }): frame is Extract<Durable, { t: 'logging' | 'grant' | 'left' | 'profile' }> => CONTENT.has(frame.t) && !isReserved(frame.t)

  function message(buddy: Buddy, frame: Extract<Durable, { t: 'msg' }>, pos: number) {
    const fate = fateOf(frame.ls, buddy.myModes, buddy.mine)
    items.add(buddy.c, { kind: 'message', id: frame.id, pos, mine: false, text: frame.text, at: frame.ts }, fate === 'disk' ? 'disk' : 'memory')
    if (!deps.isShown(buddy.ik)) items.setUnread(buddy.c, items.unread(buddy.c) + 1)
    store.after(() => deps.onMessage(buddy, frame.text, frame.id))
  }

  /** Content like a text: kept, and counted as unread, like one. A folder that one may look into from now on is a line. */
  function offer(buddy: Buddy, frame: Extract<Durable, { t: 'file.offer' | 'share.offer' }>, pos: number) {
    const kept = fateOf(frame.ls, buddy.myModes, buddy.mine) === 'disk'
    if (frame.t === 'share.offer' && frame.once === undefined) {
      return items.addLine(buddy.c, frame.id, { what: 'they-share', share: frame.share, name: frame.name, exp: frame.exp ?? 0 }, pos, frame.ts, kept ? 'disk' : 'memory')
    }
    const transfer = deps.onOffer(buddy, frame, kept)
    if (transfer === undefined) return
    items.add(buddy.c, { kind: 'file', id: frame.id, pos, mine: false, at: frame.ts, transfer }, kept ? 'disk' : 'memory')
    if (!deps.isShown(buddy.ik)) items.setUnread(buddy.c, items.unread(buddy.c) + 1)
  }

  /** [W28] Not content: applied and stored in every logging mode; the highest rev wins. */
  function apply(buddy: Buddy, frame: Extract<Durable, { t: 'logging' | 'grant' | 'left' | 'profile' }>) {
    switch (frame.t) {
      case 'logging':
        return receive.logState(buddy.ik, frame.state)
      case 'grant':
        if (frame.rev > buddy.theirTokRev) roster.change(buddy.ik, { theirTok: frame.tok, theirTokRev: frame.rev })
        return store.after(() => deps.courier().kick(buddy.ik))
      case 'left':
        roster.change(buddy.ik, { state: 'left' })
        roster.clear(buddy.ik, 'theirTok')
        keyring.forget(buddy.ik)
        return store.after(() => deps.onLeft(buddy.ik))
      case 'profile':
        if (frame.rev <= buddy.profileRev) return
        roster.change(buddy.ik, {
          profileRev: frame.rev, ...(frame.name === undefined ? {} : { name: frame.name }), ...(frame.status === undefined ? {} : { status: frame.status }),
        })
    }
  }

  const mayAlarm = createSpacing(clock.now, ALARM_SPACING)
  const missingId = (dev: DevId, n: number) => `missing:${dev}:${n}`

  /** How far a message of mine is; undefined for anything else. */
  function deliveryOf(buddy: Buddy, id: Uuid7): Delivery | undefined {
    const item = items.get(buddy.c, id)
    return item?.kind === 'message' && item.mine ? item.state : undefined
  }

  /** [W23] What is missing stays missing: there is nobody to ask for it. */
  function neverComes({ c }: Buddy, id: string) {
    const item = items.get(c, id)
    if (item?.kind === 'line' && item.line.what === 'missing') items.addLine(c, id, { ...item.line, mayAsk: false }, item.pos, item.at)
  }

  const receive: Receive = {
    durable: take,
    notice(buddy, dev, notice) {
      switch (notice.t) {
        case 'rcpt': {
          if (notice.c !== buddy.c) return deps.onCount('wrong-conversation')
          // What an older device of mine was told counts for its numbers only.
          if (notice.dev !== deps.myDev()) return
          if (notice.kind === 'got') {
            const ids = outbox.markGot(buddy.c, notice.upTo, notice.ids ?? [])
            // *Read* says more, and may have come first.
            for (const id of ids) if (deliveryOf(buddy, id) !== 'read') items.change(buddy.c, id, { state: 'arrived', stateAt: clock.now() })
            deps.onGot(ids)
            outbox.dropDone(buddy.ik, buddy.c)
            if (ids.length > 0) store.after(() => deps.courier().kick(buddy.ik))
          } else if (deps.readReceipts()) {
            for (const id of notice.ids ?? []) if (deliveryOf(buddy, id) !== undefined) items.change(buddy.c, id, { state: 'read', stateAt: clock.now() })
          }
          return
        }
        case 'gap': {
          if (notice.c !== buddy.c) return deps.onCount('wrong-conversation')
          if (notice.dev !== deps.myDev()) return
          const { frames, voids } = outbox.answerGap(buddy.c, notice.from, notice.to)
          // [E17] what is asked for is sealed anew, also where it was given up
          outbox.reopen(buddy.c, notice.from, notice.to)
          for (const frame of frames) outbox.unsealFrames(buddy.c, frame.n, frame.n)
          store.after(() => deps.courier().again(buddy.ik, notice.from, notice.to))
          for (const span of voids) store.after(() => deps.courier().notice(buddy.ik, { t: 'void', c: buddy.c, ...span }))
          return store.after(() => deps.courier().kick(buddy.ik))
        }
        case 'void':
          if (notice.c !== buddy.c) return deps.onCount('wrong-conversation')
          if (!numbers.takeVoid(buddy.c, dev, notice)) {
            deps.onCount('fork')
            return receive.alarm(buddy.ik, 'fork')
          }
          return neverComes(buddy, missingId(dev, notice.from))
        case 'pre':
          if (keyring.noteHeld({ ik: buddy.ik, dev }, notice.hb) && notice.hb > buddy.hb) roster.change(buddy.ik, { hb: notice.hb })
          if (notice.next !== undefined && keyring.takeTheirs({ ik: buddy.ik, dev }, notice.next)) {
            // Its abilities may be older than the HELLO of this link, which counts [W9].
            store.after(() => deps.courier().notice(buddy.ik, { t: 'pre', hb: keyring.held({ ik: buddy.ik, dev }) }))
          }
          // [E12] exactly the envelopes that could not be opened are sealed anew
          if (notice.lost !== undefined) {
            outbox.unseal(buddy.ik, buddy.c, notice.lost)
            store.after(() => deps.courier().kick(buddy.ik))
          }
          return
        case 'nak': {
          const frame = outbox.byId(notice.of)
          if (frame?.c !== buddy.c) return
          if (!outbox.end(buddy.c, notice.of, 'failed')) return
          deps.onOfferFailed(notice.of)
          return items.change(buddy.c, notice.of, { state: 'failed', why: 'refused', stateAt: clock.now() })
        }
        default:
          return store.after(() => deps.onFileEnd(buddy.ik, notice))
      }
    },
    logState(ik, { mode, rev, since, keep, by }) {
      const buddy = roster.get(ik)
      if (buddy === undefined) return
      if (rev <= (buddy.doubtedRev ?? -1)) return
      const judged = judgeLog(buddy.theirs, { mode, rev })
      if (judged.news === 'mismatch') {
        roster.change(ik, { theirs: null, doubtedRev: rev })
        return receive.alarm(ik, 'logging-mismatch')
      }
      if (judged.news === 'none') return
      const theirs = { mode, rev, since, ...(keep === undefined ? {} : { keep }), ...(by === undefined ? {} : { by }) }
      const before = buddy.theirs
      roster.change(ik, { theirs })
      if (before === null || before.rev > 0 || mode !== 'off') {
        if (rev > 0) receive.line(ik, { what: 'they-keep', keep: { mode, chosen: true, ...(keep === undefined ? {} : { keep }), ...(by === undefined ? {} : { by }) }, more: judged.more })
      }
    },
    alarm(ik, code) {
      // One line an hour for each kind: an alarm is for a person to read.
      if (mayAlarm(`${ik} ${code}`)) receive.line(ik, { what: 'alarm', code })
    },
    line(ik, line) {
      const buddy = roster.get(ik)
      if (buddy === undefined) return
      const at = clock.now()
      items.addLine(buddy.c, deps.newId(), line, conversations.nextPos(buddy.c, at), at)
    },
    missing(buddy, holes) {
      for (const { dev, lo, hi } of holes) {
        const pos = numbers.place(buddy.c, dev, lo, numbers.posOf(buddy.c, dev, lo - 1) ?? clock.now())
        items.addLine(buddy.c, missingId(dev, lo), { what: 'missing', dev, from: lo, to: hi, mayAsk: dev === buddy.dev }, pos, clock.now())
      }
    },
  }
  return receive
}
