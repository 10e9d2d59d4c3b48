import type { WebSocket } from 'ws'
import { kept, type Pipe } from '../../protocol/app/pipe.ts'

/** A window's pipe over its WebSocket, attached once the window has shown who it is. Bytes are malformed text [H5]. */
export function wsPipe(socket: WebSocket): Pipe {
  const text = kept<string>()
  const closed = kept<undefined>()
  socket.on('message', (data, isBinary) => {
    if (isBinary) return socket.close(1003)
    text.push(data.toString())
  })
  socket.on('close', () => closed.push(undefined))
  return {
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(message)
    },
    onText: text.listen,
    onClose: (listener) => closed.listen(listener),
    close: () => socket.close(),
  }
}
