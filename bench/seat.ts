import { join } from 'node:path'
import { createApp } from '../main/app.ts'
import { readArgs } from '../main/hosts/args.ts'
import type { App } from '../main/ports.ts'
import { startWebHost } from '../main/web/host.ts'
import { openWindow } from '../main/web/ws-client.ts'
import { memoryPipes, type Pipe } from '../protocol/app/pipe.ts'
import { type Client, connect } from '../protocol/app/rpc.ts'
import type { Buddy, ChatItem, Event, Snapshot } from '../protocol/app/views.ts'
import type { Ik } from '../protocol/ids.ts'
import { openQuietBrowser, type QuietBrowser } from './browser.ts'
import { startProgram } from './programs.ts'

/** One person at a web host of their own: the bench is the window, and Chromium holds the link page. */

export interface Seat {
  client: Client
  /** Of the process that its core is in. */
  pid: number
  /** Gives how to stop. */
  onEvent(listener: (event: Event) => void): () => void
  /** When its core last handed something to the link page. Of a core in this process only. */
  leftAt(): number
  me(): Ik
  isOn(): boolean
  buddy(): Buddy | undefined
  /** Resolves with the time at which an item as wanted was announced. */
  item(wanted: (item: Extract<ChatItem, { kind: 'message' }>) => boolean): Promise<number>
  until(what: string, holds: () => boolean): Promise<void>
  /** All is set up: nobody watches the link page any more. */
  letGo(): Promise<void>
  close(): Promise<void>
}

const PATIENCE = 40_000

/** A host in a process of its own, or in this one: then the bench asks the core itself, and no window's hop is measured. */
interface Host { url: string; pid: number; open?: () => Pipe; leftAt?: () => number; stop(): Promise<void> }

const ARGS = ['--candidates', 'loopback-only', '--server-port', '0']

async function startHost(dataDir: string, isInside: boolean, more: string[]): Promise<Host> {
  if (!isInside) {
    const program = await startProgram('main/web/index.ts', ['--data-dir', dataDir, ...ARGS, ...more])
    return { url: String(program.ready['url']), pid: Number(program.ready['pid']), stop: () => program.stop() }
  }
  const read = readArgs(['--data-dir', dataDir, ...ARGS], true)
  if (!read.ok) throw new Error(read.why)
  let app: App | undefined
  let url = ''
  let leftAt = Number.NaN
  const host = await startWebHost({
    args: read.args, root: join(import.meta.dirname, '../out/renderer'), warn: (line) => process.stderr.write(line), onEnd: () => undefined,
    async createApp(...given) {
      const core = await createApp(...given)
      return (app = {
        ...core,
        attachLinkPage: (pipe, serves) => core.attachLinkPage({
          ...pipe,
          send(message) {
            leftAt = performance.now()
            pipe.send(message)
          },
        }, serves),
      })
    },
    say: (line) => void (url = (JSON.parse(line) as { url: string }).url),
  })
  if (host.at !== 'serving' || app === undefined) throw new Error('the host did not start')
  const core = app
  return {
    url, pid: process.pid, leftAt: () => leftAt,
    open() {
      const [coreEnd, windowEnd] = memoryPipes()
      core.attachWindow(coreEnd)
      return windowEnd
    },
    stop: () => host.close(),
  }
}

interface SeatOptions {
  /** The core in this process. */
  isInside?: boolean
  /** One for several people, each with a page of their own; its owner lets it go and closes it. */
  browser?: QuietBrowser
  /** Further arguments of the host. */
  args?: string[]
}

export async function openSeat(dataDir: string, { isInside = false, browser: shared, args = [] }: SeatOptions = {}): Promise<Seat> {
  const host = await startHost(dataDir, isInside, args)
  const { origin, hash } = new URL(host.url)
  const window = await openWindow({ origin, first: { token: hash.slice(1) } })
  if (!window.ok) throw new Error(`the host refused the window: ${window.code}`)
  const { pipe, session } = window.opened
  const browser = shared ?? (await openQuietBrowser())
  const page = await browser.context.newPage()
  await page.addInitScript(`sessionStorage.setItem('parley-session', ${JSON.stringify(session)})`)
  await page.goto(`${origin}/link/link.html`)

  const client = connect(host.open?.() ?? pipe)
  const listeners = new Set<(event: Event) => void>()
  let state!: Snapshot
  await client.subscribe((snapshot) => (state = snapshot), (event) => {
    if (event.e === 'buddy') state = { ...state, buddies: [event.buddy] }
    else if (event.e === 'me') state = { ...state, me: event.me }
    else if (event.e === 'connection') state = { ...state, connection: event.connection }
    for (const listener of [...listeners]) listener(event)
  })

  const seat: Seat = {
    client,
    pid: host.pid,
    onEvent(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    leftAt: () => host.leftAt?.() ?? Number.NaN,
    me: () => state.me!.ik,
    isOn: () => state.connection.at === 'on',
    buddy: () => state.buddies[0],
    item: (wanted) => new Promise((resolve) => {
      const listener = (event: Event) => {
        if (event.e !== 'item' || event.item.kind !== 'message' || !wanted(event.item)) return
        listeners.delete(listener)
        resolve(performance.now())
      }
      listeners.add(listener)
    }),
    until: (what, holds) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not within ${PATIENCE} ms: ${what}; ${JSON.stringify(state.buddies)}`)), PATIENCE)
      const look = () => {
        if (!holds()) return
        clearTimeout(timer)
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      look()
    }),
    letGo: browser.letGo,
    async close() {
      if (shared === undefined) await browser.close()
      pipe.close()
      await host.stop()
    },
  }
  return seat
}

/** Signs up at a server that is open to anyone, and on. */
export async function signUp(seat: Seat, name: string, server: string): Promise<void> {
  await seat.client.call('createIdentity', { name, handle: name.toLowerCase(), where: { kind: 'server', server } })
  await seat.client.call('goOnline', {})
  await seat.until(`${name} is signed on`, seat.isOn)
}
