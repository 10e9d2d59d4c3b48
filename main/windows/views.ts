import type { Banner, Blocked, Buddy as BuddyView, Can, Connection, Defaults, FileRule, LinkView, Me as MeView, OpenInvite, Phase, Request, Scanner, Settings, Share, Snapshot, Transfer } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import type { Me } from '../identity/me.ts'
import type { Links } from '../links/links.ts'
import type { Items } from '../messages/items.ts'
import type { Outbox } from '../messages/outbox.ts'
import type { Presence } from '../presence/presence.ts'
import { viewOf } from '../privacy/modes.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { SessionState } from '../signaling/session.ts'

/** What the windows are shown, made of what the concerns know. No decision is taken here. */

export interface ViewsDeps {
  can: Can
  version: string
  me(): Me | undefined
  hasWords(): boolean
  session(): SessionState
  roster: Roster
  items: Items
  outbox: Outbox
  links: Links
  presence: Presence
  settings(): Settings
  lastTerms(): { connect?: Defaults['connect']; keep?: Defaults['keep'] }
  invites(): OpenInvite[]
  refused(): number
  offeredInvite(): string | undefined
  banners(): Banner[]
  files: { transfers(): Transfer[]; rules(): FileRule[]; shares(): Share[]; scanner(): Scanner }
}

export interface Views {
  snapshot(): Snapshot
  phase(): Phase
  me(): MeView | undefined
  connection(): Connection
  /** Undefined where this person is not in the list. */
  buddy(ik: Ik): BuddyView | undefined
  requests(): Request[]
  blocked(): Blocked[]
  defaults(): Defaults
  settings(): Settings
  invites(): OpenInvite[]
  /** Requests that the server refused for me. */
  refused(): number
  offeredInvite(): string | undefined
  banners(): Banner[]
}

export function createViews(deps: ViewsDeps): Views {
  const { roster, items, outbox, links, presence } = deps
  const { session, settings, invites, refused, offeredInvite, banners } = deps

  function link(buddy: Buddy): LinkView {
    if (links.isUp(buddy.ik)) return links.view(buddy)
    if (session().at !== 'on' || buddy.changed !== undefined) return { at: 'none' }
    const there = presence.of(buddy.ik)
    if (buddy.state === 'left' || there === 'off') return { at: 'offline' }
    return buddy.connect === 'direct' ? links.view(buddy) : { at: 'server' }
  }

  function buddyView(buddy: Buddy): BuddyView | undefined {
    if (buddy.state !== 'accepted' && buddy.state !== 'left' && !(buddy.state === 'asked' && buddy.asked !== undefined)) return undefined
    const last = items.last(buddy.c)
    const there = presence.of(buddy.ik)
    return {
      ik: buddy.ik, addr: buddy.addr, name: buddy.name, state: buddy.state === 'asked' ? 'asked' : 'accepted',
      ...(buddy.asked === undefined ? {} : { askedAt: buddy.asked.at }),
      level: buddy.changed === undefined ? buddy.level : 'unverified', ...(buddy.verifiedAt === undefined ? {} : { verifiedAt: buddy.verifiedAt }),
      // [C30] who removed me reads as offline; nobody is told more than that
      presence: buddy.state === 'left' && session().at === 'on' ? 'off' : there,
      status: buddy.status, unread: items.unread(buddy.c), waiting: outbox.countWaiting(buddy.c),
      ...(last === undefined ? {} : { last }), connect: buddy.connect, lan: buddy.lan,
      hasMailbox: settings().mailbox && buddy.feat.includes('mail1') && buddy.theirTok !== undefined, mine: viewOf(buddy.mine), theirs: viewOf(buddy.theirs), link: link(buddy),
      keyChanged: buddy.changed !== undefined, notify: buddy.notify, draft: buddy.draft, byMyInvite: buddy.byMyInvite,
      canFiles: buddy.feat.includes('file1'), canShares: buddy.feat.includes('share1'),
    }
  }

  const views: Views = {
    settings, invites, refused, offeredInvite, banners,
    phase: () => (deps.me() === undefined ? { at: 'welcome' } : { at: 'ready' }),
    me() {
      const me = deps.me()
      if (me === undefined) return undefined
      const { name, addr, server, presence: state, status, recentStatuses } = me.kept
      const isThisComputer = server.kind === 'this-computer'
      return {
        ik: me.ik, name, addr, server: server.name, serverLabel: isThisComputer ? 'this computer' : new URL(server.url).host, isThisComputer, presence: state, status, recentStatuses,
        wordsUnconfirmed: deps.hasWords(),
      }
    },
    connection() {
      const state = session()
      switch (state.at) {
        case 'closed': return { at: 'off', ...(state.since === undefined ? {} : { since: state.since }), ...(state.why === undefined ? {} : { why: state.why }) }
        case 'connecting': return { at: 'connecting' }
        case 'on': return { at: 'on' }
        case 'waiting': return { at: 'waiting', until: state.until }
        case 'stopped': return state.code === 'replaced' ? { at: 'off', since: state.since, why: 'replaced' } : { at: 'stopped', code: state.code, since: state.since }
      }
    },
    buddy(ik) {
      const buddy = roster.get(ik)
      return buddy === undefined ? undefined : buddyView(buddy)
    },
    requests: () => roster.all().flatMap((buddy) => {
      const { asking } = buddy
      if (buddy.state !== 'asking' || asking === undefined || !asking.confirmed) return []
      return [{ ik: buddy.ik, addr: buddy.addr, name: buddy.name, text: asking.frame.text, at: asking.at, fingerprint: fingerprint(buddy.ik), byInvite: asking.invite !== undefined }]
    }).sort((a, b) => b.at - a.at),
    blocked: () => roster.all().filter((buddy) => buddy.state === 'blocked').map(({ ik, addr, name }) => ({ ik, addr, name })),
    defaults() {
      const { connect, keep } = deps.lastTerms()
      // No relay yet: turn.get belongs to a later release.
      return { connect: connect === 'direct' ? 'direct' : 'server', relay: false, ...(keep === undefined ? {} : { keep }) }
    },
    snapshot() {
      const me = views.me()
      const offeredInvite = deps.offeredInvite()
      return {
        can: deps.can, phase: views.phase(), version: deps.version, ...(me === undefined ? {} : { me }), connection: views.connection(),
        buddies: roster.all().flatMap((buddy) => buddyView(buddy) ?? []), requests: views.requests(), refused: deps.refused(), invites: deps.invites(),
        blocked: views.blocked(), settings: deps.settings(), defaults: views.defaults(), ...(offeredInvite === undefined ? {} : { offeredInvite }), banners: deps.banners(),
        transfers: deps.files.transfers(), rules: deps.files.rules(), shares: deps.files.shares(), scanner: deps.files.scanner(),
      }
    },
  }
  return views
}

/** Eight groups of four letters of the key, for reading aloud. */
const fingerprint = (ik: Ik) => Buffer.from(ik, 'base64url').toString('hex').slice(0, 32).replace(/(.{4})(?=.)/g, '$1 ')

