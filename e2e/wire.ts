import { connect, createServer, type Socket } from 'node:net'

/** One message as it passed: text as it is, bytes as Latin-1. */
export interface Passed { from: 'core' | 'server'; isText: boolean; text: string }

/** A wire between cores and a server: counts who is connected, keeps what passed, and can lead elsewhere. */
export interface Wire {
  /** What is typed at *Server*. */
  where: string
  /** Connections that are open now. */
  open(): number
  /** Connections ever made. */
  made(): number
  passed(): Passed[]
  /** From the next connection on, another server answers at this address. */
  leadTo(port: number): void
  close(): Promise<void>
}

export async function startWire(to: number): Promise<Wire> {
  let port = to
  let made = 0
  const near = new Set<Socket>()
  const passed: Passed[] = []
  const server = createServer((core) => {
    made++
    near.add(core)
    const far = connect(port, '127.0.0.1')
    const hear = { core: messages('core', passed), server: messages('server', passed) }
    for (const [one, other, name] of [[core, far, 'core'], [far, core, 'server']] as const) {
      one.on('data', (bytes) => {
        hear[name](bytes)
        other.write(bytes)
      })
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    core.on('close', () => near.delete(core))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    where: `ws://127.0.0.1:${(server.address() as { port: number }).port}`,
    open: () => near.size,
    made: () => made,
    passed: () => passed,
    leadTo: (next) => void (port = next),
    async close() {
      for (const socket of near) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Reads the WebSocket messages (RFC 6455, not fragmented, not compressed) of one direction. */
function messages(from: Passed['from'], into: Passed[]): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let isOpen = false
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    if (!isOpen) {
      const end = rest.indexOf('\r\n\r\n')
      if (end === -1) return
      isOpen = true
      rest = rest.subarray(end + 4)
    }
    for (;;) {
      const frame = readFrame(rest)
      if (frame === undefined) return
      rest = rest.subarray(frame.length)
      if (frame.opcode <= 2) into.push({ from, isText: frame.opcode === 1, text: frame.payload.toString(frame.opcode === 1 ? 'utf8' : 'latin1') })
    }
  }
}

function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0
  const mask = bytes[1]! & 0x80 ? 4 : 0
  const head = 2 + extra + mask
  if (bytes.length < head) return undefined
  const size = extra === 2 ? bytes.readUInt16BE(2) : extra === 8 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < head + size) return undefined
  const key = bytes.subarray(2 + extra, head)
  const payload = Buffer.from(bytes.subarray(head, head + size))
  if (mask) for (let at = 0; at < size; at++) payload[at]! ^= key[at % 4]!
  return { opcode: bytes[0]! & 0x0f, payload, length: head + size }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}
