import type { MessagePortMain } from 'electron'
import { type BytePipe, kept } from '../../protocol/app/pipe.ts'
import { portEnd } from './pipe.ts'

/** The link page's pipe. Bytes are cloned: what stands in a transfer list is lost between Electron's processes. */
export function portBytePipe(port: MessagePortMain): BytePipe {
  const bytes = kept<Uint8Array<ArrayBuffer>>()
  const { close, onClose } = portEnd(port)
  port.on('message', ({ data }) => {
    if (data instanceof Uint8Array) bytes.push(new Uint8Array(data))
    else close()
  })
  port.start()
  return {
    // A copy: cloning a part of a larger buffer would clone it all.
    send: (message) => port.postMessage(new Uint8Array(message)),
    onBytes: bytes.listen,
    onClose,
    close,
    // A message port doesn't tell.
    waiting: () => 0,
  }
}
