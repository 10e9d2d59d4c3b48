import { createPages, electronHeaders } from '../hosts/pages.ts'
import type { Electron } from './electron.ts'

/** Our own scheme instead of file: pages have an origin, a policy as a header, and nothing of the disk beside them. */
export const SCHEME = 'app'
export const ORIGIN = `${SCHEME}://parley`

/** Before Electron is ready. */
export function registerScheme({ protocol }: Pick<Electron, 'protocol'>): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

/** Serves out/renderer and nothing else. */
export function servePages({ protocol }: Pick<Electron, 'protocol'>, root: string): void {
  const pages = createPages(root)
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url)
    if (url.host !== 'parley' || request.method !== 'GET') return new Response(null, { status: 403, headers: electronHeaders })
    const page = await pages(url.pathname)
    if (page === undefined) return new Response(null, { status: 404, headers: electronHeaders })
    return new Response(page.body, { headers: { ...electronHeaders, 'Content-Type': page.type } })
  })
}
