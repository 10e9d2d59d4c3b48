import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { memoryPipes } from '../../protocol/app/pipe.ts'
import { connect, type Client } from '../../protocol/app/rpc.ts'
import type { Buddy, ChatItem, Connect, Event, KeepChoice, Snapshot, Transfer } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import { type AppOptions, createApp } from '../app.ts'
import { createTcpDriver } from '../links/tcp-driver.ts'
import type { App, Ports } from '../ports.ts'

/** A core with a window in front of it, in this process: the actor of the tests without a browser. */

export const random = (n: number): Bytes => Uint8Array.from(randomBytes(n))

export const systemClock: Ports['clock'] = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** A stand-in for the keychain: marks what it sealed, so that a test sees key bytes that were not. */
export const plainSecrets: Ports['secrets'] = {
  seal: (plain) => Uint8Array.from([0x5e, ...plain.map((byte) => byte ^ 0xa5)]),
  open: (sealed) => (sealed[0] === 0x5e ? Uint8Array.from(sealed.subarray(1).map((byte) => byte ^ 0xa5)) : undefined),
}

export interface CoreOptions extends AppOptions {
  dir: string
  serverDir?: string
  clock?: Ports['clock']
  logTo?: (fact: string, details?: object) => void
  /** Answers of the file dialogs, in order, also such as are added later; several files in one, between path delimiters. Without one, all is put off. */
  picks?: string[]
}

export interface Core {
  app: App
  client: Client
  /** The screen: the snapshot with every event folded in. */
  state(): Snapshot
  events: Event[]
  notifications: { tag: string; title: string; body: string }[]
  /** Paths that the desktop was asked to open, and to show in their folder. */
  opened: string[]
  shown: string[]
  buddy(name: string): Buddy | undefined
  chat(ik: Ik): Promise<ChatItem[]>
  /** Resolves once the state is as wanted; rejects with what it was. */
  until<T>(what: string, wanted: (core: Core) => T | undefined | false, ms?: number): Promise<T>
  close(): Promise<void>
}

export function tempDir(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'parley-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export async function startCore({ dir, serverDir = join(dir, 'server'), clock = systemClock, logTo, picks = [], ...options }: CoreOptions): Promise<Core> {
  mkdirSync(dir, { recursive: true })
  const notifications: Core['notifications'] = []
  const opened: string[] = []
  const shown: string[] = []
  const ports: Ports = {
    can: { keychain: false, tray: false, notifications: true, popOut: false, saveFile: false, dialogs: true, dropPaths: true, openFiles: true },
    clock, random, secrets: plainSecrets,
    paths: { profile: dir, server: serverDir, downloads: join(dir, 'downloads') },
    notifier: { show: (one) => void notifications.push(one), clear: () => undefined },
    windows: { popOut: () => undefined, focus: () => undefined, openLinkPage: () => undefined, quit: () => undefined },
    dialogs: {
      saveFile: async () => false,
      pickFiles: async () => picks.shift()?.split(delimiter) ?? [],
      pickFolder: async () => picks.shift() ?? null,
      pickSave: async () => picks.shift() ?? null,
      confirm: async () => picks.shift() === 'yes',
    },
    desktop: { open: async (path) => opened.push(path) > 0, reveal: async (path) => shown.push(path) > 0 },
    log: (fact, details) => logTo?.(fact, details),
  }
  const app = await createApp(ports, { driver: createTcpDriver(random), ...options })
  const [coreEnd, windowEnd] = memoryPipes()
  app.attachWindow(coreEnd)
  const client = connect(windowEnd)
  let state: Snapshot
  const events: Event[] = []
  const waiting = new Set<() => void>()
  await client.subscribe(
    (snapshot) => void (state = snapshot),
    (event) => {
      events.push(event)
      state = fold(state, event)
      for (const look of [...waiting]) look()
    },
  )
  const core: Core = {
    app, client, events, notifications, opened, shown,
    state: () => state,
    buddy: (name) => state.buddies.find((buddy) => buddy.name === name),
    chat: async (ik) => (await client.call('readChat', { ik })).items,
    until(what, wanted, ms = 5_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = wanted(core)
          if (found === undefined || found === false) return
          end()
          resolve(found as never)
        }
        const timer = setTimeout(() => {
          end()
          reject(new Error(`not within ${ms} ms: ${what}; it was ${JSON.stringify({ connection: state.connection, buddies: state.buddies, requests: state.requests })}`))
        }, ms)
        const end = () => {
          clearTimeout(timer)
          waiting.delete(look)
        }
        waiting.add(look)
        look()
      })
    },
    async close() {
      await app.close()
      windowEnd.close()
    },
  }
  return core
}

