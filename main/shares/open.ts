import { type BigIntStats, constants, lstat } from 'node:fs'
import { type FileHandle, open, opendir } from 'node:fs/promises'
import { join, parse, sep } from 'node:path'
import type { Ms } from '../../protocol/ids.ts'

/**
 * [B4] The one way from a shared folder to what is in it. Nothing here follows a link, wherever one is put and whenever: looking at a path
 * first and opening it afterwards leaks under a swap of the two.
 */
export interface Opener {
  /** A regular file, and the one that the index knows. The caller closes the handle. */
  file(root: string, parts: readonly string[], node: Node): Promise<Opened | 'gone'>
  /** Files and folders in a folder; links, devices, pipes, sockets and files with a second name elsewhere are not among them. */
  folder(root: string, parts: readonly string[], options: ReadOptions): Promise<Found[] | 'gone'>
}

/** Size and time of the file that is open, not of what has its name by now. */
export interface Opened { handle: FileHandle; size: number; mtime: Ms }

export interface ReadOptions {
  isLeftOut(name: string): boolean
  /** No more than so many are looked at. */
  most: number
}

/** `dev:ino`: the same as long as it is the same file, whatever its name. */
export type Node = string
export const nodeOf = ({ dev, ino }: { dev: bigint; ino: bigint }): Node => `${dev}:${ino}`

export interface Found { name: string; kind: 'f' | 'd'; size: number; mtime: Ms; node: Node }

/** The wire has no time before 1970. */
const measuresOf = (stats: BigIntStats) => ({ size: Number(stats.size), mtime: Math.max(0, Number(stats.mtimeMs)) })

/** Looked up at once: enough to keep the disk busy, little enough for others to come between. */
const AT_ONCE = 64

// None of them waits for the other end of a pipe, nor takes a terminal.
const FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)
/** O_PATH of Linux: a folder that may be passed through need not be one that may be read. */
const FOLDER = 0x20_0000 | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0)
/** O_NOFOLLOW_ANY of macOS: no link in the whole path. */
const NOWHERE = process.platform === 'darwin' ? 0x2000_0000 : 0

/**
 * Linux: each folder is opened in the one before, from the root of the disk on. `/proc/self/fd/N/name` is openat(2): a folder that is open
 * stays itself whatever happens to its name.
 */
export const byDescriptor: Opener = {
  async file(root, parts, node) {
    const folder = await enter(root, parts.slice(0, -1))
    if (folder === undefined) return 'gone'
    try {
      return await known(open(join(pathOf(folder), part(parts.at(-1))), FILE), node)
    } finally {
      await folder.close()
    }
  },
  async folder(root, parts, options) {
    const folder = await enter(root, parts)
    if (folder === undefined) return 'gone'
    try {
      return await read(pathOf(folder), options)
    } catch {
      return 'gone'
    } finally {
      await folder.close()
    }
  },
}

/** Elsewhere: the last part is not followed, and what was opened is what the index knows; a folder is the same before and after. */
export const byPath: Opener = {
  file: (root, parts, node) => known(open(join(root, ...parts.map(part)), FILE | NOWHERE), node),
  async folder(root, parts, options) {
    const paths = parts.map((_, i) => join(root, ...parts.slice(0, i + 1).map(part)))
    const nodes = async () => (await statAll([root, ...paths])).map((stats) => (stats?.isDirectory() ? nodeOf(stats) : undefined))
    try {
      const before = await nodes()
      if (before.includes(undefined)) return 'gone'
      const found = await read(paths.at(-1) ?? root, options)
      const after = await nodes()
      return before.every((node, i) => node === after[i]) ? found : 'gone'
    } catch {
      return 'gone'
    }
  },
}

export const opener: Opener = process.platform === 'linux' ? byDescriptor : byPath

const pathOf = (folder: FileHandle) => `/proc/self/fd/${folder.fd}`

/** One part of a path and no more. Parts come from this disk by way of the index: another is a bug. */
function part(name: string | undefined): string {
  if (name === undefined || name === '' || name === '.' || name === '..' || name.includes('/') || name.includes(sep) || name.includes('\0')) throw new Error('not one part of a path')
  return name
}

async function enter(root: string, parts: readonly string[]): Promise<FileHandle | undefined> {
  let at: FileHandle | undefined
  try {
    at = await open(parse(root).root, FOLDER)
    for (const name of [...root.split(sep).filter((one) => one !== ''), ...parts]) {
      const next = await open(join(pathOf(at), part(name)), FOLDER)
      await at.close()
      at = next
    }
    return at
  } catch (error) {
    await at?.close()
    if ((error as { code?: string }).code === undefined) throw error
    return undefined
  }
}

/** What was opened, if it is what was meant: a hard link that leads out can't be told from one that stays, so neither is served. */
async function known(opening: Promise<FileHandle>, node: Node): Promise<Opened | 'gone'> {
  const handle = await opening.catch(() => undefined)
  if (handle === undefined) return 'gone'
  const stats = await handle.stat({ bigint: true }).catch(() => undefined)
  if (stats?.isFile() && stats.nlink === 1n && nodeOf(stats) === node) return { handle, ...measuresOf(stats) }
  await handle.close()
  return 'gone'
}

async function read(path: string, { isLeftOut, most }: ReadOptions): Promise<Found[]> {
  const found: Found[] = []
  let names: string[] = []
  const look = async () => {
    const stats = await statAll(names.map((name) => join(path, name)))
    names.forEach((name, i) => {
      const one = stats[i] === undefined ? undefined : foundOf(name, stats[i])
      if (one !== undefined) found.push(one)
    })
    names = []
  }
  let seen = 0
  for await (const entry of await opendir(path, { bufferSize: 4 * AT_ONCE })) {
    if (isLeftOut(entry.name)) continue
    if (++seen > most) break
    if (names.push(entry.name) === AT_ONCE) await look()
  }
  await look()
  return found
}

function foundOf(name: string, stats: BigIntStats): Found | undefined {
  const rest = { name, node: nodeOf(stats), ...measuresOf(stats) }
  if (stats.isDirectory()) return { ...rest, kind: 'd', size: 0 }
  return stats.isFile() && stats.nlink === 1n ? { ...rest, kind: 'f' } : undefined
}

/** Undefined for what is not there (any more). */
const statAll = (paths: string[]): Promise<(BigIntStats | undefined)[]> =>
  new Promise((resolve) => {
    const all: (BigIntStats | undefined)[] = new Array(paths.length).fill(undefined)
    let left = paths.length
    if (left === 0) resolve(all)
    paths.forEach((path, i) => lstat(path, { bigint: true }, (error, stats) => {
      if (error === null) all[i] = stats
      if (--left === 0) resolve(all)
    }))
  })
