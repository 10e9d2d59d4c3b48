import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { WebSocket, WebSocketServer } from 'ws'
import { openStore } from '../main/store/open.ts'
import { serveOrders } from './programs.ts'

/** One end of the barest messenger of Parley's shape: a page that holds a data channel, and a program that commits one row before it says anything. */

export interface BareEnd { url: string; commit(): void; send(bytes: Uint8Array): void; onMessage(listener: () => void): void; close(): void }

export async function openBareEnd(dir: string): Promise<BareEnd> {
  const db = openStore({
    file: join(dir, 'bare-end.db'), key: randomBytes(32),
    migrations: [{ version: 1, sql: 'CREATE TABLE items (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;' }],
  })
  const add = db.prepare('INSERT INTO items (body) VALUES (?)')
  const http = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<!doctype html><title>bare</title>')).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
  let page: WebSocket | undefined
  let listener = () => undefined as void
  sockets.on('connection', (socket) => {
    page = socket
    socket.on('message', () => listener())
  })
  return {
    url: `http://127.0.0.1:${(http.address() as { port: number }).port}/`,
    commit: () => void add.run('see you at six '.repeat(4)),
    send: (bytes) => page?.send(bytes),
    onMessage: (to) => void (listener = to),
    close() {
      page?.terminate()
      http.close()
      db.close()
    },
  }
}

// The other end, in a process of its own: committed, then answered.
if (process.argv[1] === import.meta.filename) {
  let end: BareEnd | undefined
  serveOrders(async ({ dir, back }) => {
    end = await openBareEnd(String(dir))
    end.onMessage(() => {
      end!.commit()
      end!.send(new Uint8Array(Number(back)))
    })
    return { url: end.url }
  })
}
