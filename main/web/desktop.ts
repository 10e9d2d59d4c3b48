import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import type { System } from '../hosts/profile.ts'
import type { Desktop } from '../ports.ts'

type Where = Pick<System, 'platform' | 'env'>

/** Linux has a desktop where a display is; macOS and Windows always. */
export const hasDesktop = ({ platform, env }: Where): boolean =>
  platform === 'darwin' || platform === 'win32' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'])

interface Deps {
  /** False: there is none. */
  hasDesktop: boolean
  system: Where
}

/** The desktop's own programs for files. They are started and left alone: true says that they could be started, no more. */
export function webDesktop({ hasDesktop, system }: Deps): Desktop {
  const ask = async (what: 'open' | 'reveal', path: string) => hasDesktop && start(desktopCommand(what, path, system.platform), system.env)
  return { open: (path) => ask('open', path), reveal: (path) => ask('reveal', path) }
}

/** For tests: nothing is started, and it is as if it had been. */
export const quietDesktop: Desktop = { open: async () => true, reveal: async () => true }

/** A whole path begins like no option of these programs; `"` is in no name of Windows, and would end one. */
const WHOLE = { posix: /^\//, windows: /^(?:[a-z]:\\|\\\\)[^"]*$/i }

/** Program and arguments, without a shell. */
export function desktopCommand(what: 'open' | 'reveal', path: string, platform: NodeJS.Platform): [program: string, ...args: string[]] {
  const isWindows = platform === 'win32'
  assert.match(path, isWindows ? WHOLE.windows : WHOLE.posix)
  // Explorer reads its line itself: quotes belong around the path, not around `/select,` too.
  if (isWindows) return ['explorer', what === 'open' ? `"${path}"` : `/select,"${path}"`]
  if (platform === 'darwin') return what === 'open' ? ['open', path] : ['open', '-R', path]
  // xdg-open selects nothing: the folder is as near as it gets.
  return ['xdg-open', what === 'open' ? path : dirname(path)]
}

function start([program, ...args]: [string, ...string[]], env: Where['env']): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, detached: true, stdio: 'ignore', windowsVerbatimArguments: true })
    child.on('error', () => resolve(false))
    child.on('spawn', () => resolve(true))
    child.unref()
  })
}
