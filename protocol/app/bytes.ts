import type { ErrorCode } from '../errors.ts'
import type { Bytes } from '../wire/bytes.ts'
import { createFraming } from './framing.ts'
import type { Pick } from './views.ts'

/**
 * What a window and the core say over the window's byte pipe: files dropped or pasted where the host can't give a path, and pictures
 * to show. `id`: made by the window, never used twice. At most `WINDOW_AHEAD` bytes are on their way beyond what `room` says is taken.
 */

export type FromWindow =
  /** A file comes. `folder`: it belongs to a folder that is put together; all files of one folder name the same `key`, and `path` from it. */
  | { kind: 'put'; id: number; name: string; size: number; mtime?: number; folder?: { key: string; path: string[] } }
  | { kind: 'data'; id: number; bytes: Bytes }
  /** All of it was sent. */
  | { kind: 'end'; id: number }
  /** All files of this folder were put: it becomes one pick. */
  | { kind: 'folder'; id: number; key: string; name: string }
  /** What is put or got under this number is not wanted any more. */
  | { kind: 'drop'; id: number }
  /** The picture of a transfer. */
  | { kind: 'get'; id: number; transfer: string }

export type ToWindow =
  /** So many bytes of `put` are taken in all. */
  | { kind: 'room'; id: number; taken: number }
  /** It is here: a file of a folder has no pick of its own. */
  | { kind: 'taken'; id: number; pick?: Pick }
  /** A picture begins: its type by its own first bytes. */
  | { kind: 'start'; id: number; mime: string; size: number }
  | { kind: 'data'; id: number; bytes: Bytes }
  | { kind: 'end'; id: number }
  | { kind: 'failed'; id: number; code: ErrorCode }

export const fromWindow = createFraming<FromWindow>(['put', 'data', 'end', 'folder', 'drop', 'get'], 'id', { data: 'bytes' })
const toWindow = createFraming<ToWindow>(['room', 'taken', 'start', 'data', 'end', 'failed'], 'id', { data: 'bytes' })

export const writeFromWindow = fromWindow.write
export const writeToWindow = toWindow.write
/** The core's word is taken as it is. */
export const readToWindow = (bytes: Bytes): ToWindow | undefined => toWindow.read(bytes)
