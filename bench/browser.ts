import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from '@playwright/test'
import { WebSocket } from 'ws'
import { CHROMIUM_ARGS } from '../main/hosts/chromium.ts'
import { atEnd, stopper, tempDir } from './programs.ts'

const PLACES = ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const ARGS = [
  '--allow-loopback-in-peer-connection', '--disable-gpu', '--disable-dev-shm-usage',
  // As root there is no other way to run it.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]
const findChromium = () => [process.env['PARLEY_CHROMIUM'] ?? '', ...PLACES].find((path) => path !== '' && existsSync(path))

/** Chromium as the end-to-end tests start it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  const browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: [...CHROMIUM_ARGS, ...ARGS] })
  atEnd(() => browser.close())
  return browser
}

export interface QuietBrowser {
  context: BrowserContext
  /** Pages at this address, each to be asked things and nothing of it watched: also after `letGo`. */
  ask(url: string): Promise<Asked[]>
  /** Lets go of it: what is open stays open, and nobody is told any more of each message that passes. */
  letGo(): Promise<void>
  close(): Promise<void>
}

/** A browser of somebody's own that can be let go once all is set up: the tools that steer a page also watch its sockets, and cost them time. */
export async function openQuietBrowser({ asItComes = false }: { /** Without what Parley sets in its own. */ asItComes?: boolean } = {}): Promise<QuietBrowser> {
  const child = spawn(findChromium() ?? chromium.executablePath(), [
    ...(asItComes ? [] : CHROMIUM_ARGS), ...ARGS, '--headless', '--remote-debugging-port=0', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    `--user-data-dir=${tempDir()}`,
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  const close = stopper(child)
  atEnd(close)
  const endpoint = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => reject(new Error(`Chromium ended: ${text}`)))
  })
  const browser = await chromium.connectOverCDP(endpoint)
  const context = browser.contexts()[0]!
  await context.grantPermissions(['microphone'])
  return { context, ask: (url) => askPages(new URL(endpoint).host, url), letGo: () => browser.close(), close }
}

/** Somebody's own: a renderer process that shares nothing with another's. Without the permission Chromium hides its addresses. */
export const openContext = (browser: Browser): Promise<BrowserContext> => browser.newContext({ permissions: ['microphone'], locale: 'en-GB', timezoneId: 'UTC' })

/** A page without anybody between: what it evaluates to. */
export interface Asked { evaluate<T>(expression: string): Promise<T>; close(): void }

async function askPages(host: string, url: string): Promise<Asked[]> {
  const pages = (await (await fetch(`http://${host}/json/list`)).json()) as { url: string; webSocketDebuggerUrl: string }[]
  return Promise.all(pages.filter((page) => page.url === url).map(async ({ webSocketDebuggerUrl }) => {
    const socket = new WebSocket(webSocketDebuggerUrl)
    const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
    let id = 0
    await new Promise((resolve, reject) => {
      socket.on('open', resolve)
      socket.on('error', reject)
    })
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString()) as { id: number; result?: { result: { value: never }; exceptionDetails?: { text: string } }; error?: { message: string } }
      const asked = pending.get(message.id)
      pending.delete(message.id)
      const fault = message.error?.message ?? message.result?.exceptionDetails?.text
      if (fault === undefined) asked?.resolve(message.result!.result.value)
      else asked?.reject(new Error(fault))
    })
    return {
      evaluate: (expression) => new Promise((resolve, reject) => {
        pending.set(++id, { resolve, reject })
        socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression, awaitPromise: true, returnByValue: true } }))
      }),
      close: () => socket.close(),
    }
  }))
}
