import { contextBridge, ipcRenderer } from 'electron'

/** The whole bridge: a message port to the core, of text or of bytes. Only functions and plain data cross it, so the port stays here. */
const open = (kind: 'pipe' | 'byte-pipe') => () => {
  const { port1, port2 } = new MessageChannel()
  let onClose = () => {}
  ipcRenderer.postMessage(kind, null, [port2])
  port1.addEventListener('close', () => onClose())
  const listen = (listener: (message: never) => void) => void (port1.onmessage = ({ data }) => listener(data as never))
  const close = () => {
    port1.close()
    onClose()
  }
  return { send: (message: unknown) => port1.postMessage(message), onText: listen, onBytes: listen, onClose: (listener: () => void) => void (onClose = listener), close, waiting: () => 0 }
}

contextBridge.exposeInMainWorld('parley', { pipe: open('pipe'), bytePipe: open('byte-pipe') })
