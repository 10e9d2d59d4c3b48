import type { Api } from '../protocol/app/api.ts'
import { Refused, serve } from '../protocol/app/rpc.ts'
import type { Banner, Connect } from '../protocol/app/views.ts'
import type { Ik, KeyId, Ms } from '../protocol/ids.ts'
import { CLOCK_OFF } from '../protocol/limits.ts'
import { addressKind } from '../protocol/wire/addresses.ts'
import { utf8 } from '../protocol/wire/bytes.ts'
import type { Frame } from '../protocol/wire/peer.ts'
import { createBackground } from './background.ts'
import { createOwnClock, every } from './clock.ts'
import { createFiles, isFileFrame, type Files } from './files.ts'
import { failedApp } from './hosts/failed-app.ts'
import { writeWhole } from './hosts/key-file.ts'
import { createEmbedded } from './embedded-server/embedded.ts'
import { createKeyring } from './envelopes/keyring.ts'
import { createIdentities, type Me } from './identity/me.ts'
import { selfTest } from './identity/self-test.ts'
import { createPageDriver, type LinkDriver } from './links/driver.ts'
import { createLinks } from './links/links.ts'
import { createInbox } from './mailbox/inbox.ts'
import { createConversations } from './messages/conversations.ts'
import { createCourier, type Courier } from './messages/courier.ts'
import { createHoles } from './messages/holes.ts'
import { createItems } from './messages/items.ts'
import { createMoving } from './messages/moving.ts'
import { createNumbers } from './messages/numbers.ts'
import { createOutbox } from './messages/outbox.ts'
import { createReceive } from './messages/receive.ts'
import { createAnnouncements } from './notifications/announcements.ts'
import type { App, Ports } from './ports.ts'
import { createPresence } from './presence/presence.ts'
import { isKept } from './privacy/modes.ts'
import { createChance } from './random.ts'
import { createConsent, type Consent } from './roster/consent.ts'
import { createInvites } from './roster/invites.ts'
import { type Buddy, createRoster } from './roster/roster.ts'
import { greet, serverUrl } from './signaling/dial.ts'
import { recover, register } from './signaling/enrol.ts'
import { createSession } from './signaling/session.ts'
import { createUpkeep } from './signaling/upkeep.ts'
import { createSpacing } from './spacing.ts'
import { openLogFile } from './store/log-file.ts'
import { StoreError } from './store/open.ts'
import { createStore } from './store/store.ts'
import { createAccountApi } from './windows/account-api.ts'
import { createBuddyApi } from './windows/buddy-api.ts'
import { createChats, type Chats } from './windows/chat-api.ts'
import { createSettings } from './windows/settings.ts'
import { createTeller } from './windows/teller.ts'
import { createViews } from './windows/views.ts'
import { createWelcome } from './windows/welcome.ts'

/** Composition: the one file that knows all parts. It wires; what is decided is decided elsewhere. */

export interface AppOptions {
  /** [L3] The test option: every candidate but 127.0.0.1 and ::1 is dropped, both ways. */
  candidates?: 'loopback-only'
  /** Port of the embedded server on 127.0.0.1. */
  serverPort?: number
  /** The TCP twin instead of the link page: cores without a browser. */
  driver?: LinkDriver
  version?: string
}

export type CreateApp = (ports: Ports, options?: AppOptions) => Promise<App>

const SERVER_PORT = 7275
/** [W9] What this release can do; `mail1` only while the user lets the mailbox be used [E21]. */
const FEATURES = ['file1', 'log1', 'msg1', 'share1']
/** How often holes are looked at, and how often everything that waits is tried again. */
const HOLE_TICK: Ms = 1_000
const RETRY_TICK: Ms = 60_000
const HOUR: Ms = 3_600_000
/** Nothing of files or folders goes on with who stands so. */
const PARTED: ReadonlySet<string> = new Set(['removed', 'blocked', 'left'])
const OFFERS: ReadonlySet<string> = new Set(['file.offer', 'share.offer'])

