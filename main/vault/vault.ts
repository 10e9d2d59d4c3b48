import { chmodSync, mkdirSync } from 'node:fs'
import { constants, type FileHandle, link, open, readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ports } from '../ports.ts'
import { markFromInternet } from './marks.ts'
import { type Released, release, releaseAs, type ReleaseDeps, releaseFolder } from './release.ts'

/**
 * [T8] Received bytes, until a person lets them out: a folder of files whose names are random, which no program opens by itself and
 * nobody else may read. Nothing of the wire stands in a path here.
 */

export interface Vault {
  /** A name for a new part; nothing is made yet. */
  newPart(): string
  /** To read and write, made where it isn't there. The caller closes it. */
  open(part: string): Promise<FileHandle>
  remove(part: string): Promise<void>
  /** Bytes; undefined where there is no such part. */
  size(part: string): Promise<number | undefined>
  /** Where it stands, for the scanner. */
  path(part: string): string
  /** Removes the parts that nobody knows: what a crash left. Gives their number. */
  sweep(known: ReadonlySet<string>): Promise<number>
  /** Bytes free for us on the disk of the vault. */
  room(): Promise<number>
  /** [T9, FI9] Moves it out, under this name or the first free one like it. */
  release(part: string, folder: string, name: string): Promise<Released>
  /** Moves it to where a person chose in a dialog, which has asked before it replaces anything. */
  releaseAs(part: string, wholePath: string): Promise<Released>
  /** Moves all of them into a new folder of that name in `folder`, or none. `path`: names as the wire has them, last the file's. */
  releaseFolder(files: { part: string; path: string[] }[], folder: string, name: string): Promise<Released>
}

export interface VaultDeps {
  /** The vault's own; made where it isn't there. */
  folder: string
  random: Ports['random']
  log: Ports['log']
  platform?: NodeJS.Platform
  /** Stands in for markFromInternet. */
  mark?: ReleaseDeps['mark']
  /** Stands in for the disk's own. */
  link?: ReleaseDeps['link']
}

const PART = /^[0-9a-f]{32}$/

export function createVault({ folder, random, log, platform = process.platform, ...rest }: VaultDeps): Vault {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // It may have been there, with another mode.
  chmodSync(folder, 0o700)

  function path(part: string): string {
    // Parts are named here only: another name is a bug, and would lead elsewhere.
    if (!PART.test(part)) throw new Error('not the name of a part')
    return join(folder, part)
  }
  const deps: ReleaseDeps = { path, log, link, mark: (path) => markFromInternet(path, { platform }), ...rest }

  return {
    newPart: () => Buffer.from(random(16)).toString('hex'),
    open: (part) => open(path(part), constants.O_RDWR | constants.O_CREAT | NO_FOLLOW, 0o600),
    remove: (part) => rm(path(part), { force: true }),
    size: (part) => stat(path(part)).then(({ size }) => size, () => undefined),
    path,
    async sweep(known) {
      const left = (await readdir(folder)).filter((name) => PART.test(name) && !known.has(name))
      for (const part of left) await rm(path(part), { force: true })
      return left.length
    },
    async room() {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    },
    release: (part, into, name) => release(deps, part, { folder: into, name }),
    releaseAs: (part, wholePath) => releaseAs(deps, part, wholePath),
    releaseFolder: (files, into, name) => releaseFolder(deps, files, { folder: into, name }),
  }
}

/** Windows has no such flag, and makes no links without a right to. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
