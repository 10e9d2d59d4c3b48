import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Pipe } from '../../protocol/app/pipe.ts'
import { wsPipe } from './pipe.ts'

/** What a window of the web host does at first, for tests: shows its token or session and takes the session it gets. */
export interface Opened { pipe: Pipe; session: string; socket: WebSocket }

interface Ask {
  /** `http://127.0.0.1:PORT` */
  origin: string
  path?: string
  headers?: Record<string, string>
  first: unknown
}

/** Undefined with the close code (or HTTP status) where the host refuses. */
export async function openWindow(ask: Ask): Promise<{ ok: true; opened: Opened } | { ok: false; code: number }> {
  const socket = new WebSocket(`${ask.origin.replace('http', 'ws')}${ask.path ?? '/pipe'}`, { headers: { origin: ask.origin, ...ask.headers } })
  const refusal = new Promise<{ ok: false; code: number }>((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve({ ok: false, code: response.statusCode ?? 0 })
      response.resume()
      socket.terminate()
    })
    socket.on('close', (code) => resolve({ ok: false, code }))
    socket.on('error', () => {})
  })
  const greeting = (async () => {
    await once(socket, 'open')
    socket.send(typeof ask.first === 'string' ? ask.first : JSON.stringify(ask.first))
    const [data] = (await once(socket, 'message')) as [Buffer]
    const { session } = JSON.parse(data.toString()) as { session: string }
    return { ok: true as const, opened: { pipe: wsPipe(socket), session, socket } }
  })()
  greeting.catch(() => {})
  return Promise.race([greeting, refusal])
}