/** The tests' own fold of events, apart from the windows'. */
function fold(state: Snapshot, event: Event): Snapshot {
  switch (event.e) {
    case 'phase': return { ...state, phase: event.phase }
    case 'me': return { ...state, me: event.me }
    case 'connection': return { ...state, connection: event.connection }
    case 'buddy': return { ...state, buddies: [...state.buddies.filter((one) => one.ik !== event.buddy.ik), event.buddy] }
    case 'buddy-gone': return { ...state, buddies: state.buddies.filter((one) => one.ik !== event.ik) }
    case 'requests': return { ...state, requests: event.requests, refused: event.refused }
    case 'invites': return { ...state, invites: event.invites }
    case 'blocked': return { ...state, blocked: event.blocked }
    case 'settings': return { ...state, settings: event.settings }
    case 'defaults': return { ...state, defaults: event.defaults }
    case 'banners': return { ...state, banners: event.banners }
    case 'transfer': return { ...state, transfers: withTransfer(state.transfers, event.transfer) }
    case 'transfer-gone': return { ...state, transfers: state.transfers.filter((one) => one.id !== event.id) }
    case 'rules': return { ...state, rules: event.rules }
    case 'shares': return { ...state, shares: event.shares }
    case 'scanner': return { ...state, scanner: event.scanner }
    default: return state
  }
}

/** In its place, or as the newest. */
const withTransfer = (all: Transfer[], transfer: Transfer): Transfer[] =>
  all.some((one) => one.id === transfer.id) ? all.map((one) => (one.id === transfer.id ? transfer : one)) : [transfer, ...all]

// ---------- verbs ----------
export async function signUp(core: Core, name: string, serverUrl: string, handle = name.toLowerCase()): Promise<void> {
  await core.client.call('createIdentity', { name, handle, where: { kind: 'server', server: serverUrl } })
  await core.client.call('goOnline', {})
  await core.until(`${name} is signed on`, () => core.state().connection.at === 'on')
}

/** Ada invites, Ben opens the link; both are buddies. */
export async function befriend(ada: Core, ben: Core, terms: { connect?: Connect; keep?: KeepChoice } = {}): Promise<{ adasBen: Ik; bensAda: Ik }> {
  const { connect: how = 'server', keep = 'disk' } = terms
  const { link } = await ada.client.call('createInvite', {})
  const { ik: bensAda } = await ben.client.call('addByInvite', { link, connect: how, keep })
  await ben.until('Ben has Ada', (core) => core.state().buddies.find((one) => one.ik === bensAda)?.state === 'accepted')
  const adasBen = ben.state().me!.ik
  await ada.until('Ada has Ben', (core) => core.state().buddies.find((one) => one.ik === adasBen)?.state === 'accepted')
  await ada.client.call('setKeep', { ik: adasBen, keep, deleteHere: false })
  if (how !== 'server') await ada.client.call('setConnect', { ik: adasBen, connect: how, lan: false })
  return { adasBen, bensAda }
}

export const textsOf = (items: ChatItem[]) => items.flatMap((item) => (item.kind === 'message' ? [item.text] : []))
