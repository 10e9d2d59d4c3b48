import type { Browser } from '@playwright/test'
import { openWindow } from '../main/web/ws-client.ts'
import { type Client, connect } from '../protocol/app/rpc.ts'
import type { Buddy, ChatItem, Event, Snapshot } from '../protocol/app/views.ts'
import type { Ik } from '../protocol/ids.ts'
import { openContext } from './browser.ts'
import { startProgram } from './programs.ts'

/** One person at a web host of their own: the bench is the window, and Chromium holds the link page. */

export interface Seat {
  client: Client
  me(): Ik
  isOn(): boolean
  buddy(): Buddy | undefined
  /** Resolves with the time at which an item as wanted was announced. */
  item(wanted: (item: Extract<ChatItem, { kind: 'message' }>) => boolean): Promise<number>
  until(what: string, holds: () => boolean): Promise<void>
  close(): Promise<void>
}

const PATIENCE = 40_000

export async function openSeat(browser: Browser, dataDir: string): Promise<Seat> {
  const host = await startProgram('main/web/index.ts', ['--data-dir', dataDir, '--candidates', 'loopback-only', '--server-port', '0'])
  const { origin, hash } = new URL(String(host.ready['url']))
  const window = await openWindow({ origin, first: { token: hash.slice(1) } })
  if (!window.ok) throw new Error(`the host refused the window: ${window.code}`)
  const { pipe, session } = window.opened
  const context = await openContext(browser)
  const page = await context.newPage()
  await page.addInitScript(`sessionStorage.setItem('parley-session', ${JSON.stringify(session)})`)
  await page.goto(`${origin}/link/link.html`)

  const client = connect(pipe)
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
    async close() {
      await context.close()
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
