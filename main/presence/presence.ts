import type { Presence as Shown } from '../../protocol/app/views.ts'
import type { Address, B64, Ik } from '../../protocol/ids.ts'
import { recordVersion } from '../identity/crypto.ts'
import type { Me } from '../identity/me.ts'
import type { Background } from '../background.ts'
import type { Clock } from '../ports.ts'
import type { Roster } from '../roster/roster.ts'
import type { Session } from '../signaling/session.ts'

/** [7.1] Who is there. Only in memory: there is no last-seen time anywhere. */

export interface Presence {
  of(ik: Ik): Shown
  /** [S11] After `ready`: mine is told, theirs is asked for. */
  start(): Promise<void>
  /** Mine, to the rules of my buddies: it changed, or who may see it did. */
  announceTo(): void
  /** [C3] Subscribes to one buddy. */
  watch(ik: Ik): void
  unwatch(addr: Address): void
  take(message: { addr: Address; state: 'on' | 'away' | 'busy' | 'off'; rv?: B64 | undefined }): void
  signedOff(): void
}

export interface PresenceDeps {
  clock: Clock
  me(): Me | undefined
  roster: Roster
  session: Pick<Session, 'patiently' | 'state'>
  /** `arrived`: from off to there. */
  onChange(ik: Ik, state: Shown, arrived: boolean): void
  /** [E20] denied, or another record than the pinned one. */
  background: Background
  onDoubt(ik: Ik): void
}

/** Subscriptions in one message; more go in further ones. */
const PER_MESSAGE = 300

export function createPresence(deps: PresenceDeps): Presence {
  const { roster, session } = deps
  const states = new Map<Ik, Shown>()
  const isOn = () => session.state().at === 'on'
  let isAnnouncing = false
  let isStarted = false

  function set(ik: Ik, state: Shown) {
    const before = states.get(ik) ?? 'unknown'
    if (before === state) return
    states.set(ik, state)
    deps.onChange(ik, state, state !== 'off' && state !== 'unknown' && before === 'off')
  }

  async function tell() {
    if (deps.me() === undefined || !isOn()) return
    await session.patiently(() => {
      const cls = roster.accepted().flatMap((buddy) => (buddy.rule === undefined || buddy.changed !== undefined ? [] : [buddy.rule]))
      return { t: 'presence.set', state: deps.me()!.kept.presence, cls }
    })
  }

  async function subscribe(iks: Ik[]) {
    const add = iks.flatMap((ik) => {
      const buddy = roster.get(ik)
      const mayWatch = buddy?.state === 'accepted' && buddy.theirTok !== undefined && buddy.changed === undefined && (buddy.ok === undefined || buddy.ok.confirmed)
      return mayWatch ? [{ addr: buddy.addr, tok: buddy.theirTok! }] : []
    })
    for (let i = 0; i < add.length; i += PER_MESSAGE) {
      const answer = await session.patiently(() => ({ t: 'presence.sub', add: add.slice(i, i + PER_MESSAGE), del: [] }))
      if (!answer.ok) return
      for (const addr of answer.r.denied) {
        const buddy = roster.byAddress(addr)
        if (buddy === undefined) continue
        set(buddy.ik, 'off')
        deps.onDoubt(buddy.ik)
      }
    }
  }

  return {
    of: (ik) => (isOn() ? (states.get(ik) ?? 'unknown') : 'unknown'),
    async start() {
      await tell()
      isStarted = true
      await subscribe(roster.accepted().map((buddy) => buddy.ik))
    },
    announceTo() {
      if (isAnnouncing || !isOn()) return
      isAnnouncing = true
      // Several changes of one moment are told once.
      deps.clock.after(20, () => {
        isAnnouncing = false
        // [S11] not before it was told the first time, in its turn
        if (isStarted) deps.background(tell())
      })
    },
    watch(ik) {
      if (isOn() && isStarted) deps.background(subscribe([ik]))
    },
    unwatch(addr) {
      const buddy = roster.byAddress(addr)
      if (buddy !== undefined) states.delete(buddy.ik)
      if (isOn()) deps.background(session.patiently(() => ({ t: 'presence.sub', add: [], del: [addr] })))
    },
    take({ addr, state, rv }) {
      const buddy = roster.byAddress(addr)
      if (buddy === undefined || buddy.state !== 'accepted') return
      set(buddy.ik, state)
      if (rv !== undefined && rv !== recordVersion(buddy.rec.p)) deps.onDoubt(buddy.ik)
    },
    signedOff() {
      isStarted = false
      const known = [...states.keys()]
      states.clear()
      for (const ik of known) deps.onChange(ik, 'unknown', false)
    },
  }
}

