import type { IpcMainEvent, WebContents } from 'electron'
import type { BytePipe, Pipe } from '../../protocol/app/pipe.ts'
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
}

/** [H8] A port is taken only from the main frame of one of our own windows, at our own origin, and of the right kind. All else is closed. */
export function acceptPipes({ electron, isWindow, linkRoutes, onWindow, onLinkPage }: Deps): void {
  electron.ipcMain.on('pipe', (event) => {
    const port = portOf(event, isWindow)
    if (port !== undefined) onWindow(portPipe(port))
  })
  electron.ipcMain.on('byte-pipe', (event) => {
    const routes = linkRoutes(event.sender)
    const port = portOf(event, () => routes !== undefined)
    if (port !== undefined && routes !== undefined) onLinkPage(portBytePipe(port), [routes])
  })
}

function portOf({ ports, sender, senderFrame }: IpcMainEvent, isRightKind: (contents: WebContents) => boolean) {
  const isOurs = senderFrame !== null && senderFrame === sender.mainFrame && senderFrame.origin === ORIGIN && isRightKind(sender)
  if (isOurs && ports.length === 1) return ports[0]
  for (const port of ports) port.close()
  return undefined
}
