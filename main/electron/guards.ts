import type { Session, WebContents } from 'electron'
import type { Electron } from './electron.ts'
import { outsideLink } from './outside.ts'
import { ORIGIN } from './pages.ts'

/** What no page may do, whatever runs in it: go elsewhere, open a window, embed one, ask for a device, download. */
export function guardContents(contents: WebContents, { electron, isLinkPage }: { electron: Pick<Electron, 'app' | 'shell'>; isLinkPage: (contents: WebContents) => boolean }): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    // The window has shown where the link leads and was told to open it; a page of the system's browser does the rest.
    const link = isLinkPage(contents) ? undefined : outsideLink(url)
    if (link !== undefined) void electron.shell.openExternal(link)
    return { action: 'deny' }
  })
  // `devTools: false` keeps them shut; this holds also where a menu or an extension asks.
  if (electron.app.isPackaged) contents.on('devtools-opened', () => contents.closeDevTools())
}

/** The one thing a page asks the browser for: *Copy link*. */
const COPY = 'clipboard-sanitized-write'

export function guardSession(session: Session): void {
  const mayCopy = (permission: string, from: string) => permission === COPY && from.startsWith(ORIGIN)
  session.setPermissionRequestHandler((contents, permission, answer) => answer(mayCopy(permission, contents.getURL())))
  session.setPermissionCheckHandler((_contents, permission, origin) => mayCopy(permission, origin))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler(null)
  session.on('will-download', (event) => event.preventDefault())
}
