import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import { ensureChromium } from './chromium.ts'
import { ensureClamd } from './clamav.ts'
import { type Count, endWith, nothing } from './count.ts'
import { sources } from './files.ts'
import { ROOT } from './process.ts'

/** A file that takes longer hangs. */
const FILE_TIMEOUT = 300_000
/** Failures that are told by those around or below them. */
const ELSEWHERE = ['subtestsFailed', 'cancelledByParent']

/** Every *.test.ts outside e2e and bench, or those whose path holds one of the words: a line for each file, and each failure in full. */
export async function unit(words: string[] = []): Promise<Count> {
  // The link page's tests run in the real thing.
  const chromium = await ensureChromium()
  if (chromium !== undefined) process.env['PARLEY_CHROMIUM'] = chromium
  await ensureClamd()
  const files = sources('**/*.test.{ts,tsx}')
    .filter((path) => !/^(e2e|bench)\//.test(path))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
  const open = new Set(files)
  const ends = () => {
    process.stderr.write(`Not done: ${[...open].slice(0, 4).join(', ')}\n`)
    process.exit(1)
  }
  process.once('SIGTERM', ends)

  const stream = run({ files: files.map((path) => join(ROOT, path)), concurrency: availableParallelism(), timeout: FILE_TIMEOUT, cwd: ROOT })
  const pathOf = (file: string | undefined) => (file === undefined ? '' : relative(ROOT, file).replaceAll('\\', '/'))
  let count = nothing
  stream.on('test:fail', ({ name, file, line, details: { error } }) => {
    if (!ELSEWHERE.includes(String((error as { failureType?: string }).failureType))) process.stdout.write(`✖ ${name} (${pathOf(file)}:${line})\n${inspect(error.cause ?? error)}\n`)
  })
  stream.on('test:stderr', ({ message }) => void process.stderr.write(message))
  stream.on('test:diagnostic', ({ message, file }) => {
    // The runner's own sums, at the end, are told below.
    if (file !== undefined) process.stdout.write(`ℹ ${message}\n`)
  })
  stream.on('test:summary', ({ file, counts: { tests, passed, skipped: left, todo }, duration_ms }) => {
    const skipped = left + todo
    const failed = tests - passed - skipped
    // Each file says its own, and the last summary, which names none, is of them all.
    if (file === undefined) return void (count = { passed, failed, skipped })
    open.delete(pathOf(file))
    process.stdout.write(`${failed === 0 ? '✔' : '✖'} ${pathOf(file)}: ${passed} in ${(duration_ms / 1000).toFixed(1)} s${failed > 0 ? `, ${failed} failed` : ''}\n`)
  })
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject).resume())
  process.off('SIGTERM', ends)
  return count
}

if (import.meta.main) endWith(await unit(process.argv.slice(2)))
