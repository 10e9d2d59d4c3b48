import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { join } from 'node:path'

/** The repository. */
export const ROOT = join(import.meta.dirname, '../..')

/** Windows can be seen here. */
export const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])

const children = new Set<ChildProcess>()
const leaders = new WeakSet<ChildProcess>()
let isWatching = false

/** Starts a program that ends with us: signals are passed on to it, and to its group where it has one of its own (`detached`). */
export function start(file: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  watchSignals()
  const child = spawn(file, args, { cwd: ROOT, stdio: 'inherit', ...options })
  children.add(child)
  if (options.detached) leaders.add(child)
  child.on('exit', () => children.delete(child))
  return child
}

/** A signal to a program, and to all it started where it leads a group; what is gone is no fault. */
export function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (!leaders.has(child) || child.pid === undefined) return void child.kill(signal)
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Nobody is left in it.
  }
}

/** Runs a program to its end and gives its exit code; 1 where it can't be started or was killed. */
export function run(file: string, args: string[], options: SpawnOptions = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = start(file, args, options)
    child.on('error', (error) => {
      process.stderr.write(`${file}: ${error.message}\n`)
      resolve(1)
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/** The same with a file of ours, on this Node. */
export const runNode = (args: string[], options?: SpawnOptions): Promise<number> => run(process.execPath, args, options)

/** What such a file says on stdout and stderr, to its end. */
export function read(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = start(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', (error) => resolve(error.message))
    child.on('close', () => resolve(said))
  })
}

function watchSignals() {
  if (isWatching) return
  isWatching = true
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      for (const child of children) endGroup(child, signal)
      if (children.size === 0) process.exit(0)
    })
  }
}
