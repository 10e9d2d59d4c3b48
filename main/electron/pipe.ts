import type { MessagePortMain } from 'electron'
import { kept, type Pipe } from '../../protocol/app/pipe.ts'

/** A window's pipe over the message port that its preload made. Anything but text is malformed [H5]. */
export function portPipe(port: MessagePortMain): Pipe {
  const text = kept<string>()
  const { close, onClose } = portEnd(port)
  port.on('message', ({ data }) => {
    if (typeof data === 'string') text.push(data)
    else close()
  })
  port.start()
  return { send: (message) => port.postMessage(message), onText: text.listen, onClose, close }
}

/** A port that is closed from here tells only the other side; whoever listens here hears it too, once. */
export function portEnd(port: MessagePortMain) {
  const closed = kept<undefined>()
  let isOpen = true
  const end = () => {
    if (!isOpen) return
    isOpen = false
    queueMicrotask(() => closed.push(undefined))
  }
  port.on('close', end)
  return {
    onClose: (listener: () => void) => closed.listen(listener),
    close() {
      port.close()
      end()
    },
  }
}
