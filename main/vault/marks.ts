import { execFile } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

/**
 * [FI11] Tells the system that a file came from elsewhere, so that it asks before it runs it. Nothing in the mark says from whom.
 * Sources: Microsoft, [MS-FSCC] 5.6 "Zone.Identifier"; Apple's LSQuarantine; freedesktop.org "CommonExtendedAttributes".
 */

export interface MarkDeps {
  platform?: NodeJS.Platform
  /** Runs a program to its end; true where it ended well. */
  exec?: (file: string, args: string[]) => Promise<boolean>
}

/** False where the file's disk or this system takes no mark. */
export async function markFromInternet(path: string, { platform = process.platform, exec = run }: MarkDeps = {}): Promise<boolean> {
  // A whole path never begins with a dash, for programs that know no `--`.
  const whole = resolve(path)
  if (platform === 'win32') return writeFile(`${whole}:Zone.Identifier`, '[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=about:internet\r\n').then(() => true, () => false)
  if (platform === 'darwin') {
    // Its time is when the file's last byte came.
    const seconds = Math.floor((await stat(whole)).mtimeMs / 1000)
    return exec('/usr/bin/xattr', ['-w', 'com.apple.quarantine', `0083;${seconds.toString(16)};Parley;`, whole])
  }
  return exec('/usr/bin/setfattr', ['-n', 'user.xdg.origin.url', '-v', 'about:internet', '--', whole])
}

const run = (file: string, args: string[]): Promise<boolean> =>
  new Promise((done) => void execFile(file, args, { shell: false, timeout: EXEC_WITHIN, windowsHide: true, env: {} }, (error) => done(error === null)))

/** Either program takes milliseconds; one that hangs on a dead network disk must not hold a release up. */
const EXEC_WITHIN = 10_000
