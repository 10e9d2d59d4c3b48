import type { Api, KeyTaken } from '../../protocol/app/api.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { Connect, KeepChoice } from '../../protocol/app/views.ts'
import type { Refusal } from '../../protocol/errors.ts'
import type { Ik, Ms } from '../../protocol/ids.ts'
import { MAX_KNOCK_TEXT } from '../../protocol/limits.ts'
import { fromB64 } from '../../protocol/wire/bytes.ts'
import type { Invite } from '../../protocol/wire/invite.ts'
import { address, splitAddress } from '../../protocol/wire/scalars.ts'
import { textFault } from '../../protocol/wire/text.ts'
import { safetyNumber } from '../identity/crypto.ts'
import { parseInvite, verifyCode } from '../identity/invites.ts'
import type { Me } from '../identity/me.ts'
import { readRecord } from '../identity/records.ts'
import type { Links } from '../links/links.ts'
import type { Items } from '../messages/items.ts'
import type { Moving } from '../messages/moving.ts'
import type { Receive } from '../messages/receive.ts'
import type { Consent } from '../roster/consent.ts'
import type { Invites } from '../roster/invites.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'

/** What the list, the invite page and a profile ask for. */

type BuddyApi = Pick<Api,
  | 'createInvite' | 'withdrawInvite' | 'readInvite' | 'dismissOfferedInvite' | 'addByInvite' | 'sendRequest' | 'withdrawRequest' | 'accept' | 'decline'
  | 'block' | 'unblock' | 'undo' | 'removeBuddy' | 'setConnect' | 'setNotify' | 'safetyNumber' | 'numbersMatch' | 'acceptKey' | 'dropWaiting' | 'retryLink' | 'seenInviteLine'>

export interface BuddyDeps {
  store: Store
  me(): Me
  /** There may be none yet: an invite can be looked at first. */
  meIfAny(): Me | undefined
  now(): Ms
  correctedNow(): Ms
  roster: Roster
  items: Items
  invites: Invites
  consent: Consent
  links: Links
  receive: Receive
  /** [S9] With it somebody new may take a name at a server that asks for codes. */
  newCode(): Promise<string | undefined>
  /** The gates of open invites are told to the server before a link leaves this window [I14]. */
  tellGates(): Promise<void>
  lanFor(before: Buddy, connect: Connect): boolean
  rememberTerms(terms: { connect: Connect; keep?: KeepChoice | undefined }): void
  onInvites(): void
  onPeople(): void
  dismissOffered(): void
  moving: Pick<Moving, 'countWaiting' | 'dropWaiting'>
}

