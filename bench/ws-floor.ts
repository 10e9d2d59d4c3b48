import { createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { cpuTime, serveOrders } from './programs.ts'

/**
 * The yardstick of the server: a bare relay. It checks the same kind of signature over a challenge (keys imported once), parses a
 * head, forwards, and answers. It stores nothing, signs nothing, checks no shape, has no limits and judges nobody.
 */

const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

interface Peer { ws: WebSocket; addr: string; watchers: Set<Peer> }

type Message =
  | { t: 'hello' }
  | { t: 'auth'; addr: string; key: string; sig: string }
  | { t: 'presence.set'; q: number; state: string }
  | { t: 'presence.sub'; q: number; add: { addr: string }[] }
  | { t: 'mail.ack' | 'ping'; q: number }
  | { t: 'drop'; q: number; addr: string; cls: string }

const peers = new Map<string, Peer>()
const keys = new Map<string, KeyObject>()

function keyOf(raw: string): KeyObject {
  const known = keys.get(raw)
  if (known !== undefined) return known
  const made = createPublicKey({ key: Buffer.concat([SPKI, Buffer.from(raw, 'base64url')]), format: 'der', type: 'spki' })
  keys.set(raw, made)
  return made
}

function greet(ws: WebSocket) {
  let nonce: Buffer | undefined
  let peer: Peer | undefined
  let mailCount = 0
  const send = (message: object) => ws.send(JSON.stringify(message))

  function text(message: Message) {
    switch (message.t) {
      case 'hello':
        nonce = randomBytes(32)
        return send({ t: 'challenge', nonce: nonce.toString('base64url'), ts: Date.now() })
      case 'auth': {
        if (nonce === undefined || !verify(null, nonce, keyOf(message.key), Buffer.from(message.sig, 'base64url'))) return ws.close()
        peer = { ws, addr: message.addr, watchers: peers.get(message.addr)?.watchers ?? new Set() }
        peers.set(message.addr, peer)
        return send({ t: 'ready', addr: message.addr })
      }
      case 'presence.set': {
        const frame = Buffer.from(JSON.stringify({ t: 'presence', addr: peer!.addr, state: message.state }))
        send({ t: 'ok', q: message.q })
        for (const watcher of peer!.watchers) watcher.ws.send(frame, { binary: false })
        return
      }
      case 'presence.sub':
        for (const { addr } of message.add) peers.get(addr)?.watchers.add(peer!)
        return send({ t: 'ok', q: message.q })
      default:
        return send({ t: 'ok', q: message.q })
    }
  }

  function drop(data: Buffer) {
    const end = 2 + data.readUInt16BE()
    const { q, addr, cls } = JSON.parse(data.toString('latin1', 2, end)) as Extract<Message, { t: 'drop' }>
    const head = JSON.stringify({ t: 'mail', id: `${++mailCount}`.padStart(12, '0'), cls, at: Date.now() })
    const mail = Buffer.allocUnsafe(2 + head.length + data.length - end)
    mail.writeUInt16BE(head.length)
    mail.write(head, 2, 'latin1')
    data.copy(mail, 2 + head.length, end)
    peers.get(addr)?.ws.send(mail)
    send({ t: 'ok', q })
  }

  ws.on('message', (data: Buffer, isBinary) => (isBinary ? drop(data) : text(JSON.parse(data.toString()) as Message)))
  ws.on('error', () => undefined)
  ws.on('close', () => {
    if (peer !== undefined && peers.get(peer.addr) === peer) peers.delete(peer.addr)
  })
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, clientTracking: false })
server.on('connection', greet)
const listening = new Promise<void>((resolve) => server.once('listening', () => resolve()))

serveOrders(async ({ do: what }) => {
  if (what === 'start') {
    await listening
    return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, name: 'bare.parley' }
  }
  if (what === 'cpu') return cpuTime()
  globalThis.gc?.()
  return process.memoryUsage().rss
})
