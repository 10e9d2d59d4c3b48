import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { BytePipe, Pipe } from '../../protocol/app/pipe.ts'
import { MAX_PIPE_TEXT } from '../../protocol/limits.ts'
import { MAX_LINK_BYTES, MAX_WINDOW_BYTES } from '../hosts/byte-limits.ts'
import { createPages, webHeaders } from '../hosts/pages.ts'
import { wsBytePipe } from './byte-pipe.ts'
import { wsPipe } from './pipe.ts'
import type { Sessions } from './sessions.ts'

/** A window that has not said who it is by then is not one of ours. */
const SAY_WHO_WITHIN = 5_000
/** Closed: neither an unused token nor a session. */
const NOT_OURS = 4401

interface Deps {
  /** out/renderer */
  root: string
  /** 0: any free port. */
  port: number
  sessions: Sessions
  onWindow(pipe: Pipe): void
  onLinkPage(pipe: BytePipe): void
  onWindowBytes(pipe: BytePipe): void
  /** So many windows are open now. */
  onCount(windows: number): void
}

/**
 * The web host's edge, on 127.0.0.1 only. A page of another origin can reach this port, so: the Host header must be our own address
 * (a name rebound to 127.0.0.1 isn't), the Origin of a WebSocket too, and no pipe opens without a secret [H8].
 */
export async function startServer(deps: Deps) {
  const pages = createPages(deps.root)
  const server = createServer((request, response) => void answer(request, response))
  server.requestTimeout = 5_000
  server.headersTimeout = 5_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(deps.port, '127.0.0.1', resolve)
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const origin = `http://${host}`
  const paths = {
    '/pipe': { sockets: accept(MAX_PIPE_TEXT), greet: greetWindow },
    '/link': { sockets: accept(MAX_LINK_BYTES), greet: (ws: WebSocket) => greetBytes(ws, deps.onLinkPage) },
    '/bytes': { sockets: accept(MAX_WINDOW_BYTES), greet: (ws: WebSocket) => greetBytes(ws, deps.onWindowBytes) },
  }
  let windows = 0

  async function answer(request: IncomingMessage, response: ServerResponse) {
    for (const [name, value] of Object.entries(webHeaders)) response.setHeader(name, value)
    if (request.headers.host !== host) return response.writeHead(421).end()
    if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end()
    const page = await pages((request.url ?? '').split('?')[0]!)
    if (page === undefined) return response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': page.type, 'Content-Length': page.body.length })
    return response.end(request.method === 'HEAD' ? undefined : page.body)
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const { host: asked, origin: from } = request.headers
    const path = request.url ?? ''
    if (asked !== host || from !== origin || !Object.hasOwn(paths, path)) {
      return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    }
    const { sockets, greet } = paths[path as keyof typeof paths]
    sockets.handleUpgrade(request, socket, head, (ws) => {
      // ws has closed it already [H4]; without a listener the process would end.
      ws.on('error', () => {})
      greet(ws)
    })
  })

  function greetWindow(ws: WebSocket) {
    firstMessage(ws, ({ token, session }) => {
      const known = typeof session === 'string' && deps.sessions.isSession(session) ? session : undefined
      const granted = known ?? (typeof token === 'string' ? deps.sessions.trade(token) : undefined)
      if (granted === undefined) return ws.close(NOT_OURS)
      const pipe = wsPipe(ws)
      ws.send(JSON.stringify({ session: granted }))
      deps.onCount(++windows)
      ws.on('close', () => deps.onCount(--windows))
      deps.onWindow(pipe)
    })
  }

  /** A session only: the window that has it came first. */
  function greetBytes(ws: WebSocket, onPipe: (pipe: BytePipe) => void) {
    firstMessage(ws, ({ session }) => {
      if (typeof session !== 'string' || !deps.sessions.isSession(session)) return ws.close(NOT_OURS)
      onPipe(wsBytePipe(ws))
    })
  }

  return {
    origin,
    /** Closes every pipe and the port. */
    async close() {
      for (const { sockets } of Object.values(paths)) for (const ws of sockets.clients) ws.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const accept = (maxPayload: number) => new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false })

function firstMessage(ws: WebSocket, onFirst: (message: Record<string, unknown>) => void): void {
  const timer = setTimeout(() => ws.close(NOT_OURS), SAY_WHO_WITHIN)
  ws.once('close', () => clearTimeout(timer))
  ws.once('message', (data, isBinary) => {
    clearTimeout(timer)
    const message = isBinary ? undefined : readObject(data.toString())
    if (message === undefined) ws.close(NOT_OURS)
    else onFirst(message)
  })
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