export function createBuddyApi(deps: BuddyDeps): BuddyApi {
  const { store, roster, consent, invites } = deps

  function inviteOf(link: string): Invite {
    const read = parseInvite(link.trim())
    if (!read.ok) throw new Refused('bad-invite')
    const { invite } = read
    const me = deps.meIfAny()
    if (invite.ik === me?.ik) throw new Refused('own-invite')
    if (invite.exp <= deps.correctedNow()) throw new Refused('used-invite')
    if (me !== undefined && splitAddress(invite.addr).server !== me.kept.server.name) throw new Refused('invite-elsewhere')
    if (roster.get(invite.ik)?.state === 'accepted') throw new Refused('already-buddy')
    return invite
  }

  const known = (ik: Ik): Buddy => {
    const buddy = roster.get(ik)
    if (buddy === undefined) throw new Refused('unknown-buddy')
    return buddy
  }
  async function takeKey(ik: Ik, level: 'verified' | 'unverified'): Promise<KeyTaken> {
    const newIk = await consent.takeChangedKey(ik, level)
    return newIk === undefined ? {} : { taken: { ik: newIk, waiting: deps.moving.countWaiting(known(newIk)) } }
  }
  /** The key that is compared: a changed one that waits for the decision, else the pinned one. */
  function keyInQuestion(ik: Ik): Ik {
    const { changed } = known(ik)
    const record = changed === undefined ? undefined : readRecord(changed.rec)
    return record?.ok ? record.value.record.ik : ik
  }
  const codeOf = (ik: Ik) => verifyCode(fromB64(deps.me().ik), fromB64(keyInQuestion(ik)))
  const must = <T extends { ok: true }>(result: T | Refusal): T => {
    if (!result.ok) throw new Refused(result.code)
    return result
  }

  /** A choice about one person that moves them among requests and blocked people. */
  const among = (choose: (ik: Ik) => unknown) => ({ ik }: { ik: Ik }) => {
    choose(ik)
    deps.onPeople()
    return undefined
  }

  return {
    async createInvite() {
      const reg = await deps.newCode()
      const made = store.write(() => invites.make(deps.me(), deps.correctedNow(), reg))
      await deps.tellGates()
      deps.onInvites()
      return { id: made.id, link: made.link }
    },
    async withdrawInvite({ id }) {
      store.write(() => invites.withdraw(id))
      deps.onInvites()
      await deps.tellGates()
      return undefined
    },
    readInvite({ link }) {
      const { name, addr, exp } = inviteOf(link)
      return { addr, exp, server: splitAddress(addr).server, ...(name === undefined ? {} : { name }) }
    },
    dismissOfferedInvite() {
      deps.dismissOffered()
      return undefined
    },
    async addByInvite({ link, connect, keep }) {
      const invite = inviteOf(link)
      deps.rememberTerms({ connect, keep })
      const { ik } = must(await consent.request({ addr: invite.addr, text: '', terms: { connect, keep }, invite }))
      deps.dismissOffered()
      return { ik }
    },
    async sendRequest({ addr, text, connect, keep }) {
      const parsed = address.safeParse(addr.trim().toLowerCase())
      if (!parsed.success) throw new Refused('bad-address')
      if (textFault(text, { chars: MAX_KNOCK_TEXT }) !== undefined) throw new Refused('knock-text')
      deps.rememberTerms({ connect, keep })
      const { ik } = must(await consent.request({ addr: parsed.data, text, terms: { connect, keep } }))
      return { ik }
    },
    async withdrawRequest({ ik }) {
      await consent.withdraw(ik)
      return undefined
    },
    async accept({ ik, connect, keep }) {
      deps.rememberTerms({ connect, keep })
      must(await consent.accept(ik, { connect, keep }))
      deps.onPeople()
      return undefined
    },
    decline: among(consent.decline),
    block: among((ik) => consent.block(known(ik).ik)),
    unblock: among(consent.unblock),
    undo: among(consent.undo),
    removeBuddy({ ik, deleteMessages }) {
      const { c } = known(ik)
      consent.remove(ik)
      if (deleteMessages) store.write(() => deps.items.clear(c))
      return undefined
    },
    setConnect({ ik, connect, lan: wished }) {
      const before = known(ik)
      if (connect === 'relay') throw new Refused('unavailable')
      // Only with the choice of *Direct* itself: what is said of the network afterwards counts as it is said.
      const lan = wished || (before.connect !== connect && deps.lanFor(before, connect))
      store.write(() => roster.change(ik, { connect, lan }))
      if (before.connect !== connect || before.lan !== lan) deps.links.stop(ik, 'change')
      deps.links.retry(ik)
      deps.links.want(ik, true)
      return undefined
    },
    setNotify({ ik, on }) {
      store.write(() => roster.change(known(ik).ik, { notify: on }))
      return undefined
    },
    safetyNumber({ ik }) {
      const mine = deps.me().ik
      return { groups: safetyNumber(mine, keyInQuestion(ik)), code: codeOf(ik), level: known(ik).level }
    },
    async numbersMatch({ ik, code }) {
      const buddy = known(ik)
      // Only the key whose numbers stood on screen is ever taken, whatever came since.
      if (code !== codeOf(ik)) throw new Refused('key-changed')
      if (buddy.changed !== undefined) return takeKey(ik, 'verified')
      store.write(() => {
        roster.change(ik, { level: 'verified', verifiedAt: deps.now() })
        deps.receive.line(ik, { what: 'verified' })
      })
      return {}
    },
    async acceptKey({ ik, code }) {
      if (code !== codeOf(ik)) throw new Refused('key-changed')
      return known(ik).changed === undefined ? {} : takeKey(ik, 'unverified')
    },
    dropWaiting({ ik }) {
      deps.moving.dropWaiting(known(ik))
      return undefined
    },
    retryLink({ ik }) {
      deps.links.retry(ik)
      deps.links.want(ik, true)
      return undefined
    },
    seenInviteLine({ ik }) {
      store.write(() => roster.change(known(ik).ik, { byMyInvite: false }))
      return undefined
    },
  }
}
