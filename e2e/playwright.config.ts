import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import type { HostOptions } from './fixtures.ts'

/** One suite on two hosts. `npm run e2e` finds Chromium and Electron and names them here. */

const chromium = process.env['PARLEY_CHROMIUM'] || ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const electron = process.env['PARLEY_ELECTRON'] || undefined
const isWorker = process.env['TEST_WORKER_INDEX'] !== undefined

if (electron === undefined && !isWorker) {
  process.stderr.write('\n*** SKIPPED: the whole project "electron". Electron’s program is not here (npx install-electron), so only the web host is tested. ***\n\n')
}

export default defineConfig<object, HostOptions>({
  testDir: 'specs',
  outputDir: '../test-results/e2e',
  // A test that needs a second try has found something.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  // Twice what the slowest takes on two busy cores: a machine that is slow today is no fault of ours.
  timeout: 150_000,
  // All of it, before `npm test` ends what hangs: here it is said which tests were not done.
  globalTimeout: 1_600_000,
  expect: { timeout: 20_000 },
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ? [['list'], ['json']] : 'list',
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: [
        '--allow-loopback-in-peer-connection',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        // As root there is no other way to run it.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
  projects: [
    { name: 'web', use: { host: 'web', electron: undefined } },
    ...(electron === undefined ? [] : [{ name: 'electron', use: { host: 'electron' as const, electron } }]),
  ],
})
