import { readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import type { System } from '../hosts/profile.ts'

/** Where files are saved: `--downloads`, else the folder that the desktop has for it, else `Downloads` at home. */
export function webDownloads(typed: string | undefined, system: System): string {
  return typed === undefined ? (xdgDownloads(system) ?? join(system.home, 'Downloads')) : resolve(typed)
}

/**
 * xdg-user-dirs: a line of shell, and only its two plain forms are read, `"$HOME/…"` and `"/…"`. `"$HOME/"` means that there is none.
 */
function xdgDownloads({ env, home }: System): string | undefined {
  const config = env['XDG_CONFIG_HOME']
  const file = join(config !== undefined && isAbsolute(config) ? config : join(home, '.config'), 'user-dirs.dirs')
  const [, atHome, path] = /^XDG_DOWNLOAD_DIR="(\$HOME)?(\/[^"$`\\]+)"$/m.exec(textOf(file)) ?? []
  if (path === undefined) return undefined
  return atHome === undefined ? path : join(home, path)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
