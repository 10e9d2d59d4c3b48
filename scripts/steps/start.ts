import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BrowserContext } from '@playwright/test'
import { readArgs } from '../../main/hosts/args.ts'
import { CHROMIUM_ARGS } from '../../main/hosts/chromium.ts'
import { chooseProfile, dataRoot } from '../../main/hosts/profile.ts'
import { findChromium } from './chromium.ts'
import { electronBinary, ensureElectron } from './electron.ts'
import { hasDisplay, ROOT, run, start } from './process.ts'

/**
 * `npm start`: Electron; where it can't be had, the web host in an installed Chromium; without a display, the address to open.
 * Arguments after `--` are the app's.
 */

const args = process.argv.slice(2)
const read = readArgs(args, true)
if (!read.ok) {
  process.stderr.write(`${read.why}\n`)
  process.exit(2)
}

const isRoot = process.getuid?.() === 0

const electron = hasDisplay ? await ensureElectron() : electronBinary()
if (electron !== undefined && hasDisplay) process.exit(await run(electron, [...(isRoot ? ['--no-sandbox'] : []), ROOT, ...args], { env: withoutNodeMode() }))

const chromium = hasDisplay ? findChromium() : undefined
process.stderr.write(whyNotElectron())
const host = start(process.execPath, ['main/web/index.ts', '--until-last-window', '--renew', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
const ended = new Promise<number>((resolve) => host.on('exit', (code) => resolve(code ?? 1)))
let browser: Promise<BrowserContext> | undefined

for await (const line of createInterface({ input: host.stdout! })) {
  const said = JSON.parse(line) as { url?: string; focus?: true }
  if (said.focus) void browser?.then((context) => context.pages()[0]?.bringToFront())
  if (said.url === undefined) continue
  if (chromium === undefined) process.stdout.write(`Open this within a minute, once: ${said.url}\n`)
  else if (browser === undefined) browser = openBrowser(chromium, said.url, host)
}
// It may be closing by itself.
await browser?.then((context) => context.close()).catch(() => {})
process.exit(await ended)

/** A window without tabs, in a browser profile that lives in ours. When it closes, the host has nothing left to do. */
async function openBrowser(executablePath: string, url: string, host: ChildProcess): Promise<BrowserContext> {
  const { chromium } = await import('@playwright/test')
  const root = dataRoot(read.ok ? read.args.dataDir : undefined)
  const profile = join(root, 'profiles', chooseProfile(root, read.ok ? read.args : {}))
  try {
    const context = await chromium.launchPersistentContext(join(profile, 'browser'), {
      executablePath,
      headless: false,
      viewport: null,
      // The host ends first, in good order, and the window after it.
      handleSIGTERM: false,
      handleSIGINT: false,
      handleSIGHUP: false,
      ignoreDefaultArgs: ['--enable-automation'],
      // The address is not given here: other users can read the arguments of a program. And about:blank opens no such window.
      args: [
        '--app=data:text/html,<title>Parley</title>',
        ...CHROMIUM_ARGS,
        ...(isRoot ? ['--no-sandbox', '--test-type'] : []),
      ],
    })
    context.on('close', () => host.kill('SIGTERM'))
    await context.pages()[0]!.goto(url)
    return context
  } catch (error) {
    process.stderr.write(`${executablePath} could not open the window. Open the address yourself.\n`)
    process.stdout.write(`${url}\n`)
    throw error
  }
}

function whyNotElectron(): string {
  if (!hasDisplay) return 'There is no display here, so Parley gives an address to open in a browser.\n'
  if (chromium === undefined) return 'Electron’s program could not be downloaded and no Chromium is installed, so Parley gives an address to open in a browser.\n'
  return 'Electron’s program could not be downloaded, so Parley opens in Chromium.\n'
}

/** Set by some editors; Electron would run as plain Node. */
function withoutNodeMode(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  return env
}
