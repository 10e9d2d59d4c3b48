import { readFileSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { MAX_WS_MESSAGE } from '../protocol/limits.ts'
import { addressCut, addressKey, clientAddress, parseRange } from './addresses.ts'
import type { News } from './backplane/backplane.ts'
import { every } from './clock.ts'
import { type Connection, createConnection } from './connection.ts'
import { StartRefusal } from './refusal.ts'
import type { Context } from './requests/context.ts'
import { deliver } from './requests/mailbox.ts'
import { takeAll } from './rates.ts'
import { unreachable } from './session.ts'
import type { Tick } from './tick.ts'
import type { Limits } from './settings.ts'

/** The edge: sockets in, connections out. It knows addresses and limits, and nothing of what is said. */

export interface TlsFiles { certFile: string; keyFile: string }

/** An HTTP server with our limits that listens, and answers nothing yet. Whoever gets the port is the server. */
export async function listen({ host, port, tls, limits }: { host: string; port: number; tls: TlsFiles | undefined; limits: Limits }): Promise<Server> {
  const options = {
    headersTimeout: limits.headersMs, requestTimeout: limits.headersMs, keepAliveTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkConnectionsMs,
  }
  const http = tls === undefined ? createHttp(options) : createHttps({ ...options, ...readTls(tls), minVersion: 'TLSv1.3', handshakeTimeout: limits.headersMs })
  http.maxConnections = limits.connections
  await new Promise<void>((done, fail) => {
    http.once('error', (error) => fail(listenRefusal(error, host, port)))
    http.listen({ host, port }, done)
  })
  return http
}

function readTls({ certFile, keyFile }: TlsFiles) {
  try {
    return { cert: readFileSync(certFile), key: readFileSync(keyFile) }
  } catch (error) {
    const { path, code } = error as NodeJS.ErrnoException
    throw new StartRefusal('bad-setting', `The certificate or its key can’t be read: ${path} (${code}).`)
  }
}

function listenRefusal(error: NodeJS.ErrnoException, host: string, port: number): StartRefusal {
  if (error.code === 'EADDRINUSE') return new StartRefusal('port-taken', `Another program uses port ${port} on ${host}.`)
  return new StartRefusal('bad-setting', `Can’t listen on ${host}, port ${port} (${error.code}).`)
}

export interface Deps {
  http: Server
  context: Context
  tick: Tick
  /** [S24] Whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[]
}

/** How often silence is looked for and what has run out is forgotten. */
const SWEEP_MS = 1000
const PRUNE_MS = 60_000
/** A peer has so long to answer our closing handshake. */
const CLOSE_MS = 2000

export function serve({ http, context, tick, trustedProxies }: Deps) {
  const { clock, limits, rates, log, lives, store } = context
  const ranges = trustedProxies.map((range) => parseRange(range)!)
  const isProxy = (ip: string) => ranges.some((includes) => includes(ip))
  const connections = new Set<Connection>()
  const sockets = new Set<Socket>()
  let connectionCount = 0
  let isClosing = false

  // [S1] The limit of ws itself is 100 MiB, and compression costs 340 KiB a client.
  // (closeTimeout is newer than its types, hence the name.)
  const wsOptions = { noServer: true, maxPayload: MAX_WS_MESSAGE, perMessageDeflate: false, clientTracking: false, closeTimeout: CLOSE_MS }
  const upgrader = new WebSocketServer(wsOptions)

  const onRequest: RequestListener = (request, response) => {
    const isHealth = request.method === 'GET' && request.url === '/healthz'
    response.writeHead(isHealth ? 200 : 404, { 'content-type': 'application/json', connection: 'close' })
    response.end(isHealth ? '{"ok":true}\n' : '{"ok":false}\n')
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    socket.on('error', () => socket.destroy())
    const ip = clientAddress(request.socket.remoteAddress ?? '', header(request, 'x-forwarded-for'), isProxy)
    const address = addressKey(ip)
    const refusal = refusalOf(request, address)
    if (refusal !== undefined) {
      log('refused', { status: refusal.status, address: addressCut(ip) })
      socket.end(`HTTP/1.1 ${refusal.status}\r\nconnection: close\r\n${refusal.after === undefined ? '' : `retry-after: ${refusal.after}\r\n`}content-length: 0\r\n\r\n`)
      return
    }
    upgrader.handleUpgrade(request, socket, head, (ws) => {
      const connection: Connection = createConnection({
        context, tick, ws, id: ++connectionCount, address,
        onClosed: () => void connections.delete(connection),
      })
      connections.add(connection)
    })
  }

  /** Refused before anything was verified or remembered. */
  function refusalOf(request: IncomingMessage, address: string | undefined): { status: string; after?: number } | undefined {
    if (isClosing || connections.size >= limits.connections) return { status: '503 Service Unavailable', after: 1 }
    // Only a browser sends it: no page anywhere may speak to a server on this machine through the user's browser.
    if (header(request, 'origin') !== undefined) return { status: '403 Forbidden' }
    const after = takeAll([rates.connect, address])
    return after > 0 ? { status: '429 Too Many Requests', after } : undefined
  }

  function hear(news: News) {
    const live = lives.get(news.account)
    switch (news.t) {
      case 'session': return live !== undefined && live.session !== news.session ? live.bye('replaced') : undefined
      case 'mail': return live === undefined ? undefined : deliver(context, live, news.mail)
      case 'presence': return context.presence.set(news.account, news.addr, news.presence, news.rv)
      case 'rules': return context.presence.rejudge(news.account)
      case 'ended': return live?.bye(news.code)
      default: return unreachable(news)
    }
  }

  function prune() {
    const now = clock.now()
    rates.prune()
    context.recent.prune()
    context.signals.prune()
    tick.add({
      run() {
        store.mail.prune(now)
        store.keys.prune(now)
        store.codes.prune(now)
        store.accounts.prune(now)
        return { answer: () => {} }
      },
      fail: () => {},
    })
  }

  http.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  http.on('request', onRequest)
  http.on('upgrade', onUpgrade)
  const leaveBackplane = context.backplane.join(hear)
  const stopSweep = every(clock, SWEEP_MS, () => {
    for (const connection of connections) connection.closeIfSilent()
  })
  const stopPrune = every(clock, PRUNE_MS, prune)

  return {
    port: (http.address() as AddressInfo).port,
    /** Says goodbye to everyone and gives up the port last, so that whoever waits for it finds the folder free. */
    async close(free: () => void) {
      isClosing = true
      stopSweep()
      stopPrune()
      tick.close()
      for (const connection of connections) connection.end('unavailable', 1)
      leaveBackplane()
      context.presence.close()
      await ended(sockets)
      // Closing sockets may have left jobs.
      tick.close()
      free()
      await new Promise<void>((done) => http.close(() => done()))
    },
  }
}

const header = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** What was said is still sent; who does not take it within a second is cut. */
async function ended(sockets: Set<Socket>) {
  const all = [...sockets]
  const closed = Promise.all(all.map((socket) => new Promise((done) => socket.once('close', done))))
  for (const socket of all) socket.destroySoon()
  const timer = setTimeout(() => all.forEach((socket) => socket.destroy()), 1000)
  await closed
  clearTimeout(timer)
}
