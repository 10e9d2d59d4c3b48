import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'

/**
 * A server that cheats: a real one behind a proxy that reads and changes what passes. It has the real one's name and key, as a
 * seized server has; what it can't do is open or sign anything.
 */

export type Message = { text: Record<string, unknown> } | { head: Record<string, unknown>; envelope: Buffer }

export interface Hooks {
  /** Gives what is passed on: the same, something else, several, or nothing. */
  toClient?: (message: Message) => Message[]
  toServer?: (message: Message) => Message[]
}

export interface HostileServer { url: string; hooks: Hooks; close(): Promise<void> }

export async function startHostileServer(realUrl: string): Promise<HostileServer> {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
  const self: HostileServer = {
    url: '', hooks: {},
    close: () => new Promise((resolve) => {
      for (const client of sockets.clients) client.terminate()
      sockets.close(() => http.close(() => resolve()))
    }),
  }
  sockets.on('connection', (client) => {
    const real = new WebSocket(realUrl, { perMessageDeflate: false })
    const early: (() => void)[] = []
    const pass = (to: WebSocket, which: keyof Hooks) => (data: Buffer, isBinary: boolean) => {
      const message = read(data, isBinary)
      for (const one of self.hooks[which]?.(message) ?? [message]) {
        const send = () => to.send(write(one), { binary: 'head' in one })
        if (to.readyState === WebSocket.OPEN) send()
        else early.push(send)
      }
    }
    client.on('message', pass(real, 'toServer'))
    real.on('open', () => early.splice(0).forEach((send) => send()))
    real.on('message', pass(client, 'toClient'))
    real.on('close', () => client.close())
    client.on('close', () => real.close())
    real.on('error', () => client.terminate())
    client.on('error', () => real.terminate())
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  self.url = `ws://127.0.0.1:${(http.address() as { port: number }).port}`
  return self
}

function read(data: Buffer, isBinary: boolean): Message {
  if (!isBinary) return { text: JSON.parse(data.toString()) as Record<string, unknown> }
  const length = data.readUInt16BE(0)
  return { head: JSON.parse(data.subarray(2, 2 + length).toString()) as Record<string, unknown>, envelope: Buffer.from(data.subarray(2 + length)) }
}

function write(message: Message): Buffer {
  if ('text' in message) return Buffer.from(JSON.stringify(message.text))
  const head = Buffer.from(JSON.stringify(message.head))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(head.length)
  return Buffer.concat([length, head, message.envelope])
}
