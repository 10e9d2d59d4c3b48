import { isAbsolute } from 'node:path'
import type { WebContents } from 'electron'
import type { App, Ports } from '../ports.ts'
import type { Electron } from './electron.ts'
import { isOurs } from './pipes.ts'

/** PATH_MAX of Linux, and more than the others take. */
const MAX_PATH = 4_096

interface Deps {
  electron: Pick<Electron, 'ipcMain'>
  isWindow(contents: WebContents): boolean
  give: App['give']
  log: Ports['log']
}

/**
 * A file dropped on a window: its preload names the path, the page gets what stands for it (ADR 7). [H8] Anything else is answered
 * like a file that can't be sent, so that it tells nothing.
 */
export function acceptGiven({ electron, isWindow, give, log }: Deps): void {
  electron.ipcMain.handle('give', async (event, path: unknown) => {
    if (!isOurs(event, isWindow) || typeof path !== 'string' || path.length > MAX_PATH || !isAbsolute(path)) return undefined
    return give(path).catch((error: unknown) => {
      // An error would cross with its message, and that may hold the path.
      log('bug', { name: error instanceof Error ? error.name : 'unknown' })
      return undefined
    })
  })
}
