import { contextBridge, ipcRenderer, webUtils } from 'electron'

/** The bridge's two ports to the core, of text and of bytes. Only functions and plain data cross it, so the port stays here. */
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

/** A file dropped on the page: its path goes to the core, and the page gets what stands for it. */
const give = (file: File) => ipcRenderer.invoke('give', webUtils.getPathForFile(file))

contextBridge.exposeInMainWorld('parley', { pipe: open('pipe'), bytePipe: open('byte-pipe'), give })
