import type { Browser } from '@playwright/test'
import { startProgram } from '../processes.ts'
import { type Connection, hearConnections, isFault, type Seat, type SeatOptions, WATCH } from './host.ts'

/** A web host of its own, and a context of the browser with its window. */
export async function openWeb(browser: Browser, { dataDir, downloads, args }: SeatOptions): Promise<Seat> {
  const host = await startProgram('main/web/index.ts', ['--data-dir', dataDir, '--downloads', downloads, '--candidates', 'loopback-only', ...args])
  const url = new URL(String(host.ready['url']))
  // Without the microphone Chromium gathers the default route only, behind names.
  const context = await browser.newContext({ permissions: ['microphone', 'clipboard-read', 'clipboard-write'] })
  const faults: string[] = []
  const connections: Connection[] = []
  const hear = hearConnections(connections)
  await context.addInitScript(WATCH)
  context.on('console', (message) => {
    if (message.type() === 'error' && isFault(message.text())) faults.push(`${message.text()} (${message.location().url})`)
    if (message.type() === 'debug') hear(message.text())
  })
  context.on('weberror', (error) => faults.push(String(error.error())))
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== url.origin && protocol !== 'blob:') faults.push(`asked for ${request.url()}`)
  })
  const page = await context.newPage()
  await page.goto(url.href)
  return {
    page,
    faults,
    connections,
    async close() {
      // The window goes first, as in life: it hands over what was typed, and its links end so that the other side hears it.
      await page.goto('about:blank')
      await host.stop()
      await context.close()
    },
    async kill() {
      await host.kill()
      await context.close()
    },
  }
}
