import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ServerOptions } from './index.ts'

/** The server by itself. Exit codes: 0 done, 1 failed (a sentence on stderr), 2 wrong usage. */

/** Below this, better-sqlite3 does not refuse: it crashes. So nothing that loads it is imported before the check. */
const OLDEST_NODE = 22
const STOP_WITHIN_MS = 4500

function fail(sentence: string, exitCode: 1 | 2): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(exitCode)
}

async function main() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) fail(`Parley needs Node ${OLDEST_NODE} or later; this is ${process.version}.`, 1)
  const { defaultDataDir, readCommand, USAGE, WrongSetting } = await import('./configuration.ts')
  const read = () => readCommand({
    argv: process.argv.slice(2), env: process.env, cwd: process.cwd(), readFile: (path) => readFileSync(path, 'utf8'),
    defaultDataDir: defaultDataDir(process.platform, homedir(), process.env),
  })
  let command
  try {
    command = read()
  } catch (error) {
    if (error instanceof WrongSetting) fail(error.message, 2)
    throw error
  }
  switch (command.command) {
    case 'help': return void process.stdout.write(USAGE)
    case 'invite': return invite(command.options)
    case 'serve': return serve(command)
  }
}

async function serve({ options, hasLog }: { options: ServerOptions; hasLog: boolean }) {
  const { startServer, StartRefusal } = await import('./index.ts')
  const { jsonLog, noLog } = await import('./log.ts')
  const log = hasLog ? jsonLog(Date.now, (line) => void process.stderr.write(line)) : noLog
  const server = await startServer({ ...options, log }).catch((error: unknown) => {
    if (error instanceof StartRefusal) fail(error.message, error.code === 'bad-setting' ? 2 : 1)
    throw error
  })
  const stop = () => {
    // Nothing may hold the process longer than it was promised to take.
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref()
    void server.close().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  const { url, firstCode } = server
  process.stdout.write(`${JSON.stringify({ ready: true, url, pid: process.pid, ...(firstCode === undefined ? {} : { code: firstCode }) })}\n`)
}

/** [S9] Beside a running server too: the database takes both. */
async function invite({ dataDir, limits }: ServerOptions) {
  const { randomBytes } = await import('node:crypto')
  const { DATABASE, openDatabase, openStore } = await import('./store/open.ts')
  const { makeCode } = await import('./store/codes.ts')
  const { defaultLimits } = await import('./settings.ts')
  const { StartRefusal } = await import('./refusal.ts')
  if (!existsSync(join(dataDir, DATABASE))) fail(`There is no server in ${dataDir} yet. Start it once, or say --data-dir.`, 1)
  try {
    const { db } = openDatabase(dataDir)
    const code = makeCode(randomBytes)
    openStore(db).codes.add(code, Date.now() + (limits ?? defaultLimits).codeLifeMs!)
    db.close()
    process.stdout.write(`${code}\n`)
  } catch (error) {
    if (error instanceof StartRefusal) fail(error.message, 1)
    throw error
  }
}

await main()
