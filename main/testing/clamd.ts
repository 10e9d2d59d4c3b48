import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A real clamd with a database of one signature, in a folder of its own. Also a program: `node main/testing/clamd.ts` says
 * `{"ready":true,"socket":"…"}` on one line and goes with all it made at SIGTERM; where there is no clamd it says `{"ready":false}` and ends with 1.
 */

const PLACES = ['/usr/sbin/clamd', '/usr/local/sbin/clamd', '/opt/homebrew/sbin/clamd']
const START_WITHIN = 30_000

/** The harmless file that every scanner knows; in halves, so that none finds it here. */
export const EICAR = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''), 'latin1')

export interface Clamd { socket: string; pid: number; stop(): Promise<void>; kill(): void }

/** Undefined where clamd isn't installed. `settings`: further lines of clamd.conf. */
export async function startClamd(settings: string[] = []): Promise<Clamd | undefined> {
  const program = PLACES.find((path) => existsSync(path))
  if (program === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'parley-clamd-'))
  const socket = join(folder, 'clamd.sock')
  mkdirSync(join(folder, 'db'))
  writeFileSync(join(folder, 'db/test.hdb'), `${createHash('md5').update(EICAR).digest('hex')}:${EICAR.length}:Parley-Eicar\n`)
  writeFileSync(join(folder, 'db/test.ndb'), `Parley-Eicar:0:*:${EICAR.toString('hex')}\n`)
  writeFileSync(join(folder, 'clamd.conf'), [`LocalSocket ${socket}`, 'Foreground yes', `DatabaseDirectory ${join(folder, 'db')}`, `TemporaryDirectory ${folder}`, ...settings, ''].join('\n'))
  const child = spawn(program, ['--config-file', join(folder, 'clamd.conf')], { stdio: ['ignore', 'pipe', 'pipe'] })
  // A test that dies leaves none behind.
  process.once('exit', () => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', (error) => {
    said += error.message
    resolve()
  }))
  const clamd: Clamd = {
    socket, pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      const cut = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(cut)
      rmSync(folder, { recursive: true, force: true })
    },
    kill: () => void child.kill('SIGKILL'),
  }
  let isOver = false
  void ended.then(() => (isOver = true))
  const until = Date.now() + START_WITHIN
  while (!(await answers(socket))) {
    if (!isOver && Date.now() < until) continue
    await clamd.stop()
    throw new Error(`clamd didn't start:\n${said}`)
  }
  return clamd
}

/** It takes connections; a little later if not. */
const answers = (path: string): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(path)
  socket.on('connect', () => {
    socket.destroy()
    resolve(true)
  })
  socket.on('error', () => setTimeout(() => resolve(false), 50))
})

if (import.meta.main) {
  const starting = startClamd()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => void starting.then((clamd) => clamd?.stop()).finally(() => process.exit(0)))
  const clamd = await starting
  process.stdout.write(`${JSON.stringify(clamd === undefined ? { ready: false } : { ready: true, socket: clamd.socket })}\n`)
  if (clamd === undefined) process.exitCode = 1
}
