import type { BytePipe } from '../../protocol/app/pipe.ts'
import { openByteSocket, REFUSED } from './byte-socket.ts'

declare global {
  interface Window {
    /** Exposed by the preload in Electron. */
    parley?: { bytePipe(): BytePipe }
  }
}

interface Deps {
  onOpen(): void
  /** Trying again is of no use. */
  onRefused(): void
}

/** The pipe to the core: the preload's in Electron, else a WebSocket of its own. */
export function openBytePipe({ onOpen, onRefused }: Deps): BytePipe {
  const onClosed = (code: number) => {
    if (code === REFUSED) onRefused()
  }
  return window.parley?.bytePipe() ?? openByteSocket('/link', { onOpen, onClosed })
}
