/** The two kinds of pipe between a window or page and the core. A host supplies them; nothing else knows which host it is. */

/** Text, one JSON message at a time, in order. */
export interface Pipe {
  send(text: string): void
  /** One listener each; what comes before it is set is kept for it. */
  onText(listener: (text: string) => void): void
  onClose(listener: () => void): void
  close(): void
}

/** Bytes, one message at a time, in order: the link page. */
export interface BytePipe {
  /** The bytes are the pipe's from then on, at the core's end; a page's end copies them before it returns. */
  send(bytes: Uint8Array): void
  onBytes(listener: (bytes: Uint8Array<ArrayBuffer>) => void): void
  onClose(listener: () => void): void
  close(): void
  /** Bytes handed to `send` that have not left yet, where the host can tell. */
  waiting(): number
}

/** Two ends of a pipe in one process: tests, and the pattern every host follows. Delivery is never synchronous. */
export function memoryPipes(): [Pipe, Pipe] {
  const ends = [end(), end()] as const
  ends[0].connect(ends[1])
  ends[1].connect(ends[0])
  return [ends[0].pipe, ends[1].pipe]
}

interface End {
  pipe: Pipe
  connect(to: End): void
  receive(message: string): void
  shut(): void
}

function end(): End {
  let other: End | undefined
  let isOpen = true
  const text = kept<string>()
  const closed = kept<undefined>()
  const shut = () => {
    if (!isOpen) return
    isOpen = false
    queueMicrotask(() => closed.push(undefined))
  }
  return {
    connect(to) {
      other = to
    },
    receive: (message) => queueMicrotask(() => isOpen && text.push(message)),
    shut,
    pipe: {
      send: (message) => {
        if (isOpen) other?.receive(message)
      },
      onText: text.listen,
      onClose: (listener) => closed.listen(listener),
      close() {
        shut()
        other?.shut()
      },
    },
  }
}

/** One listener, and a queue for what came before it. */
export function kept<T>() {
  let listener: ((value: T) => void) | undefined
  const waiting: T[] = []
  return {
    push(value: T) {
      if (listener === undefined) waiting.push(value)
      else listener(value)
    },
    listen(to: (value: T) => void) {
      listener = to
      for (const value of waiting.splice(0)) to(value)
    },
  }
}
