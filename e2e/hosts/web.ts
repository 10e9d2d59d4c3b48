import type { Browser } from '@playwright/test'
import { startProgram } from '../processes.ts'
import { isFault, type Seat, type SeatOptions, WATCH } from './host.ts'

/** A web host of its own, and a context of the browser with its window. */
export async function openWeb(browser: Browser, { dataDir, downloads, args }: SeatOptions): Promise<Seat> {
  const host = await startProgram('main/web/index.ts', ['--data-dir', dataDir, '--downloads', downloads, '--candidates', 'loopback-only', '--server-port', '0', ...args])
  // Without it Chromium gathers the default route only, behind names.
  const context = await browser.newContext({ permissions: ['microphone'] })
  const faults: string[] = []
  await context.addInitScript(WATCH)
  context.on('console', (message) => {
    if (message.type() === 'error' && isFault(message.text())) faults.push(`${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => faults.push(String(error.error())))
  const page = await context.newPage()
  await page.goto(String(host.ready['url']))
  return {
    page,
    faults,
    async close() {
      await context.close()
      await host.stop()
    },
    async kill() {
      await host.kill()
      await context.close()
    },
  }
}
