import { type BytePipe, kept, type Pipe } from '../protocol/app/pipe.ts'
import type { Pick } from '../protocol/app/views.ts'
import { openByteSocket, REFUSED, SESSION } from './link/byte-socket.ts'

/** The one file that knows which host this is. */

declare global {
  interface Window {
    /** Exposed by the preload in Electron. */
    parley?: {
      pipe(): Pipe
      bytePipe(): BytePipe
      /** The path of a dropped file goes to the core, never to the window. Undefined: it has none, as a pasted picture. */
      give(file: File): Promise<Pick | undefined>
    }
  }
}

/** Electron has its own hidden link window; in a browser one of our pages holds the link page. */
export const holdsLinkPage = window.parley === undefined
/** A browser's page can come back to a core that is still there. */
export const canReconnect = window.parley === undefined
/** Who asks before the last window goes: a browser does it itself, and on macOS closing a window ends nothing. */
export const asksAtClosing: 'browser' | 'parley' | 'nobody' =
  window.parley === undefined ? 'browser' : /Mac/.test(navigator.userAgent) ? 'nobody' : 'parley'

/** Undefined: the address was used already, or is too old. */
export function openPipe(): Promise<Pipe | undefined> {
  return window.parley ? Promise.resolve(window.parley.pipe()) : openSocket()
}

/** For the bytes of files and pictures; opened when it is needed first. */
export const openBytePipe = (): Promise<BytePipe> => (window.parley ? Promise.resolve(window.parley.bytePipe()) : openBytes())

/** What the core knows a dropped file by, where this host can tell; else its bytes have to go over the pipe. */
export const givePath = (file: File): Promise<Pick | undefined> => (window.parley ? window.parley.give(file) : Promise.resolve(undefined))

let token = takeToken()

/** The token leaves the address bar, the history and this variable as soon as it was used. */
function takeToken(): string | undefined {
  const found = location.hash.slice(1)
  if (found === '') return undefined
  history.replaceState(null, '', location.pathname + location.search)
  return found
}

function openSocket(): Promise<Pipe | undefined> {
  const session = sessionStorage.getItem(SESSION)
  const hello = token ? { token } : { session: session ?? '' }
  token = undefined
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/pipe`)
    const text = kept<string>()
    const closed = kept<undefined>()
    let isOpen = false
    socket.onopen = () => socket.send(JSON.stringify(hello))
    socket.onmessage = ({ data }) => {
      if (isOpen) return text.push(String(data))
      isOpen = true
      sessionStorage.setItem(SESSION, (JSON.parse(String(data)) as { session: string }).session)
      resolve({
        send: (message) => socket.send(message),
        onText: text.listen,
        onClose: (listener) => closed.listen(listener),
        close: () => socket.close(),
      })
    }
    socket.onclose = ({ code }) => {
      if (isOpen) closed.push(undefined)
      else if (code === REFUSED) resolve(undefined)
      else resolve(closedPipe())
    }
  })
}

function openBytes(): Promise<BytePipe> {
  return new Promise((resolve) => {
    const settle = () => resolve(pipe)
    const pipe = openByteSocket('/bytes', { onOpen: settle, onClosed: settle })
  })
}

/** The core is not there: a pipe that is closed from the start. */
const closedPipe = (): Pipe => ({ send() {}, onText() {}, onClose: (listener) => queueMicrotask(listener), close() {} })
