import { existsSync } from 'node:fs'
import { run } from './process.ts'

/** Tests on Debian, as root, bring what they need by themselves. */
export const canInstall = (): boolean => process.platform === 'linux' && existsSync('/etc/debian_version') && process.getuid?.() === 0

export async function install(packages: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // What apt says is of interest only where it fails, and it says that on stderr.
  const quiet = { env, stdio: ['ignore', 'ignore', 2] as ('ignore' | 2)[] }
  await run('apt-get', ['update', '-qq'], quiet)
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet)
}
