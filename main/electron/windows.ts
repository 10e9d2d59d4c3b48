import type { BrowserWindow, BrowserWindowConstructorOptions, WebContents, WebPreferences } from 'electron'
import type { Ik } from '../../protocol/ids.ts'
import type { Routes, Windows } from '../ports.ts'
import type { Electron } from './electron.ts'
import { ORIGIN } from './pages.ts'

interface Deps {
  electron: Pick<Electron, 'app' | 'BrowserWindow'>
  /** out/preload/index.cjs */
  preload: string
  platform: NodeJS.Platform
  /** The last window closed; the hidden link page doesn't count. */
  onAllClosed(): void
}

/** Pages have no Node and no way out but the three functions of the preload. */
export function webPreferences({ electron, preload, platform }: Pick<Deps, 'electron' | 'preload' | 'platform'>): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    // Only macOS checks with what the system has; elsewhere Chromium would fetch dictionaries from its maker.
    spellcheck: platform === 'darwin',
    devTools: !electron.app.isPackaged,
  }
}

const LINK_PAGE = `${ORIGIN}/link/link.html`
const POLICY = { default: 'default_public_interface_only', all: 'default_public_and_private_interfaces' } as const satisfies Record<Routes, string>

export function createWindows(deps: Deps) {
  const open = new Set<BrowserWindow>()
  const popOuts = new Map<Ik, BrowserWindow>()
  let main: BrowserWindow | undefined
  const linkPages = new Map<Routes, BrowserWindow>()

  function create(options: BrowserWindowConstructorOptions, query: string): BrowserWindow {
    const window = new deps.electron.BrowserWindow({
      title: 'Parley', minWidth: 320, minHeight: 480, show: false, autoHideMenuBar: true, webPreferences: webPreferences(deps), ...options,
    })
    open.add(window)
    window.once('ready-to-show', () => window.show())
    window.on('closed', () => {
      open.delete(window)
      if (open.size === 0) deps.onAllClosed()
    })
    void window.loadURL(`${ORIGIN}/index.html${query}`)
    return window
  }

  function showMain() {
    if (main !== undefined) return bringToFront(main)
    main = create({ width: 1080, height: 760 }, '')
    main.on('closed', () => (main = undefined))
  }

  /** [L6] A hidden page with WebRTC: never throttled, and it shows these routes only. One that died is made anew. */
  function openLinkPage(routes: Routes) {
    if (linkPages.has(routes)) return
    const page = new deps.electron.BrowserWindow({
      show: false, skipTaskbar: true, title: 'Parley links', webPreferences: { ...webPreferences(deps), backgroundThrottling: false, spellcheck: false },
    })
    linkPages.set(routes, page)
    page.webContents.setWebRTCIPHandlingPolicy(POLICY[routes])
    page.webContents.on('render-process-gone', () => void page.loadURL(LINK_PAGE))
    void page.loadURL(LINK_PAGE)
  }

  const port: Windows = {
    popOut(ik) {
      const there = popOuts.get(ik)
      if (there !== undefined) bringToFront(there)
      else {
        const window = create({ width: 480, height: 640 }, `?chat=${encodeURIComponent(ik)}`)
        popOuts.set(ik, window)
        window.on('closed', () => popOuts.delete(ik))
      }
      return undefined
    },
    focus: showMain,
    openLinkPage,
    quit: () => deps.electron.app.quit(),
  }

  return {
    port,
    showMain,
    closeLinkPages() {
      for (const page of linkPages.values()) page.destroy()
    },
    isWindow: (contents: WebContents) => [...open].some((window) => window.webContents === contents),
    linkRoutes: (contents: WebContents) => [...linkPages].find(([, page]) => page.webContents === contents)?.[0],
  }
}

function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
