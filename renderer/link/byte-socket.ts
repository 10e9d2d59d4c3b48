import { type BytePipe, kept } from '../../protocol/app/pipe.ts'

/** Where the window that opened first keeps its session; the link page is its frame, of the same origin. */
export const SESSION = 'parley-session'
/** The web host's word for a token or session it does not know. */
export const REFUSED = 4401

interface Deps {
  onOpen(): void
  onClosed(code: number): void
}

/** A pipe of bytes to the web host, for the session of this window. Where that is not known, or the core is gone, it closes at once. */
export function openByteSocket(path: '/link' | '/bytes', { onOpen, onClosed }: Deps): BytePipe {
  const socket = new WebSocket(`ws://${location.host}${path}`)
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
    onClosed(code)
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
