import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readFromWindow } from '../../protocol/app/bytes-in.ts'
import { type FromWindow, type ToWindow, writeToWindow } from '../../protocol/app/bytes.ts'
import type { BytePipe } from '../../protocol/app/pipe.ts'
import { ROOM_LEFT, WINDOW_AHEAD, WINDOW_CHUNK } from '../../protocol/limits.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import { codeOf } from '../store/open.ts'
import type { Picks } from './picks.ts'

/** The core's end of a window's byte pipe: what is dropped or pasted is written to a copy of ours, and pictures go to the window. */

export interface DeskDeps {
  picks: Picks
  safeName(name: string): string
  picture(transfer: string): Promise<{ mime: string; bytes: Bytes } | undefined>
  background(work: Promise<unknown>): void
  /** Bytes free where copies are kept. */
  room(): Promise<number>
}

/** Files that a window gives at the same time; it gives one after the other. */
const MOST_PUTS = 8
/** A slow window is looked at again after so long, ms. */
const LOOK_AGAIN = 10

interface Put { size: number; taken: number; path: string; handle: FileHandle; isOfFolder: boolean; isDropped: boolean }

export function attachDesk(pipe: BytePipe, { picks, safeName, picture, background, room }: DeskDeps): void {
  const puts = new Map<number, Put>()
  const folders = new Map<string, string>()
  const dropped = new Set<number>()
  let isClosed = false
  const say = (message: ToWindow) => pipe.send(writeToWindow(message))
  /** One message after the other: bytes are written in the order in which they come. */
  let lane: Promise<void> = Promise.resolve()

  async function take(message: FromWindow): Promise<void> {
    switch (message.kind) {
      case 'put': return begin(message)
      case 'data': return write(message.id, message.bytes)
      case 'end': return end(message.id)
      case 'folder': return endFolder(message)
      case 'drop':
        dropped.add(message.id)
        return discard(message.id)
      case 'get': return background(give(message.id, message.transfer))
    }
  }

  async function begin({ id, name, size, folder }: FromWindow & { kind: 'put' }): Promise<void> {
    try {
      if (puts.has(id) || puts.size >= MOST_PUTS) return pipe.close()
      if (size + ROOM_LEFT > (await room())) return say({ kind: 'failed', id, code: 'no-room' })
      const staged = folder === undefined ? await picks.stage(name) : await inFolder(folder)
      puts.set(id, { ...staged, size, taken: 0, isOfFolder: folder !== undefined, isDropped: false })
    } catch (error) {
      fail(id, error)
    }
  }

  async function inFolder({ key, path }: { key: string; path: string[] }): Promise<{ path: string; handle: FileHandle }> {
    const root = folders.get(key) ?? (await picks.stageFolder('folder'))
    folders.set(key, root)
    const inside = join(root, ...path.map(safeName))
    await mkdir(dirname(inside), { recursive: true, mode: 0o700 })
    return { path: inside, handle: await open(inside, 'wx', 0o600) }
  }

  async function write(id: number, bytes: Bytes): Promise<void> {
    const put = puts.get(id)
    if (put === undefined) return
    try {
      if (put.taken + bytes.length > put.size || bytes.length > WINDOW_CHUNK) throw new Error('more than was said')
      await put.handle.write(bytes, 0, bytes.length, put.taken)
      put.taken += bytes.length
      say({ kind: 'room', id, taken: put.taken })
    } catch (error) {
      await discard(id)
      fail(id, error)
    }
  }

  async function end(id: number): Promise<void> {
    const put = puts.get(id)
    if (put === undefined) return
    if (put.taken !== put.size) {
      await discard(id)
      return fail(id, new Error('fewer than were said'))
    }
    puts.delete(id)
    await put.handle.close()
    if (put.isOfFolder) return say({ kind: 'taken', id })
    const pick = await picks.add(put.path, true)
    if (pick === undefined) fail(id, new Error('gone'))
    else say({ kind: 'taken', id, pick })
  }

  async function endFolder({ id, key, name }: FromWindow & { kind: 'folder' }): Promise<void> {
    const root = folders.get(key)
    folders.delete(key)
    const pick = root === undefined ? undefined : await picks.add(await picks.nameFolder(root, name), true)
    if (pick === undefined) fail(id, new Error('nothing in it'))
    else say({ kind: 'taken', id, pick })
  }

  async function discard(id: number): Promise<void> {
    const put = puts.get(id)
    puts.delete(id)
    await put?.handle.close()
    if (put !== undefined && !put.isOfFolder) await picks.removeStaged(put.path)
  }

  async function give(id: number, transfer: string): Promise<void> {
    const found = await picture(transfer)
    if (found === undefined) return say({ kind: 'failed', id, code: 'unknown-transfer' })
    say({ kind: 'start', id, mime: found.mime, size: found.bytes.length })
    for (let at = 0; at < found.bytes.length; at += WINDOW_CHUNK) {
      // A picture has at most 20 MiB: what a slow window leaves waiting is waited for.
      while (pipe.waiting() > WINDOW_AHEAD && !isClosed) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
      if (isClosed || dropped.has(id)) return
      say({ kind: 'data', id, bytes: found.bytes.subarray(at, at + WINDOW_CHUNK) })
    }
    say({ kind: 'end', id })
  }

  function fail(id: number, error: unknown) {
    const code: ErrorCode = codeOf(error) === 'disk-full' ? 'disk-full' : 'unreadable-file'
    say({ kind: 'failed', id, code })
  }

  pipe.onBytes((bytes) => {
    const message = readFromWindow(bytes)
    if (message === undefined) return pipe.close()
    // One that fails takes none of the next with it.
    const work = lane.then(() => (isClosed ? undefined : take(message)))
    lane = work.catch(() => undefined)
    background(work)
  })
  pipe.onClose(() => {
    isClosed = true
    background(lane.then(() => Promise.all([...puts.keys()].map(discard))))
  })
}
