import type { WebSocket } from 'ws'
import { type BytePipe, kept } from '../../protocol/app/pipe.ts'

/** The link page's pipe over its WebSocket: one binary message each. */
export function wsBytePipe(socket: WebSocket): BytePipe {
  const bytes = kept<Uint8Array<ArrayBuffer>>()
  const closed = kept<undefined>()
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return socket.close(1003)
    bytes.push(new Uint8Array(data as Buffer<ArrayBuffer>))
  })
  socket.on('close', () => closed.push(undefined))
  return {
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(message)
    },
    onBytes: bytes.listen,
    onClose: (listener) => closed.listen(listener),
    close: () => socket.close(),
    waiting: () => socket.bufferedAmount,
  }
}
