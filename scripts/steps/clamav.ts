import { existsSync } from 'node:fs'
import { canInstall, install } from './apt.ts'

/** The scanner, and what writes marks on files. */
const NEEDED = ['/usr/sbin/clamd', '/usr/bin/setfattr']

/** For tests of real scans and marks; on Debian, as root, what they need is installed. False where it isn't there: they are skipped. */
export async function ensureClamd(): Promise<boolean> {
  const isThere = () => NEEDED.every((path) => existsSync(path))
  if (isThere()) return true
  if (!canInstall()) {
    process.stderr.write('Without clamd and setfattr no scan is tried for real, and those tests are skipped. Install them (Debian: apt-get install clamav-daemon attr).\n')
    return false
  }
  process.stderr.write('Installing clamav-daemon and attr…\n')
  await install(['clamav-daemon', 'attr'])
  return isThere()
}
