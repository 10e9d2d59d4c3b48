import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')

/** How long a program of ours may take to say that it is ready, and to end. */
const READY_WITHIN = 30_000
const END_WITHIN = 6_000

export interface Program {
  /** The first line it said: one JSON object. */
  ready: Record<string, unknown>
  pid: number
  /** What it said on stderr so far. */
  errors(): string
  /** SIGTERM, and it has to end cleanly. */
  stop(): Promise<void>
  /** kill -9 */
  kill(): Promise<void>
}

/** Starts one of our programs and waits for its ready line. */
export async function startProgram(file: string, args: string[]): Promise<Program> {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const exited = once(child, 'exit')
  const line = await Promise.race([
    firstLine(child),
    exited.then(([code]) => Promise.reject(new Error(`${file} ended with ${code}: ${errors}`))),
    later(READY_WITHIN).then(() => Promise.reject(new Error(`${file} was not ready within ${READY_WITHIN} ms: ${errors}`))),
  ])
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    const ended = await Promise.race([exited, later(END_WITHIN)])
    if (ended === undefined) {
      child.kill('SIGKILL')
      throw new Error(`${file} did not end within ${END_WITHIN} ms: ${errors}`)
    }
    if (signal === 'SIGTERM' && ended[0] !== 0) throw new Error(`${file} ended with ${ended[0] ?? ended[1]}: ${errors}`)
  }
  return { ready: JSON.parse(line), pid: child.pid!, errors: () => errors, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
  })
}

const later = (ms: number) => new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), ms).unref())
