import type { Browser } from '@playwright/test'
import { openBrowser } from './browser.ts'
import { type Figure, figure, inTurns, median, rounded, say, spread } from './figures.ts'
import { makeProfile } from './profile.ts'
import { startHelper, startProgram, tempDir } from './programs.ts'

/** From nothing to a buddy list one can use, with a profile of some years. */

const BUDDIES = 200
const MESSAGES = 20_000
const ROUNDS = { warm: 1, count: 7 }

export async function start(): Promise<Figure[]> {
  const server = startHelper('bench/our-server.ts')
  const { url } = await server.ask<{ url: string }>({ do: 'start', dataDir: tempDir() })
  const dataDir = tempDir()
  await makeProfile({ dataDir, server: url, buddies: BUDDIES, messages: MESSAGES })
  const browser = await openBrowser()
  const parts = { ready: [] as number[], shown: [] as number[] }
  const found = await inTurns(
    ROUNDS,
    () => coldStart(browser, { file: 'main/web/index.ts', args: ['--data-dir', dataDir, '--candidates', 'loopback-only', '--server-port', '0'], isUsable: LIST_IS_USABLE }, parts),
    () => coldStart(browser, { file: 'bench/blank-host.ts', args: [], isUsable: 'document.body.textContent.includes("Blank")' }),
  )
  await browser.close()
  await server.stop()
  say(`cold-start: ${spread(found.ours)} ms; of it until the ready line ${rounded(median(parts.ready))} ms, then the window ${rounded(median(parts.shown))} ms; blank page ${spread(found.bare)} ms`)
  return [figure('cold-start', 'ms', { ours: median(found.ours), bare: median(found.bare), aim: 3, goal: '≤ 4' })]
}

/** All rows are drawn and one can go online. */
const LIST_IS_USABLE = `document.querySelectorAll('[data-row]').length >= ${BUDDIES} && [...document.querySelectorAll('button')].some((one) => one.textContent.includes('Go online') && !one.disabled)`

interface What { file: string; args: string[]; isUsable: string }

async function coldStart(browser: Browser, { file, args, isUsable }: What, parts?: { ready: number[]; shown: number[] }): Promise<number> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC' })
  const page = await context.newPage()
  const usable = new Promise<void>((resolve) => void page.exposeFunction('tellUsable', resolve))
  // Looked for before each frame is drawn, and told after it was.
  await page.addInitScript(`if (top === self) {
    const look = () => (document.body && (${isUsable}) ? requestAnimationFrame(() => tellUsable()) : requestAnimationFrame(look))
    look()
  }`)
  const began = performance.now()
  const host = await startProgram(file, args)
  const ready = performance.now() - began
  await Promise.all([usable, page.goto(String(host.ready['url']))])
  const took = performance.now() - began
  parts?.ready.push(ready)
  parts?.shown.push(took - ready)
  await context.close()
  await host.stop()
  return took
}
