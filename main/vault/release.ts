import { chmod, constants, copyFile, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MAX_SHARE_DEPTH } from '../../protocol/limits.ts'
import type { Ports } from '../ports.ts'
import { clashKey, freeName, safeName } from './names.ts'

/**
 * [T9, FI9, FI11] Out of the vault: whole, marked, 0600, under a name that nothing else has. A file first stands in its new folder
 * under a name of ours; its own name comes last and all at once, so neither a crash nor another program sees half of it.
 */

/** `name`: what it is called now. `no-room`: the disk of the new place is full; `cannot-save`: it doesn't take the file. */
export type Released = { ok: true; name: string } | { ok: false; code: 'cannot-save' | 'no-room' }

export interface ReleaseDeps {
  path: (part: string) => string
  mark: (path: string) => Promise<boolean>
  /** link(2): fails where something has the name. */
  link: (from: string, to: string) => Promise<void>
  log: Ports['log']
}

interface Target { folder: string; name: string }

export const release = (deps: ReleaseDeps, part: string, { folder, name }: Target): Promise<Released> => attempt(deps, async () => {
  await mkdir(folder, { recursive: true })
  const saved = await place(deps, part, { folder, name: safeName(name) }, await namesIn(folder))
  await unlink(deps.path(part))
  return saved
})

export const releaseAs = (deps: ReleaseDeps, part: string, wholePath: string): Promise<Released> => attempt(deps, async () => {
  await withArrival(deps, part, dirname(wholePath), (arrival) => rename(arrival, wholePath))
  await unlink(deps.path(part))
  return basename(wholePath)
})

/** Parts go only once all are placed: where one can't be, the new folder goes again and the vault has what it had. */
export const releaseFolder = (deps: ReleaseDeps, files: { part: string; path: string[] }[], { folder, name }: Target): Promise<Released> => attempt(deps, async () => {
  if (files.some(({ path }) => path.length === 0 || path.length > MAX_SHARE_DEPTH)) return undefined
  await mkdir(folder, { recursive: true })
  const top = await claim({ folder, name: safeName(name) }, await namesIn(folder), (path) => mkdir(path, 0o700))
  const root = join(folder, top)
  try {
    const tree = newBranch(root)
    for (const { part, path } of files) {
      const { dir, taken } = await branchAt(tree, path.slice(0, -1))
      await place(deps, part, { folder: dir, name: safeName(path.at(-1)!) }, taken)
    }
  } catch (error) {
    await rm(root, { recursive: true, force: true })
    throw error
  }
  for (const { part } of files) await unlink(deps.path(part))
  return top
})

/** A folder of ours: keys of the names in it, and its folders by their names on the wire. */
interface Branch { dir: string; taken: Set<string>; branches: Map<string, Branch> }

const newBranch = (dir: string): Branch => ({ dir, taken: new Set(), branches: new Map() })

/** Two folders that this disk can't tell apart become two; a folder named twice is one. */
async function branchAt(from: Branch, wireNames: string[]): Promise<Branch> {
  let branch = from
  for (const wireName of wireNames) {
    const { dir, taken, branches } = branch
    branch = branches.get(wireName) ?? newBranch(join(dir, await claim({ folder: dir, name: safeName(wireName) }, taken, (path) => mkdir(path, 0o700))))
    branches.set(wireName, branch)
  }
  return branch
}

const place = (deps: ReleaseDeps, part: string, target: Target, taken: Set<string>): Promise<string> =>
  withArrival(deps, part, target.folder, (arrival) => claim(target, taken, (path) => nameOnce(deps, arrival, path)))

/** Brings the bytes into `folder` under a name of ours, marks them, and lets `act` give them theirs. */
async function withArrival<T>(deps: ReleaseDeps, part: string, folder: string, act: (arrival: string) => Promise<T>): Promise<T> {
  const arrival = join(folder, `.parley-${part}`)
  // From a release that was cut short.
  await rm(arrival, { force: true })
  try {
    await bring(deps, part, arrival)
    await chmod(arrival, 0o600)
    if (!(await deps.mark(arrival))) deps.log('a released file bears no mark')
    await flush(arrival, 'r+') // Windows flushes only what may be written.
    const done = await act(arrival)
    await flush(folder, 'r').catch(() => undefined) // Windows opens no folders.
    return done
  } finally {
    await rm(arrival, { force: true })
  }
}

async function bring({ path, link }: ReleaseDeps, part: string, to: string): Promise<void> {
  try {
    await link(path(part), to)
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error))) throw error
    await copyFile(path(part), to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  }
}

/** Gives it that name, only if nothing has it. A link does both in one; a disk without links (exFAT) gets the name first, empty, and then the file. */
async function nameOnce({ link }: ReleaseDeps, arrival: string, path: string): Promise<void> {
  try {
    await link(arrival, path)
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error))) throw error
    await (await open(path, 'wx', 0o600)).close()
    await rename(arrival, path).catch(async (reason: unknown) => {
      await rm(path, { force: true })
      throw reason
    })
  }
}

/** Tries free names until `act` doesn't find something there: the list may be old, and disks know more names than they list. */
async function claim({ folder, name }: Target, taken: Set<string>, act: (path: string) => Promise<unknown>): Promise<string> {
  for (;;) {
    const free = freeName(name, (one) => taken.has(clashKey(one)))
    taken.add(clashKey(free))
    try {
      await act(join(folder, free))
      return free
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

const namesIn = async (folder: string): Promise<Set<string>> => new Set((await readdir(folder)).map(clashKey))

async function flush(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Turns what the disk says into an answer; what isn't from the disk is a bug and goes on. */
async function attempt({ log }: ReleaseDeps, act: () => Promise<string | undefined>): Promise<Released> {
  try {
    const name = await act()
    return name === undefined ? { ok: false, code: 'cannot-save' } : { ok: true, name }
  } catch (error) {
    const code = codeOf(error)
    if (code === '') throw error
    log('release failed', { code })
    return { ok: false, code: NO_ROOM.has(code) ? 'no-room' : 'cannot-save' }
  }
}

/** Another disk, or one without links: Linux says EPERM of FAT, macOS ENOTSUP, Windows "invalid function", which Node takes for EISDIR. */
const NO_LINKS: ReadonlySet<string> = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'])
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : ''
}
