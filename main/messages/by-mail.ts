import { MAX_FRAMES_PER_ENVELOPE, RESEND_FIRST, RESEND_LIFE, RESEND_LONGEST, TTL_MSG } from '../../protocol/limits.ts'
import { type Bytes, fromB64, utf8 } from '../../protocol/wire/bytes.ts'
import { packedSize, paddedSize } from '../../protocol/wire/mailbox.ts'
import type { Notice } from '../../protocol/wire/peer.ts'
import type { Buddy } from '../roster/roster.ts'
import type { Courier, CourierDeps } from './courier.ts'
import type { OutEnvelope, OutFrame } from './outbox.ts'

/** Frames on their way through the server: packed, sealed, committed, deposited [E16–E20]. */

/** Goes by mailbox whatever the settings say [E21]. */
const ALWAYS_BY_MAIL = new Set(['grant', 'left'])

/** What waits in a lane beside numbered frames. */
export interface MailLane {
  notices: Notice[]
  owesAnswer: boolean
  stopRetry: (() => void) | undefined
  /** [C35] This number and all beyond it wait their turn. */
  isHeld(n: number): boolean
}

export interface ByMail {
  /** Everything that may go now, one envelope after the other. */
  send(buddy: Buddy, lane: MailLane): Promise<void>
  /** What has waited for 14 days is not delivered. */
  giveUp(buddy: Buddy): void
  /** [C31, I7] The person as of now, where nothing that forbids sending came while something was awaited. */
  stillMay(before: Buddy): Buddy | undefined
}

type Deps = Pick<CourierDeps, 'store' | 'clock' | 'chance' | 'me' | 'roster' | 'keyring' | 'outbox' | 'session' | 'links' | 'features' | 'isPresent' | 'onSent' | 'onExpired' | 'onRefused'> & Pick<Courier, 'kick' | 'seal'>

export function createByMail(deps: Deps): ByMail {
  const { store, clock, chance, roster, keyring, outbox, session, links } = deps

  async function send(buddy: Buddy, lane: MailLane): Promise<void> {
    if (!mayReceive(buddy)) return
    for (const envelope of due(buddy)) {
      const now = stillMay(buddy)
      if (now === undefined || !(await deposit(now, lane, envelope))) return
    }
    for (;;) {
      const now = stillMay(buddy)
      if (now === undefined || session.state().at !== 'on' || links.isUp(buddy.ik)) return
      const made = await pack(now, lane)
      const after = stillMay(now)
      if (made === undefined || after === undefined) return
      if (!(await deposit(after, lane, made))) return
    }
  }

  const mayReceive = (buddy: Buddy) => buddy.theirTok !== undefined && buddy.state === 'accepted' && buddy.changed === undefined
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
  async function pack(buddy: Buddy, lane: MailLane): Promise<OutEnvelope | undefined> {
    const me = deps.me()
    const owner = { ik: buddy.ik, dev: buddy.dev }
    expire(buddy)
    const allowed = (frame: OutFrame) => frame.envelope === null && (mayMail(buddy) || ALWAYS_BY_MAIL.has(frame.t))
    const open = outbox.open(buddy.c)
    const held = open.findIndex((frame) => lane.isHeld(frame.n))
    const waiting = open.slice(0, held === -1 ? open.length : held).filter(allowed)
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
    const sealed = await deps.seal({ ...owner, key: key.id, pk: key.pk }, { frames: bytes, hb, ...(next === undefined ? {} : { next }) })
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
  async function deposit(buddy: Buddy, lane: MailLane, envelope: OutEnvelope): Promise<boolean> {
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
        clock.after((answer.after ?? 1) * 1000, () => deps.kick(buddy.ik))
        return false
      case 'denied':
      case 'not-found':
        deps.onRefused(buddy.ik)
        return false
      case 'quota':
      case 'unavailable': {
        // [E19] As far as the token's quota reaches: they have to fetch first.
        lane.stopRetry?.()
        lane.stopRetry = clock.after(RESEND_FIRST, () => deps.kick(buddy.ik))
        return false
      }
      default:
        return false
    }
  }

  function giveUp(buddy: Buddy) {
    const over = outbox.open(buddy.c).filter((frame) => clock.now() - frame.at > RESEND_LIFE)
    if (over.length > 0) store.write(() => deps.onExpired(buddy.c, over))
  }

  return { send, giveUp, stillMay }
}
