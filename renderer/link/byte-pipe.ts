import { type BytePipe, kept } from '../../protocol/app/pipe.ts'

declare global {
  interface Window {
    /** Exposed by the preload in Electron. */
    parley?: { bytePipe(): BytePipe }
  }
}

/** Set by the window that opened first; the link page is its frame, of the same origin. */
const SESSION = 'parley-session'
/** The host's word for a session it doesn't know. */
const REFUSED = 4401

interface Deps {
  onOpen(): void
  /** Trying again is of no use. */
  onRefused(): void
}

/** The pipe to the core: the preload's in Electron, else a WebSocket of its own. */
export function openBytePipe(deps: Deps): BytePipe {
  return window.parley?.bytePipe() ?? openSocket(deps)
}

function openSocket({ onOpen, onRefused }: Deps): BytePipe {
  const socket = new WebSocket(`ws://${location.host}/link`)
  const bytes = kept<Uint8Array<ArrayBuffer>>()
  const closed = kept<undefined>()
  socket.binaryType = 'arraybuffer'
  socket.onopen = () => {
    socket.send(JSON.stringify({ session: sessionStorage.getItem(SESSION) ?? '' }))
    onOpen()
  }
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) bytes.push(new Uint8Array(data))
  }
  socket.onclose = ({ code }) => {
    if (code === REFUSED) onRefused()
    closed.push(undefined)
  }
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message as Uint8Array<ArrayBuffer>)
    },
    onBytes: bytes.listen,
    onClose: (listener) => closed.listen(listener),
    close: () => socket.close(),
    waiting: () => socket.bufferedAmount,
  }
}
