import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './process.ts'

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

/** The same for tests: on Debian, as root, it is installed. */
export async function ensureChromium(): Promise<string | undefined> {
  const found = findChromium()
  if (found !== undefined) return found
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    process.stderr.write('The end-to-end tests need Chromium. Install it (Debian: apt-get install chromium), or name one in PARLEY_CHROMIUM.\n')
    return undefined
  }
  process.stderr.write('Installing chromium…\n')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // What apt says is of interest only where it fails, and it says that on stderr.
  const quiet = { env, stdio: ['ignore', 'ignore', 2] as ('ignore' | 2)[] }
  await run('apt-get', ['update', '-qq'], quiet)
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], quiet)
  return findChromium()
}
