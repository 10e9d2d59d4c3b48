import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT, startProgram } from './processes.ts'

/** The signaling server of one test, on a port of its own. */
export interface Server {
  /** What is typed at *Server*, and a code for the one who registers. */
  place(): Promise<{ where: string; code: string }>
  port: number
  dataDir: string
  /** The same folder and port, started anew. */
  restarts(): Promise<void>
  close(): Promise<void>
}

const FILE = 'signaling-server/cli.ts'

export async function startServer(): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-server-'))
  let program = await startProgram(FILE, ['--data-dir', dataDir, '--port', '0'])
  const { host, port } = new URL(String(program.ready['url']))
  let firstCode = program.ready['code'] as string | undefined
  return {
    port: Number(port),
    dataDir,
    async place() {
      const code = firstCode ?? (await newCode(dataDir))
      firstCode = undefined
      return { where: `ws://${host}`, code }
    },
    async restarts() {
      await program.stop()
      program = await startProgram(FILE, ['--data-dir', dataDir, '--port', port])
    },
    async close() {
      await program.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** `npm run server -- invite` prints one code. */
async function newCode(dataDir: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [FILE, 'invite', '--data-dir', dataDir], { cwd: ROOT })
  return stdout.trim()
}
