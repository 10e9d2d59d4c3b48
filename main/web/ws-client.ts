import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { BytePipe, Pipe } from '../../protocol/app/pipe.ts'
import { wsBytePipe } from './byte-pipe.ts'
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

type Refusal = { ok: false; code: number }

function dial({ origin, path = '/pipe', headers }: Ask): { socket: WebSocket; refusal: Promise<Refusal> } {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, { headers: { origin, ...headers } })
  const refusal = new Promise<Refusal>((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve({ ok: false, code: response.statusCode ?? 0 })
      response.resume()
      socket.terminate()
    })
    socket.on('close', (code) => resolve({ ok: false, code }))
    socket.on('error', () => {})
  })
  return { socket, refusal }
}

const textOf = (first: unknown) => (typeof first === 'string' ? first : JSON.stringify(first))

/** Undefined with the close code (or HTTP status) where the host refuses. */
export async function openWindow(ask: Ask): Promise<{ ok: true; opened: Opened } | Refusal> {
  const { socket, refusal } = dial(ask)
  const greeting = (async () => {
    await once(socket, 'open')
    socket.send(textOf(ask.first))
    const [data] = (await once(socket, 'message')) as [Buffer]
    const { session } = JSON.parse(data.toString()) as { session: string }
    return { ok: true as const, opened: { pipe: wsPipe(socket), session, socket } }
  })()
  greeting.catch(() => {})
  return Promise.race([greeting, refusal])
}

/** A byte pipe, `/link` or `/bytes`: the host says nothing where it takes it. */
export async function openBytes(ask: Ask & { path: string }): Promise<{ pipe: BytePipe; socket: WebSocket; refusal: Promise<Refusal> }> {
  const { socket, refusal } = dial(ask)
  await Promise.race([once(socket, 'open').catch(() => {}), refusal])
  if (socket.readyState === socket.OPEN) socket.send(textOf(ask.first))
  return { pipe: wsBytePipe(socket), socket, refusal }
}
