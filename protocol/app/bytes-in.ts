import { z } from 'zod'
import type { Bytes } from '../wire/bytes.ts'
import { type FromWindow, fromWindow } from './bytes.ts'

/** The core's end of a window's byte pipe: apart from the window's, which needs no parser. */

const name = z.string().min(1).max(1_024)
const key = z.string().min(1).max(64)
const id = z.number()
const shapes = {
  put: z.strictObject({
    kind: z.literal('put'), id, name, size: z.number().int().min(0).max(2 ** 40), mtime: z.number().int().min(0).max(2 ** 53 - 1).optional(),
    folder: z.strictObject({ key, path: z.array(name).min(1).max(64) }).optional(),
  }),
  end: z.strictObject({ kind: z.literal('end'), id }),
  folder: z.strictObject({ kind: z.literal('folder'), id, key, name }),
  drop: z.strictObject({ kind: z.literal('drop'), id }),
  get: z.strictObject({ kind: z.literal('get'), id, transfer: key }),
}

/** What a window says is checked like anything from outside. */
export function readFromWindow(bytes: Bytes): FromWindow | undefined {
  const message = fromWindow.read(bytes)
  if (message === undefined || message.kind === 'data') return message
  const shaped = shapes[message.kind].safeParse(message)
  return shaped.success ? (shaped.data as FromWindow) : undefined
}
