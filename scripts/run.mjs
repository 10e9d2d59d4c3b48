// All of Parley's commands, for the Node that npm happens to run on (20.19 or later). Plain JavaScript, and nothing imported but
// Node itself: it brings the dependencies, finds the Node 24 that everything else needs, and hands over to a file of that Node.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const NEEDED = 24
/** SIGTERM ends every command within 5 s; what is still there then is cut short. */
const END_WITHIN = 4_800

/** What each command runs, and what has to be built before. */
const commands = {
  start: { file: 'scripts/steps/start.ts', builds: ['renderer', 'electron'] },
  test: { file: 'scripts/steps/test.ts' },
  demo: { file: 'scripts/steps/demo.ts', builds: ['renderer'] },
  web: { file: 'main/web/index.ts', builds: ['renderer'] },
  server: { file: 'signaling-server/cli.ts' },
  bench: { file: 'bench/index.ts', builds: ['renderer'] },
  soak: { file: 'bench/soak.ts', builds: ['renderer'] },
  package: { file: 'scripts/steps/package.ts', builds: ['renderer', 'electron'] },
  check: { file: 'scripts/steps/check.ts' },
  unit: { file: 'scripts/steps/unit.ts' },
  e2e: { file: 'scripts/steps/e2e.ts', builds: ['renderer'] },
  build: { file: 'scripts/steps/build.ts' },
}

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command === undefined) stop(2, `Say what to do: npm start, npm test, or npm run ${Object.keys(commands).join(', npm run ')}.`)
if (!existsSync(join(root, command.file))) stop(1, `This copy of Parley has no ${command.file}.`)

const ending = watchSignals()
await installDependencies()
const node = findNode()
// What Node made of our files is kept: every later start of a program takes half the time.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/compiled')
if (command.builds !== undefined) {
  // Its words go to stderr: what a command says on stdout is read by scripts.
  const code = await run(node, [join(root, 'scripts/steps/build.ts'), ...command.builds], ['ignore', 2, 2])
  if (code !== 0) process.exit(code)
}
process.exit(await run(node, [join(root, command.file), ...args], 'inherit'))

/** `npm ci`, unless node_modules was made from this very lockfile. */
async function installDependencies() {
  const stamp = join(root, 'node_modules/.parley-lockfile')
  const lockfile = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
  if (existsSync(stamp) ? readFileSync(stamp, 'utf8') === lockfile : isInstalledByHand()) return
  process.stderr.write('Installing dependencies…\n')
  const npm = process.env.npm_execpath
  const words = ['ci', '--no-audit', '--no-fund']
  process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = '1'
  const code = npm?.endsWith('.js')
    ? await run(process.execPath, [npm, ...words], ['ignore', 2, 2])
    : await run('npm', words, ['ignore', 2, 2], process.platform === 'win32')
  if (code !== 0) stop(1, 'The dependencies could not be installed; npm says why above.')
  writeFileSync(stamp, lockfile)
}

/** npm keeps a lockfile of its own in node_modules: as new as ours, it was made from ours. */
function isInstalledByHand() {
  const installed = join(root, 'node_modules/.package-lock.json')
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
}

/** This very Node where it is new enough, else the one that came as a dependency. */
function findNode() {
  if (major(process.versions.node) >= NEEDED) return process.execPath
  const packaged = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const version = existsSync(packaged) ? spawnSync(packaged, ['--version'], { encoding: 'utf8' }).stdout : ''
  if (major(version?.replace('v', '')) >= NEEDED) return packaged
  return stop(1, `Parley needs Node ${NEEDED} or later; this is ${process.versions.node}, and npm brought none (are install scripts switched off?). Get it from nodejs.org.`)
}

function major(version) {
  return Number((version ?? '').split('.')[0])
}

function run(file, words, stdio, shell = false) {
  return new Promise((resolve) => {
    const child = spawn(file, words, { cwd: process.cwd(), stdio, shell })
    ending.child = child
    if (ending.signal !== undefined) child.kill(ending.signal)
    child.on('error', (error) => {
      process.stderr.write(`${file}: ${error.message}\n`)
      resolve(1)
    })
    child.on('exit', (code, signal) => {
      ending.child = undefined
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}

/** Signals are passed on; the child decides how to end, and has its time for it. */
function watchSignals() {
  const state = { child: undefined, signal: undefined }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => {
      state.signal = signal
      if (state.child === undefined) process.exit(128 + constants.signals[signal])
      state.child.kill(signal)
      setTimeout(() => state.child?.kill('SIGKILL'), END_WITHIN).unref()
    })
  }
  return state
}

function stop(code, sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(code)
}
