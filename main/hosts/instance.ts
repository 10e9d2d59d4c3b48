import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { isLink } from './args.ts'

/** What a second start says to the first, in one line of JSON; the answer is one line too. */
export interface Knock { link?: string }

/** A link and its frame; more is not a second start of ours. */
const MAX_LINE = 8_192
/** The first start is busy or gone: the second says so instead of waiting for ever. */
const ANSWER_WITHIN = 2_000
/** sockaddr_un holds 104 bytes on macOS and 108 on Linux, the closing zero included. */
const MAX_SOCKET_PATH = 103

/** A socket in the profile, which only its user may enter; on Windows a named pipe. Undefined where the path is too long for one. */
export function instanceAddress(folder: string, platform: NodeJS.Platform = process.platform): string | undefined {
  if (platform === 'win32') return `\\\\.\\pipe\\parley-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`
  const path = join(folder, 'instance.sock')
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH ? path : undefined
}

/** Listens for later starts. The profile's lock is held: a socket found there was left by a program that is gone. */
export function listenForStarts(folder: string, onKnock: (knock: Knock) => void): { close(): void } {
  const address = instanceAddress(folder)
  if (address === undefined) return { close() {} }
  if (process.platform !== 'win32') rmSync(address, { force: true })
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    readLine(socket, (line) => {
      const knock = readKnock(line)
      if (knock === undefined) return socket.destroy()
      onKnock(knock)
      socket.end('{"shown":true}\n')
    })
  })
  // Without it a second start still finds the lock and says so; it just can't show the window.
  server.on('error', () => server.close())
  server.listen(address)
  server.unref()
  return { close: () => void server.close() }
}

/** Asks the program that holds the profile to show its window, and to open the link; false where it doesn't answer. */
export function askFirst(folder: string, knock: Knock): Promise<boolean> {
  const address = instanceAddress(folder)
  if (address === undefined) return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = connect(address)
    const done = (value: boolean) => {
      socket.destroy()
      resolve(value)
    }
    socket.setTimeout(ANSWER_WITHIN, () => done(false))
    socket.on('error', () => done(false))
    socket.on('close', () => done(false))
    readLine(socket, (line) => done(readObject(line)?.['shown'] === true))
    socket.write(`${JSON.stringify(knock)}\n`)
  })
}

function readLine(socket: Socket, onLine: (line: string) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
    const end = text.indexOf('\n')
    if (end >= 0) onLine(text.slice(0, end))
    else if (text.length > MAX_LINE) socket.destroy()
  })
}

function readObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function readKnock(line: string): Knock | undefined {
  const value = readObject(line)
  if (value === undefined) return undefined
  return typeof value['link'] === 'string' && isLink(value['link']) ? { link: value['link'] } : {}
}
