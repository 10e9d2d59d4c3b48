import { createServer, connect as dialTcp, type Server, type Socket } from 'node:net'
import type { FromPage, ToPage } from '../../protocol/app/link.ts'
import { type Bytes, concat, toB64, u32be } from '../../protocol/wire/bytes.ts'
import { sha256 } from '../identity/crypto.ts'
import type { LinkDriver } from './driver.ts'
import { readSdp, writeSdp } from './sdp.ts'

/** What a message belongs to, its first byte. */
const CTL = 0
const BULK = 1
const framed = (channel: number, bytes: Bytes) => concat(u32be(bytes.length + 1), Uint8Array.of(channel), bytes)

/**
 * The TCP twin of the link page: the same messages, the same descriptions and proofs, over loopback sockets instead of WebRTC.
 * With it cores talk, and are killed, without a browser. A "certificate" is random bytes, shown in clear as DTLS shows its own.
 */
export function createTcpDriver(random: (n: number) => Bytes): LinkDriver {
  let onMessage: (message: FromPage) => void = () => undefined
  const links = new Map<number, Link>()
  /** `sent`: bytes of `bulk` that have gone into the socket. */
  interface Link { sent: number; der: Bytes; initiator: boolean; server?: Server; socket?: Socket; hasRemote: boolean; theirs?: Bytes; isUp: boolean; held: Buffer }

  function finish(number: number, why: string) {
    const link = links.get(number)
    if (link === undefined) return
    links.delete(number)
    link.server?.close()
    link.socket?.destroy()
    onMessage({ kind: 'closed', link: number, why })
  }

  const describe = (link: Link, port: number) =>
    writeSdp({
      fp: toB64(sha256(link.der)), u: 'tcpt', p: 'tcptwintcptwintcptwintcp', setup: link.initiator ? 'actpass' : 'active', mms: 262_144,
      c: port === 0 ? [] : [{ ip: '127.0.0.1', port, typ: 'host', pri: 1, f: '1' }],
    })
  const announce = (number: number, link: Link, port: number) =>
    onMessage({
      kind: 'local', link: number, type: link.initiator ? 'offer' : 'answer', sdp: describe(link, port),
      fp: Buffer.from(sha256(link.der)).toString('hex'), iceServers: [],
    })

  function wire(number: number, link: Link, socket: Socket) {
    link.socket = socket
    socket.setNoDelay(true)
    socket.write(concat(u32be(link.der.length), link.der))
    socket.on('data', (data) => {
      link.held = link.held.length === 0 ? data : Buffer.concat([link.held, data])
      read(number, link)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => finish(number, 'closed'))
  }

  /** The certificate first; frames only once the link is up, as a data channel gives none before it is open. */
  function read(number: number, link: Link) {
    while (link.held.length >= 4 && link.held.length >= 4 + link.held.readUInt32BE(0)) {
      if (link.theirs !== undefined && !link.isUp) return
      const length = link.held.readUInt32BE(0)
      const bytes = Uint8Array.from(link.held.subarray(4, 4 + length))
      link.held = link.held.subarray(4 + length)
      if (link.isUp) onMessage({ kind: bytes[0] === BULK ? 'bulk' : 'ctl', link: number, bytes: bytes.slice(1) })
      else {
        link.theirs = bytes
        up(number, link)
      }
    }
  }

  function up(number: number, link: Link) {
    if (link.theirs === undefined || !link.hasRemote) return
    link.isUp = true
    onMessage({ kind: 'up', link: number, der: link.theirs })
    onMessage({ kind: 'pair', link: number, local: '127.0.0.1', localType: 'host', remoteType: 'host' })
  }

  return {
    isThere: () => true,
    onMessage: (listener) => void (onMessage = listener),
    onThere: () => undefined,
    send(message: ToPage) {
      const link = links.get(message.link)
      if (message.kind === 'open') {
        const made: Link = { sent: 0, der: random(64), initiator: message.initiator, hasRemote: false, isUp: false, held: Buffer.alloc(0) }
        links.set(message.link, made)
        if (!message.initiator) return
        made.server = createServer((socket) => {
          made.server?.close()
          wire(message.link, made, socket)
        })
        made.server.listen(0, '127.0.0.1', () => {
          announce(message.link, made, (made.server!.address() as { port: number }).port)
          onMessage({ kind: 'gathered', link: message.link })
        })
        return
      }
      if (link === undefined) return
      if (message.kind === 'remote') {
        link.hasRemote = true
        if (link.initiator) {
          up(message.link, link)
          return read(message.link, link)
        }
        announce(message.link, link, 0)
        const remote = readSdp(message.sdp, () => true)
        const place = remote.ok ? remote.value.c[0] : undefined
        if (place === undefined) return finish(message.link, 'no candidate')
        wire(message.link, link, dialTcp(place.port, place.ip))
      }
      if (message.kind === 'ctl') link.socket?.write(framed(CTL, message.bytes))
      if (message.kind === 'bulk') {
        const { length } = message.bytes
        link.socket?.write(framed(BULK, message.bytes), () => {
          link.sent += length
          if (links.get(message.link) === link) onMessage({ kind: 'room', link: message.link, sent: link.sent })
        })
      }
      if (message.kind === 'close') {
        links.delete(message.link)
        link.server?.close()
        link.socket?.end()
      }
    },
    close() {
      for (const number of [...links.keys()]) finish(number, 'closed')
    },
  }
}

