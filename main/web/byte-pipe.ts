import type { WebSocket } from 'ws'
import { type BytePipe, kept } from '../../protocol/app/pipe.ts'
import { LARGE, release } from '../../protocol/wire/bytes.ts'

/** A page's bytes over their WebSocket: one binary message each. What is handed to `send` is the pipe's: it is not copied. */
export function wsBytePipe(socket: WebSocket): BytePipe {
  const bytes = kept<Uint8Array<ArrayBuffer>>()
  const closed = kept<undefined>()
  // ws copies a message only where it is a part of a larger piece of memory: a small one would hold on to all of that.
  socket.binaryType = 'arraybuffer'
  socket.on('message', (data, isBinary) => {
    if (isBinary) bytes.push(new Uint8Array(data as ArrayBuffer))
    else socket.close(1003)
  })
  socket.on('close', () => closed.push(undefined))
  return {
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return
      // The bytes of a file go through here: their memory is given back as soon as they have left.
      if (message.length < LARGE || message.length < message.buffer.byteLength) socket.send(message)
      else socket.send(message, () => release(message))
    },
    onBytes: bytes.listen,
    onClose: (listener) => closed.listen(listener),
    close: () => socket.close(),
    waiting: () => socket.bufferedAmount,
  }
}
