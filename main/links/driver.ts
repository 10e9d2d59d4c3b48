import type { BytePipe } from '../../protocol/app/pipe.ts'
import { type FromPage, readFromPage, type ToPage, writeToPage } from '../../protocol/app/link.ts'

/** What makes connections for the core: the link page, or its TCP twin in tests. Link numbers are the core's. */
export interface LinkDriver {
  isThere(): boolean
  send(message: ToPage): void
  onMessage(listener: (message: FromPage) => void): void
  /** The page came (true) or went with all its links (false). */
  onThere(listener: (isThere: boolean) => void): void
  close(): void
}

/** The link page at the other end of a byte pipe. A later pipe takes the place of an earlier one. */
export function createPageDriver(): LinkDriver & { attach(pipe: BytePipe): void } {
  let pipe: BytePipe | undefined
  let onMessage: (message: FromPage) => void = () => undefined
  let onThere: (isThere: boolean) => void = () => undefined
  return {
    isThere: () => pipe !== undefined,
    send: (message) => pipe?.send(writeToPage(message)),
    onMessage: (listener) => void (onMessage = listener),
    onThere: (listener) => void (onThere = listener),
    attach(next) {
      const before = pipe
      pipe = undefined
      if (before !== undefined) {
        before.close()
        onThere(false)
      }
      pipe = next
      next.onBytes((bytes) => {
        if (pipe !== next) return
        const message = readFromPage(bytes)
        if (message === undefined) next.close()
        else onMessage(message)
      })
      next.onClose(() => {
        if (pipe !== next) return
        pipe = undefined
        onThere(false)
      })
      onThere(true)
    },
    close() {
      pipe?.close()
      pipe = undefined
    },
  }
}
