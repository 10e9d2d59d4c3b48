import { lstatSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import type { Verdict } from '../../protocol/app/views.ts'
import type { Clock } from '../ports.ts'
import { cleanThreat } from './threat.ts'

/** clamd's own protocol, as clamd(8) describes it: PING and INSTREAM. It needs no right to read our files, for we send it the bytes. */

/** Where distributions and its own example put its socket. */
export const CLAMD_SOCKETS: readonly string[] = ['/run/clamav/clamd.ctl', '/var/run/clamav/clamd.ctl', '/run/clamd.scan/clamd.sock', '/var/run/clamd.scan/clamd.sock', '/tmp/clamd.socket']

/** Bytes read, sent, and held at a time. */
const PIECE = 128 * 1024
/** No answer is longer: a path we don't send, and a name. */
const LONGEST_ANSWER = 4_096
/** Up to here are accounts of the system, not of people. */
const SYSTEM_ACCOUNTS = process.platform === 'darwin' ? 500 : 1_000

export interface Patience {
  clock: Pick<Clock, 'after'>
  /** Milliseconds until it takes the connection, and until it has answered. */
  connectWithin: number
  answerWithin: number
}

/** A unix socket that is there, or `127.0.0.1:port`. */
export const isThere = (place: string): boolean => portOf(place) !== undefined || isTrustedSocket(place)

/** Anybody may put a socket into /tmp: to one of another person's no file is sent. */
function isTrustedSocket(path: string): boolean {
  try {
    const stat = lstatSync(path)
    return stat.isSocket() && (stat.uid < SYSTEM_ACCOUNTS || stat.uid === process.getuid?.())
  } catch {
    return false
  }
}

const portOf = (place: string): number | undefined => (/^127\.0\.0\.1:\d{1,5}$/.test(place) ? Number(place.slice(10)) : undefined)

/** `silent`: nothing came in time. `broken`: it refused, hung up or died. */
type Answer = { is: 'said'; text: string } | { is: 'silent' } | { is: 'broken' }

/** It takes connections and knows what it is. */
export async function pingClamd(place: string, patience: Patience): Promise<boolean> {
  const answer = await converse(place, patience, (socket) => write(socket, 'zPING\0'))
  return answer.is === 'said' && answer.text === 'PONG'
}

export async function scanWithClamd(place: string, path: string, patience: Patience): Promise<Verdict> {
  const handle = await open(path, 'r')
  try {
    const ask = () => converse(place, patience, (socket) => sendFile(socket, handle))
    const first = await ask()
    // It may have been started anew meanwhile.
    const answer = first.is === 'broken' ? await ask() : first
    if (answer.is === 'said') return verdictOf(answer.text)
    // It hangs up on what is too large for it; that it says so first is lost where we were just writing. But it is still there.
    return answer.is === 'broken' && (await pingClamd(place, patience)) ? STOPPED : NO_ANSWER
  } finally {
    await handle.close()
  }
}

/** What its answer means. */
export function verdictOf(answer: string): Verdict {
  if (answer === 'stream: OK') return { is: 'clean' }
  if (answer.startsWith('INSTREAM size limit exceeded')) return STOPPED
  const found = /^stream: (.+) FOUND$/s.exec(answer)?.[1]
  if (found === undefined) return NO_ANSWER
  if (found.startsWith('Heuristics.Encrypted.')) return { is: 'partly', why: 'password' }
  // Of these only the number of files and the depth are about many files.
  if (found.startsWith('Heuristics.Limits.Exceeded')) return /Max(FileSize|ScanSize|ScanTime)/.test(found) ? STOPPED : { is: 'partly', why: 'too-many' }
  return { is: 'infected', name: cleanThreat(found) }
}

const NO_ANSWER: Verdict = { is: 'unscanned', why: 'no-answer' }
const STOPPED: Verdict = { is: 'partly', why: 'stopped' }

/** One command and its answer, which a NUL ends. */
function converse(place: string, { clock, connectWithin, answerWithin }: Patience, feed: (socket: Socket) => Promise<void>): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const port = portOf(place)
  const socket = port === undefined ? connect(place) : connect(port, '127.0.0.1')
  const end = (answer: Answer) => {
    cancelAnswer()
    cancelConnect()
    socket.destroy()
    resolve(answer)
  }
  const giveUp = () => end({ is: 'silent' })
  const fail = () => end({ is: 'broken' })
  const cancelAnswer = clock.after(answerWithin, giveUp)
  const cancelConnect = clock.after(connectWithin, giveUp)
  let said = ''
  socket.on('connect', () => {
    cancelConnect()
    feed(socket).catch(fail)
  })
  socket.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
    const stop = said.indexOf('\0')
    if (stop >= 0) end({ is: 'said', text: said.slice(0, stop).trim() })
    else if (said.length > LONGEST_ANSWER) fail()
  })
  socket.on('error', fail)
  socket.on('close', fail)
  return promise
}

async function sendFile(socket: Socket, handle: FileHandle): Promise<void> {
  await write(socket, 'zINSTREAM\0')
  const piece = Buffer.alloc(4 + PIECE)
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(piece, 4, PIECE, at)
    piece.writeUInt32BE(bytesRead)
    await write(socket, piece.subarray(0, 4 + bytesRead))
    // A length of zero ends the stream; an answer that comes earlier ends the socket, and the next write fails.
    if (bytesRead === 0) return
    at += bytesRead
  }
}

/** Resolves once the system took it, so the buffer may be used again and no more than one piece waits. */
const write = (socket: Socket, bytes: string | Uint8Array): Promise<void> => new Promise((resolve, reject) => {
  socket.write(bytes, (error) => (error ? reject(error) : resolve()))
})
