import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from '@playwright/test'
import { atEnd } from './programs.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Chromium as the end-to-end tests start it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = [process.env['PARLEY_CHROMIUM'] ?? '', ...PLACES].find((path) => path !== '' && existsSync(path))
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [
      '--allow-loopback-in-peer-connection', '--disable-gpu', '--disable-dev-shm-usage',
      // As root there is no other way to run it.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
  atEnd(() => browser.close())
  return browser
}

/** Somebody's own: a renderer process that shares nothing with another's. Without the permission Chromium hides its addresses. */
export const openContext = (browser: Browser): Promise<BrowserContext> => browser.newContext({ permissions: ['microphone'], locale: 'en-GB', timezoneId: 'UTC' })
