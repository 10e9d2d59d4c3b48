import { type FromWindow, readToWindow, type ToWindow, writeFromWindow } from '../../protocol/app/bytes.ts'
import type { BytePipe } from '../../protocol/app/pipe.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { Pick } from '../../protocol/app/views.ts'
import { WINDOW_AHEAD, WINDOW_CHUNK } from '../../protocol/limits.ts'

/** How an upload is followed and ended. `onTaken`: so many bytes of all are with the core. */
export interface Following {
  onTaken(bytes: number): void
  signal: AbortSignal
}

/** A file of a folder, and its path from it: the file's own name last. */
export interface InFolder { file: File; path: string[] }

/**
 * Files between a window and the core, where no path can be given, and pictures to show. Uploads go one after the other, in pieces, so
 * that a window's memory and the pipe hold little. All reject with `Refused`, or with the signal's reason.
 */
export interface FileDesk {
  put(file: File, name: string, following: Following): Promise<Pick>
  putFolder(name: string, files: readonly InFolder[], following: Following): Promise<Pick>
  picture(transfer: string, signal: AbortSignal): Promise<Blob>
  close(): void
}

interface Line {
  pipe: BytePipe
  talks: Map<number, Talk>
}
type Heard = { message: ToWindow } | { error: unknown }
interface Talk {
  hear(heard: Heard): void
  next(): Promise<ToWindow>
}

/** `open`: asked when there is something to say, and again after the pipe closed. */
export function createFileDesk({ open }: { open(): Promise<BytePipe> }): FileDesk {
  let line: Promise<Line> | undefined
  let tail: Promise<unknown> = Promise.resolve()
  let lastId = 0
  let lastKey = 0

  function connected(): Promise<Line> {
    line ??= open().then(begin)
    // One that could not be opened is tried anew next time.
    line.catch(() => (line = undefined))
    return line
  }
  function begin(pipe: BytePipe): Line {
    const talks = new Map<number, Talk>()
    pipe.onBytes((bytes) => {
      const message = readToWindow(bytes)
      if (message !== undefined) talks.get(message.id)?.hear({ message })
    })
    pipe.onClose(() => {
      line = undefined
      for (const talk of talks.values()) talk.hear({ error: new Refused('pipe-closed') })
    })
    return { pipe, talks }
  }

  /** One number's conversation, from its first word to its last. What goes wrong on this side is told to the core. */
  async function talkOver<T>(signal: AbortSignal, talk: (say: (message: FromWindow) => void, hear: () => Promise<ToWindow>, id: number) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const { pipe, talks } = await connected()
    signal.throwIfAborted()
    const id = ++lastId
    const own = createTalk()
    talks.set(id, own)
    const onAbort = () => own.hear({ error: signal.reason })
    signal.addEventListener('abort', onAbort)
    let isAnswered = false
    const hear = async () => {
      const message = await own.next()
      isAnswered = message.kind === 'failed' || message.kind === 'taken' || message.kind === 'end'
      if (message.kind === 'failed') throw new Refused(message.code)
      return message
    }
    try {
      return await talk((message) => pipe.send(writeFromWindow(message)), hear, id)
    } catch (error) {
      if (!isAnswered) pipe.send(writeFromWindow({ kind: 'drop', id }))
      throw error
    } finally {
      talks.delete(id)
      signal.removeEventListener('abort', onAbort)
    }
  }

  const putOne = (file: File, name: string, { onTaken, signal }: Following, folder?: { key: string; path: string[] }): Promise<Pick | undefined> =>
    talkOver(signal, async (say, hear, id) => {
      say({ kind: 'put', id, name, size: file.size, mtime: file.lastModified, ...(folder && { folder }) })
      let sent = 0
      let taken = 0
      let isEnded = false
      for (;;) {
        while (sent < file.size && Math.min(sent + WINDOW_CHUNK, file.size) - taken <= WINDOW_AHEAD) {
          const bytes = await pieceOf(file, sent)
          signal.throwIfAborted()
          say({ kind: 'data', id, bytes })
          sent += bytes.length
        }
        if (sent === file.size && !isEnded) {
          isEnded = true
          say({ kind: 'end', id })
        }
        const message = await hear()
        if (message.kind === 'taken') return message.pick
        if (message.kind === 'room') onTaken((taken = message.taken))
      }
    })

  async function putAll(name: string, files: readonly InFolder[], { onTaken, signal }: Following): Promise<Pick> {
    const key = `${++lastKey}`
    let before = 0
    for (const { file, path } of files) {
      await putOne(file, path.at(-1) ?? file.name, { signal, onTaken: (bytes) => onTaken(before + bytes) }, { key, path })
      before += file.size
      onTaken(before)
    }
    return talkOver(signal, async (say, hear, id) => {
      say({ kind: 'folder', id, key, name })
      for (;;) {
        const message = await hear()
        if (message.kind === 'taken') return pickOf(message.pick)
      }
    })
  }

  /** After all that were asked for before. */
  function inTurn<T>(what: () => Promise<T>): Promise<T> {
    const turn = tail.then(what)
    tail = turn.catch(() => {})
    return turn
  }

  return {
    put: (file, name, following) => inTurn(() => putOne(file, name, following).then(pickOf)),
    putFolder: (name, files, following) => inTurn(() => putAll(name, files, following)),
    picture: (transfer, signal) =>
      talkOver(signal, async (say, hear, id) => {
        say({ kind: 'get', id, transfer })
        const parts: BlobPart[] = []
        let type = ''
        for (;;) {
          const message = await hear()
          if (message.kind === 'start') type = message.mime
          else if (message.kind === 'data') parts.push(message.bytes)
          else if (message.kind === 'end') return new Blob(parts, { type })
        }
      }),
    close: () => void line?.then(({ pipe }) => pipe.close(), () => {}),
  }
}

function pickOf(pick: Pick | undefined): Pick {
  if (pick === undefined) throw new Refused('internal')
  return pick
}

/** A file that shrank, went or may not be read is refused as a whole. */
async function pieceOf(file: File, from: number) {
  const bytes = await file.slice(from, from + WINDOW_CHUNK).arrayBuffer().then((buffer) => new Uint8Array(buffer), () => undefined)
  if (bytes === undefined || bytes.length === 0) throw new Refused('unreadable-file')
  return bytes
}

/** Keeps what is heard until it is asked for. After an error nothing else comes. */
function createTalk(): Talk {
  const heard: Heard[] = []
  let wake: (() => void) | undefined
  return {
    hear(what) {
      heard.push(what)
      wake?.()
    },
    async next() {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      const first = heard.find((one) => 'error' in one) ?? heard.shift()!
      if ('error' in first) throw first.error
      return first.message
    },
  }
}
