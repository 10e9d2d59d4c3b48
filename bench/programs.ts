import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')

const READY_WITHIN = 30_000
const END_WITHIN = 6_000

/** What a bench has started or made; ends and goes with it, newest first, also where the bench is told to end. */
const owned: (() => Promise<void> | void)[] = []

export function atEnd(clean: () => Promise<void> | void): void {
  owned.push(clean)
}

let cleaning: Promise<void> | undefined

/** Once, at the end; whoever asks meanwhile waits for the same. */
export function cleanUp(): Promise<void> {
  const all = async () => {
    for (const clean of owned.reverse()) await clean()
  }
  return (cleaning ??= all())
}

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  atEnd(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export interface Program { ready: Record<string, unknown>; stop(): Promise<void> }

/** One of our programs, once it has said its ready line. */
export async function startProgram(file: string, args: string[]): Promise<Program> {
  const child = spawn(process.execPath, [...profiling(file), join(ROOT, file), ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const line = await within(READY_WITHIN, firstLine(child), () => `${file} was not ready: ${errors}`)
  const stop = stopper(child)
  atEnd(stop)
  return { ready: JSON.parse(line) as Record<string, unknown>, stop }
}

/** `PARLEY_BENCH_PROFILE=DIR`: what each process spends its time on goes there, as `.cpuprofile`. */
const profiling = (file: string) => {
  const dir = process.env['PARLEY_BENCH_PROFILE']
  return dir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${dir}`, `--cpu-prof-name=${file.replaceAll('/', '-')}-${Date.now()}.cpuprofile`]
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

/** Ends a program that this bench started, by force where it has to be. */
export const stopper = (child: ChildProcess) => async () => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN)
  await exited
  clearTimeout(timer)
}

/** A process of the bench that is asked things over its own channel, and ends with us. */
export interface Helper { ask<T>(order: object): Promise<T>; onTold(listener: (told: never) => void): void; stop(): Promise<void> }

export function startHelper(file: string, flags: string[] = []): Helper {
  const child = fork(join(ROOT, file), [], { execArgv: [...flags, ...profiling(file)], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const pending = new Map<number, (value: never) => void>()
  let listener: (told: never) => void = () => undefined
  let id = 0
  child.on('message', (message: { id?: number; value?: never; told?: never }) => {
    if (message.id === undefined) return listener(message.told!)
    pending.get(message.id)?.(message.value!)
    pending.delete(message.id)
  })
  const stop = stopper(child)
  atEnd(stop)
  const gone = new Promise<never>((_, reject) => child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`))))
  gone.catch(() => undefined)
  return {
    ask: (order) => Promise.race([gone, new Promise<never>((resolve) => {
      pending.set(++id, resolve)
      child.send({ id, ...order })
    })]),
    onTold: (to) => void (listener = to),
    stop,
  }
}

/** The helper's side: one handler for what it is asked. */
export function serveOrders(handle: (order: Record<string, unknown>) => unknown): void {
  process.on('message', async (order: Record<string, unknown> & { id: number }) => process.send!({ id: order.id, value: await handle(order) }))
  process.on('disconnect', () => process.exit(0))
  process.on('SIGTERM', () => process.exit(0))
}

/** CPU time of this process so far, in µs: user and system, all its threads. */
export const cpuTime = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function within<T>(ms: number, work: Promise<T>, why: () => string): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(why())), ms)))
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
