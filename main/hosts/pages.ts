import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The built windows: out/renderer and nothing beside it. */
export interface Page {
  body: Uint8Array<ArrayBuffer>
  type: string
}

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  json: 'application/json',
}

/** One or more names of letters, digits, dash, underscore and inner dots: no `..`, no escapes, no other separators. */
const NAME = String.raw`[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*`
const PATH = new RegExp(`^(?:/${NAME})+$`)

/** `/` is the window, everything else a file of a known type. Undefined for what isn't there. */
export function createPages(root: string): (path: string) => Promise<Page | undefined> {
  return async (path) => {
    const name = path === '/' ? '/index.html' : path
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]
    if (!PATH.test(name) || type === undefined) return undefined
    try {
      return { body: new Uint8Array(await readFile(join(root, name))), type }
    } catch {
      return undefined
    }
  }
}

/** [architecture] What a page may load. Electron's pages speak through the preload and need no connection at all. */
const policy = (connect: string, frames: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src ${connect}; ` +
  `frame-src ${frames}; frame-ancestors ${frames}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`

const always = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // A page of an earlier build would speak to a core of this one.
  'Cache-Control': 'no-store',
}

export const webHeaders: Readonly<Record<string, string>> = { 'Content-Security-Policy': policy("'self'", "'self'"), ...always }
export const electronHeaders: Readonly<Record<string, string>> = { 'Content-Security-Policy': policy("'none'", "'none'"), ...always }
