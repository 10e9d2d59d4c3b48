import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron'
import type { BytePipe, Pipe } from '../../protocol/app/pipe.ts'
import { MAX_LINK_BYTES, MAX_WINDOW_BYTES } from '../hosts/byte-limits.ts'
import type { Routes } from '../ports.ts'
import { portBytePipe } from './byte-pipe.ts'
import type { Electron } from './electron.ts'
import { ORIGIN } from './pages.ts'
import { portPipe } from './pipe.ts'

interface Deps {
  electron: Pick<Electron, 'ipcMain'>
  isWindow(contents: WebContents): boolean
  /** The routes that this link page serves; undefined where it is none. */
  linkRoutes(contents: WebContents): Routes | undefined
  onWindow(pipe: Pipe): void
  onLinkPage(pipe: BytePipe, serves: readonly Routes[]): void
  onWindowBytes(pipe: BytePipe): void
}

/** [H8] A port is taken only from the main frame of one of our own windows, at our own origin, and of the right kind. All else is closed. */
export function acceptPipes({ electron, isWindow, linkRoutes, onWindow, onLinkPage, onWindowBytes }: Deps): void {
  electron.ipcMain.on('pipe', (event) => {
    const port = portOf(event, isWindow)
    if (port !== undefined) onWindow(portPipe(port))
  })
  electron.ipcMain.on('byte-pipe', (event) => {
    const routes = linkRoutes(event.sender)
    const port = portOf(event, (contents) => routes !== undefined || isWindow(contents))
    if (port === undefined) return
    if (routes === undefined) onWindowBytes(portBytePipe(port, MAX_WINDOW_BYTES))
    else onLinkPage(portBytePipe(port, MAX_LINK_BYTES), [routes])
  })
}

/** [H8] From the main frame of a page of the right kind, at our own origin. */
export function isOurs({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent, isRightKind: (contents: WebContents) => boolean): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && senderFrame.origin === ORIGIN && isRightKind(sender)
}

function portOf(event: IpcMainEvent, isRightKind: (contents: WebContents) => boolean) {
  const { ports } = event
  if (isOurs(event, isRightKind) && ports.length === 1) return ports[0]
  for (const port of ports) port.close()
  return undefined
}
