import type { MessagePortMain } from 'electron'
import { type BytePipe, kept } from '../../protocol/app/pipe.ts'
import { portEnd } from './pipe.ts'

/**
 * A page's bytes over the port that its preload made. They are cloned: what stands in a transfer list is lost between Electron's
 * processes. `most`: bytes of one message [H4].
 */
export function portBytePipe(port: MessagePortMain, most: number): BytePipe {
  const bytes = kept<Uint8Array<ArrayBuffer>>()
  const { close, onClose } = portEnd(port)
  port.on('message', ({ data }) => {
    if (data instanceof Uint8Array && data.length <= most) bytes.push(alone(data))
    else close()
  })
  port.start()
  return {
    send: (message) => port.postMessage(alone(message)),
    onBytes: bytes.listen,
    onClose,
    close,
    // A message port doesn't tell.
    waiting: () => 0,
  }
}

/** In memory of their own, copied only where they are a part of more: cloning a part clones it all, and keeping one keeps it all. */
function alone(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length ? new Uint8Array(buffer) : new Uint8Array(bytes)
}
