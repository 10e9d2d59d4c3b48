import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { canInstall, install } from './apt.ts'

/** Where browsers with Chromium inside are installed. */
const PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/snap/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/usr/bin/microsoft-edge'],
  darwin: ['Chromium', 'Google Chrome', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`),
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
    const folder = process.env[name]
    return folder === undefined ? [] : ['Chromium\\Application\\chrome.exe', 'Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((path) => join(folder, path))
  }),
}

/** An installed Chromium, or the one that `PARLEY_CHROMIUM` names. */
export function findChromium(): string | undefined {
  return [process.env['PARLEY_CHROMIUM'] ?? '', ...(PLACES[process.platform] ?? [])].find((path) => path !== '' && existsSync(path))
}

/** Chromium without a face, as Playwright brings it: no toolbars, themselves pages, to be drawn for each window. The program itself: who ends the script in /usr/bin does not end it. */
const HEADLESS = '/usr/lib/chromium/chromium-headless-shell'

/** What tests run in, without a face unless it is to be seen: on Debian, as root, it is installed; elsewhere any Chromium will do. */
export async function ensureChromium({ isSeen = false } = {}): Promise<string | undefined> {
  const find = () => (isSeen ? findChromium() : [process.env['PARLEY_CHROMIUM'] ?? '', HEADLESS].find((path) => path !== '' && existsSync(path)))
  const found = find()
  if (found !== undefined) return found
  if (canInstall()) {
    const name = isSeen ? 'chromium' : 'chromium-headless-shell'
    process.stderr.write(`Installing ${name}…\n`)
    await install([name, 'fonts-dejavu-core'])
  }
  const there = find() ?? findChromium()
  if (there === undefined) process.stderr.write('The end-to-end tests need Chromium. Install it (Debian: apt-get install chromium-headless-shell), or name one in PARLEY_CHROMIUM.\n')
  return there
}