export const createApp: CreateApp = async (ports, options = {}) => {
  const tested = await selfTest()
  if (!tested.ok) return failedApp('crypto-self-test', ports.can)
  if (tested.kem !== 'webcrypto') ports.log('X25519 from the other implementation')
  try {
    return startApp(ports, options)
  } catch (error) {
    if (error instanceof StoreError) return failedApp(error.code, ports.can)
    throw error
  }
}

/** Where in our code something failed: file and line, without the folders of this machine. */
function placesOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 4) : []
  return lines.map((line) => /([\w-]+\.ts:\d+)/.exec(line)?.[1] ?? '').join(' ')
}

function startApp(ports: Ports, options: AppOptions): App {
  let isClosed = false
  const onBug = (error: unknown) => isClosed || ports.log('bug', { name: error instanceof Error ? error.name : 'unknown', at: placesOf(error) })
  const clock = createOwnClock(ports.clock, onBug)
  const now = clock.now
  const chance = createChance(ports.random)
  let isDiskFull = false
  let isAuditWrong = false
  let clockOffset = 0
  let offeredInvite: string | undefined
  let refused = 0
  const skews = new Map<Ik, Ms>()
  const correctedNow = () => now() + clockOffset

  const teller = createTeller(() => views)
  const store = createStore(openLogFile(ports, writeWhole), {
    clock,
    onDiskFull(isFull) {
      isDiskFull = isFull
      teller.banners()
      if (!isFull) inbox.roomAgain()
    },
    onEffectBug: onBug,
  })
  const settings = createSettings({ store })
  const identities = createIdentities({ store, secrets: ports.secrets, chance, now })
  const me = (): Me => {
    const current = identities.me()
    if (current === undefined) throw new Refused('no-identity')
    return current
  }
  const features = () => (settings.get().mailbox ? [...FEATURES, 'mail1'].sort() : FEATURES)
  const count = (what: string) => ports.log('counted', { what })

  const background = createBackground(onBug)

  const embedded = createEmbedded({ dataDir: ports.paths.server, port: options.serverPort ?? SERVER_PORT })
  const roster = createRoster({
    store, chance, now,
    myIk: () => me().ik,
    onChange(ik) {
      teller.buddy(ik)
      const buddy = roster.get(ik)
      if (buddy !== undefined && (PARTED.has(buddy.state) || buddy.changed !== undefined)) files.personGone(ik)
    },
  })
  const keyring = createKeyring({ store, chance, now })
  const conversations = createConversations({ store })
  const ikOf = (c: Parameters<typeof roster.byConversation>[0]) => roster.byConversation(c)?.ik
  const items = createItems({
    store,
    transfer: (id) => files.transfers.view(id),
    onItem(c, item) {
      const ik = ikOf(c)
      if (ik === undefined) return
      teller.tell({ e: 'item', ik, item })
      teller.buddy(ik)
    },
    onGone(c, id) {
      const ik = ikOf(c)
      if (ik === undefined) return
      teller.tell({ e: 'item-gone', ik, id })
      // Its words may stand in the list as the last ones.
      teller.buddy(ik)
    },
    onCleared(c) {
      const ik = ikOf(c)
      if (ik === undefined) return
      files.transfers.chatCleared(ik)
      teller.tell({ e: 'chat-cleared', ik })
      teller.buddy(ik)
    },
  })
  const numbers = createNumbers({ store, now })
  const outbox = createOutbox({ store, chance, conversations, now })
  const invites = createInvites({ store, chance, now })
  const news = createAnnouncements({ notifier: ports.notifier, show: () => settings.get().notifications })

  const session = createSession({
    clock, chance, identities, embedded,
    onState(state) {
      if (state.at !== 'on') {
        inbox.signedOff()
        presence.signedOff()
      }
      if (state.at === 'closed' || state.at === 'stopped') links.stopAll()
      teller.connection()
      for (const { ik, state: is } of roster.all()) if (is === 'accepted' || is === 'left') teller.buddy(ik)
    },
    onReady(ready) {
      refused = ready.knocks.refused
      background(catchUp(ready))
    },
    onMessage(message) {
      if (message.t === 'mail') inbox.take(message.head, message.envelope)
      else if (message.t === 'presence') presence.take(message)
      else if (message.t === 'keys.low') background(upkeep.refill())
    },
    onClock(offset) {
      clockOffset = offset
      teller.banners()
    },
    onBug,
  })

  /** What my last HELLO said that I can do. */
  const toldFeatures = new Map<Ik, string>()
  const driver = options.driver ?? createPageDriver()
  const links = createLinks({
    clock, chance, driver, me, correctedNow, background,
    buddy: (ik) => roster.get(ik),
    mayLink,
    mayOffer: (buddy) => mayLink(buddy) && presence.of(buddy.ik) !== 'off',
    rule: (buddy) => ({ mode: 'direct', lan: buddy.lan, loopback: serverAddress() === 'loopback', loopbackOnly: options.candidates === 'loopback-only' }),
    signal: (buddy, frame, to) => courier.signal(buddy, frame, to),
    hello(buddy) {
      const { n, h } = conversations.top(buddy.c)
      toldFeatures.set(buddy.ik, features().join())
      return { feat: features(), log: buddy.mine, hb: keyring.held(buddy), top: [n, h] }
    },
    onBug,
    onCooled: wantLink,
    onPageMissing: (routes) => ports.windows.openLinkPage(routes),
    onPage() {
      for (const buddy of roster.accepted()) wantLink(buddy.ik)
    },
    judgeRecord: (buddy, record) => consent.judgeRecord(buddy, record),
    onUp(ik, hello) {
      const buddy = roster.get(ik)!
      skews.set(ik, hello.now - now())
      store.write(() => {
        const isHeld = keyring.noteHeld(buddy, hello.hb)
        roster.change(ik, { feat: hello.feat, ...(isHeld ? { hb: Math.max(buddy.hb, hello.hb) } : {}) })
        receive.logState(ik, hello.log)
        if (!numbers.noteTop(buddy.c, buddy.dev, ...hello.top)) receive.alarm(ik, 'fork')
      })
      courier.linkUp(ik)
      receiptAnew(roster.get(ik)!)
      files.linkUp(ik)
      teller.buddy(ik)
      // Changed between my HELLO and now.
      if (toldFeatures.get(ik) !== features().join()) tellAbilities(ik)
    },
    onDown(ik) {
      courier.linkDown(ik)
      files.linkDown(ik)
      teller.buddy(ik)
    },
    onFrame: (ik, dev, frame) => inbox.takeLinkFrame(ik, dev, frame),
    onBulk: (ik, message) => files.transfers.bulk(ik, message),
    onBulkRoom: (ik) => files.transfers.bulkRoom(ik),
    onAlarm: (ik) => store.write(() => receive.alarm(ik, 'link-proof')),
    onView: (ik) => teller.buddy(ik),
    log: ports.log,
  })
  function mayLink(buddy: Buddy): boolean {
    return buddy.connect === 'direct' && buddy.state === 'accepted' && buddy.changed === undefined && session.state().at === 'on'
  }
  /** A link for who is on screen, or has something waiting. */
  function wantLink(ik: Ik, isPressing = false) {
    const buddy = roster.get(ik)
    if (buddy !== undefined && (chats.isShown(ik) || outbox.open(buddy.c).length > 0 || files.transfers.wants(ik))) links.want(ik, isPressing)
  }
  /** [W9, E21] Abilities stand in HELLO and in batches: a link that is up begins anew with them, else the next batch goes now. */
  function tellAbilities(ik: Ik) {
    if (!links.isUp(ik)) return courier.answer(ik)
    links.stop(ik, 'change')
    links.want(ik, true)
  }
  const serverAddress = () => addressKind(new URL(me().kept.server.url).hostname.replace(/^\[|\]$/g, ''))
  /** [L4] Who has a server in this network means this network too when they choose *Direct*. */
  const lanFor = (before: Buddy, connect: Connect) => before.lan || (connect === 'direct' && before.connect !== 'direct' && serverAddress() === 'private')

  const presence = createPresence({
    clock, roster, session, background,
    me: () => identities.me(),
    onChange(ik, state, arrived) {
      teller.buddy(ik)
      files.transfers.presence(ik)
      const buddy = roster.get(ik)
      if (buddy === undefined || state === 'unknown') return
      if (state === 'off') links.gone(ik)
      // Also where they were there before me: what waits for a link goes on.
      else if (!arrived) wantLink(ik)
      if (arrived) {
        if (buddy.notify) news.signedOn(buddy)
        if (!greeted.has(ik)) {
          greeted.add(ik)
          receiptAnew(buddy)
        }
        links.expect(ik)
        // [5.3] presence turning on brings the next try forward
        wantLink(ik, true)
        courier.kick(ik)
      }
    },
    onDoubt: (ik) => background(consent.look(ik)),
  })

  /** Whom a receipt went to in this run: a kill may have taken the last one of the run before with it. */
  const greeted = new Set<Ik>()
  function receiptAnew(buddy: Buddy) {
    if (numbers.got(buddy.c, buddy.dev).upTo > 0) courier.receipt(buddy.ik, buddy.dev)
  }

  // [E20, E12] hourly at most for each buddy
  const mayLook = createSpacing(now, HOUR)
  const mayTellLost = createSpacing(now, HOUR)
  const isPresent = (ik: Ik) => !['off', 'unknown'].includes(presence.of(ik))
  const courier: Courier = createCourier({
    store, clock, chance, me, roster, keyring, outbox, numbers, session, links, features,
    isPresent,
    onSent(c, frames, by) {
      for (const frame of frames) {
        if (!outbox.markSent(c, frame.n)) continue
        items.change(c, frame.id, { state: 'sent', by, stateAt: now() })
        if (OFFERS.has(frame.t)) files.transfers.left(frame.id)
      }
    },
    onExpired(c, frames) {
      for (const frame of frames) {
        outbox.end(c, frame.id, 'expired')
        items.change(c, frame.id, { state: 'failed', why: 'expired', stateAt: now() })
        if (OFFERS.has(frame.t)) files.transfers.failed(frame.id)
      }
    },
    onRefused(ik) {
      if (mayLook(ik)) background(consent.look(ik))
    },
    onBug,
  })

  const receive = createReceive({
    store, clock, roster, keyring, conversations, items, numbers, outbox,
    courier: () => courier,
    skew: (ik) => skews.get(ik) ?? 0,
    isShown: (ik) => chats.isShown(ik),
    readReceipts: () => settings.get().readReceipts,
    onMessage(buddy, text, id) {
      if (chats.isShown(buddy.ik)) chats.noteRead(buddy.ik, id)
      else news.message(buddy, text)
      links.used(buddy.ik)
    },
    onLeft(ik) {
      links.stop(ik, 'off')
      files.personGone(ik)
    },
    onOffer: (buddy, frame, kept) => files.offered(buddy, frame, kept),
    onFileEnd: (ik, end) => files.end(ik, end),
    onOfferFailed: (id) => files.transfers.failed(id),
    onGot: (ids) => ids.forEach((id) => files.transfers.left(id)),
    onCount: count,
    newId: () => chance.uuid7(now()),
    myDev: () => me().dev,
  })

  const moving = createMoving({ store, now, chance, roster, keyring, conversations, items, outbox, write: (buddy, text) => void chats.write(buddy.ik, text) })
  const consent: Consent = createConsent({
    store, clock, chance, me, correctedNow, roster, keyring, invites, outbox, numbers, receive, session, features, presence, links, background,
    courier: () => courier,
    applyHeld: (ik) => inbox.applyHeld(ik),
    dropHeld: (ik) => inbox.dropHeld(ik),
    defaultConnect: () => views.defaults().connect,
    lanFor,
    sendProfile: (ik) => tellProfile([ik]),
    onRequest() {
      teller.people()
      news.request(views.requests().length)
    },
    onInvitesChange() {
      teller.invites()
      background(upkeep.tellKnockMode())
    },
    onAccepted(ik) {
      teller.people()
      teller.buddy(ik)
      for (const text of moving.takeWaiting(roster.get(ik)!)) chats.write(ik, text)
      if (roster.get(ik)?.byMyInvite) news.inviteOpened(roster.get(ik)!)
    },
    moveChat(from, to) {
      files.personGone(from.ik)
      moving.toNewKey(from, to)
    },
    onCount: count,
  })

  const inbox = createInbox({
    store, clock, me, roster, keyring, receive, session, consent, background,
    links: {
      ramKey: (id: KeyId) => links.ramKey(id),
      takeSignal(ik, frame, bytes) {
        const buddy = roster.get(ik)
        if (buddy !== undefined) links.takeSignal(buddy, frame, bytes)
      },
    },
    repeatReceipt: (ik) => courier.repeatReceipt(ik),
    onAbilities: (ik) => courier.kick(ik),
    onLost(ik, key) {
      if (mayTellLost(ik)) courier.notice(ik, { t: 'pre', hb: keyring.held(roster.get(ik) ?? { ik, dev: me().dev }), lost: [key] })
    },
    onTransient: takeTransient,
    onDrained: () => store.write(() => keyring.drained((ik) => roster.get(ik)?.dev)),
    onCount: count,
  })

  function takeTransient(ik: Ik, frame: Frame) {
    if (isFileFrame(frame)) files.frame(ik, frame as Parameters<typeof files.frame>[1])
    if (frame.t === 'ping') links.send(ik, utf8(JSON.stringify({ t: 'pong', k: frame.k })))
    if (frame.t === 'bye') links.ended(ik)
  }

  const upkeep = createUpkeep({
    store, identities, roster, keyring, session, now, correctedNow,
    knockMode: () => settings.get().knocks,
    gateHashes: () => invites.gateHashes(correctedNow()),
    onAudit(isWrong) {
      isAuditWrong = isWrong
      teller.banners()
    },
  })

  /** [S11] in this order: audit, rules, keys, presence, mailbox; then what is owed. */
  async function catchUp(ready: Parameters<typeof upkeep.afterReady>[0]) {
    await upkeep.afterReady(ready)
    await presence.start()
    inbox.drain()
    consent.catchUp()
    courier.kickAll()
  }

  function tellProfile(iks: Ik[]) {
    const { name, status, profileRev } = me().kept
    for (const ik of iks) {
      const buddy = roster.get(ik)
      if (buddy?.state !== 'accepted' || (profileRev === 0 && status === '')) continue
      store.write(() => outbox.number(buddy, { t: 'profile', rev: Math.max(1, profileRev), name, status }, true))
      courier.kick(ik)
    }
  }

  const files: Files = createFiles({
    ports, store, clock, chance, background, roster, conversations, outbox, settings, news, teller,
    items: () => items, courier: () => courier, links: () => links,
    isOnline: isPresent,
    isShown: (ik) => chats.isShown(ik),
    write: (ik, text) => void chats.write(ik, text),
    wantLink: (ik) => wantLink(ik, true),
  })

  // ---------- what the windows see ----------
  const banners = (): Banner[] => [
    ...(isDiskFull ? [{ kind: 'disk-full' } as const] : []),
    ...(Math.abs(clockOffset) > CLOCK_OFF ? [{ kind: 'clock', minutes: Math.round(clockOffset / 60_000) } as const] : []),
    ...(isAuditWrong ? [{ kind: 'self-audit' } as const] : []),
  ]
  const views = createViews({
    can: ports.can, version: options.version ?? '0.1.0', roster, items, outbox, links, presence, banners,
    me: () => identities.me(),
    hasWords: () => identities.me()?.kept.seed !== undefined,
    session: () => session.state(),
    settings: settings.get,
    lastTerms: settings.lastTerms,
    invites: () => invites.open(correctedNow()),
    refused: () => refused,
    offeredInvite: () => offeredInvite,
    files: files.views,
  })
  const offer = (link: string | undefined) => {
    offeredInvite = link
    teller.offeredInvite()
  }
  const rememberTerms: typeof settings.rememberTerms = (terms) => {
    settings.rememberTerms(terms)
    teller.defaults()
  }

  // ---------- what the windows may ask ----------
  const chats: Chats = createChats({
    store, clock, roster, items, conversations, outbox, numbers, receive, courier, links, windows: ports.windows, notifier: ports.notifier,
    readReceipts: () => settings.get().readReceipts,
    rememberKeep: (buddy) => rememberTerms({ connect: buddy.connect, keep: buddy.mine.mode === 'archive' ? 'disk' : buddy.mine.mode }),
    onBuddy: teller.buddy,
    removeTransfer: (id) => files.transfers.remove(id),
  })
  function wake() {
    session.check()
    for (const buddy of roster.accepted()) {
      // [L14] That one is for the user to try again.
      if (links.view(buddy).at === 'alarm') continue
      links.retry(buddy.ik)
      wantLink(buddy.ik)
    }
  }
  const api: Api = {
    ...createWelcome({
      identities, chance, serverUrl, ownUrl: embedded.url,
      register: (at, who) => register({ clock, identities, embedded }, at, who),
      recover: (at, who) => recover({ clock, identities, embedded }, at, who),
      hasBuddies: () => roster.all().length > 0,
      mayReplace: () => session.state().at === 'stopped',
      onIdentity() {
        teller.phase()
        teller.me()
        teller.invites()
      },
      onNewDevice: moving.toNewDevice,
      onWords: teller.me,
    }),
    ...createBuddyApi({
      store, me, meIfAny: identities.me, now, correctedNow, roster, items, invites, consent, links, receive, rememberTerms,
      newCode: upkeep.newCode, lanFor,
      tellGates: () => upkeep.tellKnockMode(),
      onInvites: teller.invites,
      onPeople: teller.people,
      dismissOffered: () => offer(undefined),
      moving,
    }),
    ...chats,
    ...files.api,
    ...createAccountApi({
      ports, identities, session, settings, presence, links, roster, items, me, tellProfile, announceMe: teller.me,
      greet: (url) => greet(clock, { url }),
      outgoingFiles: files.transfers.outgoingNames, sessionOver: chats.sessionOver, wake, waitingUnkept: outbox.countUnkept,
      onSetting(key) {
        teller.settings()
        if (key === 'knocks') background(upkeep.tellKnockMode())
        if (key === 'scanCommand') background(files.lookForScanner())
        if (key !== 'mailbox') return
        for (const { ik } of roster.accepted()) {
          teller.buddy(ik)
          tellAbilities(ik)
        }
      },
    }),
  }

  // What was not kept went with the last run, unread or not.
  for (const { c, mine } of roster.all()) if (!isKept(mine.mode) && items.unread(c) > 0) store.write(() => items.setUnread(c, 0))
  // [W23] Numbers whose bytes went with the last run will never come: said as soon as they can be.
  if (identities.me() !== undefined) {
    for (const buddy of roster.accepted()) {
      for (const span of outbox.lost(buddy.c)) {
        store.write(() => outbox.markLost(buddy.c, span.from, span.to))
        courier.notice(buddy.ik, { t: 'void', c: buddy.c, ...span })
      }
    }
  }
  const holes = createHoles({ store, roster, numbers, receive, courier, isThere: (ik) => links.isUp(ik) || isPresent(ik) })
  every(clock, HOLE_TICK, () => {
    if (session.state().at === 'on' && inbox.isDrained()) holes()
  })
  every(clock, RETRY_TICK, () => {
    if (session.state().at === 'on') courier.kickAll()
    // [E7] A mailbox that stays drained counts as drained: without this a long session would run out of one-time keys.
    if (session.state().at === 'on' && inbox.isDrained()) store.write(() => keyring.drained((ik) => roster.get(ik)?.dev))
    store.tidy()
  })
  if (settings.get().goOnlineAtStart && identities.me() !== undefined) session.goOnline()

  return {
    attachWindow: (pipe) => serve(pipe, api, teller.announcer, onBug),
    attachLinkPage: (pipe, serves) => 'attach' in driver && (driver as ReturnType<typeof createPageDriver>).attach(pipe, serves),
    attachWindowBytes: files.attachWindowBytes,
    give: files.give,
    openLink: (link) => {
      offer(link)
      ports.windows.focus()
    },
    wake,
    async close() {
      isClosed = true
      teller.stop()
      links.stopAll()
      session.signOff()
      clock.stop()
      files.stop()
      // What is being sealed or opened right now is finished, so that nothing reaches a closed store.
      await Promise.all([courier.settled(), inbox.settled(), background.settled()])
      await Promise.all([courier.settled(), inbox.settled(), files.close()])
      await background.settled()
      driver.close()
      await embedded.close()
      store.close()
    },
  }
}
