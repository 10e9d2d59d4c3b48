import { existsSync } from 'node:fs'
import { run } from './process.ts'

/** The scanner, and what writes marks on files. */
const NEEDED = ['/usr/sbin/clamd', '/usr/bin/setfattr']

/** For tests of real scans and marks; on Debian, as root, what they need is installed. False where it isn't there: they are skipped. */
export async function ensureClamd(): Promise<boolean> {
  const isThere = () => NEEDED.every((path) => existsSync(path))
  if (isThere()) return true
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    process.stderr.write('Without clamd and setfattr no scan is tried for real, and those tests are skipped. Install them (Debian: apt-get install clamav-daemon attr).\n')
    return false
  }
  process.stderr.write('Installing clamav-daemon and attr…\n')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // What apt says is of interest only where it fails, and it says that on stderr.
  const quiet = { env, stdio: ['ignore', 'ignore', 2] as ('ignore' | 2)[] }
  await run('apt-get', ['update', '-qq'], quiet)
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'clamav-daemon', 'attr'], quiet)
  return isThere()
}
