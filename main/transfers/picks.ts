import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { FileType, Pick } from '../../protocol/app/views.ts'
import { MAX_SHARE_DEPTH, MAX_SHARE_ENTRIES } from '../../protocol/limits.ts'
import type { Chance } from '../random.ts'
import { lookAt } from './outgoing.ts'

/** What a person chose to send and has not sent: a window knows it by a random name, never by a path. */

export interface Picked { path: string; name: string; isFolder: boolean; size: number; mtime: number; files?: number; /** A copy of ours. */ staged: boolean }

export interface Picks {
  /** Undefined where it can't be sent: gone, unreadable, a device. */
  add(path: string, staged?: boolean): Promise<Pick | undefined>
  get(pick: string): Picked | undefined
  /** Sent: it is the transfer's now. */
  take(pick: string): Picked | undefined
  drop(pick: string): Promise<void>
  /** A file of ours for bytes that a window gives. */
  stage(name: string): Promise<{ path: string; handle: Awaited<ReturnType<typeof open>> }>
  /** A folder of ours, to be filled. */
  stageFolder(name: string): Promise<string>
  /** A folder of ours, filled: it gets the name that the window gave. Gives where it is then. */
  nameFolder(path: string, name: string): Promise<string>
  removeStaged(path: string): Promise<void>
  /** Removes copies that nothing names any more. */
  sweep(known: ReadonlySet<string>): Promise<void>
}

export interface PicksDeps {
  chance: Chance
  /** For copies of what windows give. */
  folder: string
  safeName(name: string): string
  judge(name: string): FileType
  leaveOut(): readonly string[]
}

export function createPicks({ chance, folder, safeName, judge, leaveOut }: PicksDeps): Picks {
  const picks = new Map<string, Picked>()
  const place = async () => {
    const path = join(folder, Buffer.from(chance.bytes(16)).toString('hex'))
    await mkdir(path, { recursive: true, mode: 0o700 })
    return path
  }
  const removeStaged = (path: string) => rm(dirname(path), { recursive: true, force: true })

  return {
    async add(given, staged = false) {
      // What is kept is one place, whatever stood in it on the way.
      const path = resolve(given)
      const found = await lookAt(path)
      if (found === undefined || !(found.isFile || found.isFolder)) return undefined
      if (found.isFile && !(await isReadable(path))) return undefined
      const inside = found.isFolder ? await measure(path, leaveOut()) : undefined
      const name = basename(path)
      const picked: Picked = {
        path, name, isFolder: found.isFolder, size: inside?.bytes ?? found.size, mtime: found.mtime, staged, ...(inside === undefined ? {} : { files: inside.files }),
      }
      const pick = chance.b64(16)
      picks.set(pick, picked)
      return { pick, name, type: found.isFolder ? 'folder' : judge(name), size: picked.size, ...(inside === undefined ? {} : { files: inside.files }) }
    },
    get: (pick) => picks.get(pick),
    take(pick) {
      const picked = picks.get(pick)
      picks.delete(pick)
      return picked
    },
    async drop(pick) {
      const picked = picks.get(pick)
      picks.delete(pick)
      if (picked?.staged) await removeStaged(picked.path)
    },
    async stage(name) {
      const path = join(await place(), safeName(name))
      return { path, handle: await open(path, 'wx', 0o600) }
    },
    async stageFolder(name) {
      const path = join(await place(), safeName(name))
      await mkdir(path, { mode: 0o700 })
      return path
    },
    async nameFolder(path, name) {
      const named = join(dirname(path), safeName(name))
      if (named !== path) await rename(path, named)
      return named
    },
    removeStaged,
    async sweep(known) {
      const kept = new Set([...known, ...[...picks.values()].filter(({ staged }) => staged).map(({ path }) => path)].map((path) => basename(dirname(path))))
      for (const name of await readdir(folder).catch(() => [])) {
        if (/^[0-9a-f]{32}$/.test(name) && !kept.has(name)) await rm(join(folder, name), { recursive: true, force: true })
      }
    },
  }
}

async function isReadable(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => undefined)
  await handle?.close()
  return handle !== undefined
}

/** Files in a folder and their bytes, as they would be sent: nothing hidden, no links. */
async function measure(path: string, leaveOut: readonly string[]): Promise<{ files: number; bytes: number }> {
  let files = 0
  let bytes = 0
  const queue: [path: string, depth: number][] = [[path, 1]]
  for (let next = queue.pop(); next !== undefined && files < MAX_SHARE_ENTRIES; next = queue.pop()) {
    const [folder, depth] = next
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (entry.name.startsWith('.') || leaveOut.includes(entry.name)) continue
      const inside = join(folder, entry.name)
      if (entry.isDirectory() && depth < MAX_SHARE_DEPTH) queue.push([inside, depth + 1])
      if (!entry.isFile()) continue
      files++
      bytes += (await stat(inside).catch(() => undefined))?.size ?? 0
    }
  }
  return { files, bytes }
}
