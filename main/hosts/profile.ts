import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { Refused } from '../../protocol/app/rpc.ts'
import type { Paths } from '../ports.ts'

/** Where one identity lives: `<data root>/profiles/NAME/`, the same for both hosts. */
export interface Profile extends Omit<Paths, 'downloads'> {
  name: string
  root: string
}

/** What a host asks of the machine it runs on. */
export interface System {
  platform: NodeJS.Platform
  env: Record<string, string | undefined>
  home: string
}

export const here = (): System => ({ platform: process.platform, env: process.env, home: homedir() })

/** `--data-dir`, else `Parley` in the system's folder for application data. */
export function dataRoot(dataDir: string | undefined, system: System = here()): string {
  if (dataDir !== undefined) return resolve(dataDir)
  const { platform, env, home } = system
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Parley')
  if (platform === 'win32') return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Parley')
  // XDG Base Directory Specification: a path that is not absolute is to be ignored.
  const data = env['XDG_DATA_HOME']
  return join(data !== undefined && isAbsolute(data) ? data : join(home, '.local', 'share'), 'Parley')
}

/** Windows takes these for devices, whatever follows a dot. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/

/** One folder name on every system; "Ada" and "ada" are one folder on most, so letters are made small. */
export function readProfileName(typed: string): string | undefined {
  const name = typed.toLowerCase()
  return /^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?$/.test(name) && !DEVICES.test(name) ? name : undefined
}

/** Makes the folders, for this user only. Refused with `read-only` or `no-folder` where they can't be made. */
export function openProfile(root: string, name: string): Profile {
  const profile = { name, root, profile: join(root, 'profiles', name), server: join(root, 'server') }
  try {
    for (const folder of [profile.profile, profile.server]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!statSync(profile.profile).isDirectory()) throw new Refused('no-folder')
    return profile
  } catch (error) {
    assertWritable(root)
    throw folderFault(error)
  }
}

/** Node's recursive mkdir says ENOENT where the disk is read-only: so the nearest folder that is there is asked. */
function assertWritable(folder: string): void {
  const isThere = existsSync(folder) || dirname(folder) === folder
  if (!isThere) return assertWritable(dirname(folder))
  try {
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw folderFault(error)
  }
}

/** What the system says of a folder, as one of our refusals. */
export function folderFault(error: unknown): unknown {
  const code = (error as { code?: unknown }).code
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'SQLITE_READONLY') return new Refused('read-only')
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') return new Refused('disk-full')
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EEXIST' || code === 'SQLITE_CANTOPEN') return new Refused('no-folder')
  return error
}

const memory = (root: string) => join(root, 'last-profile')

/** The profile last used: where a `parley://` link goes that names none. */
export function lastProfile(root: string): string | undefined {
  try {
    return readProfileName(readFileSync(memory(root), 'utf8').trim())
  } catch {
    return undefined
  }
}

/** A convenience: a folder that can't be written fails elsewhere, in words. */
export function rememberProfile({ root, name }: Profile): void {
  try {
    const draft = `${memory(root)}.${process.pid}`
    writeFileSync(draft, `${name}\n`, { mode: 0o600 })
    renameSync(draft, memory(root))
  } catch {
    return
  }
}

/** Which profile this start is for: the one named, for a link the one last used, else `default`. */
export function chooseProfile(root: string, args: { profile?: string; link?: string }): string {
  return args.profile ?? (args.link === undefined ? undefined : lastProfile(root)) ?? 'default'
}
