import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { ensureChromium } from './chromium.ts'
import { ensureClamd } from './clamav.ts'
import { type Count, inWords } from './count.ts'
import { sources } from './files.ts'
import { ROOT } from './process.ts'

/** A file that takes longer hangs. */
const FILE_TIMEOUT = 300_000

/** Every *.test.ts outside e2e and bench, or those whose path holds one of the words. */
export async function unit(words: string[] = []): Promise<Count> {
  // The link page's tests run in the real thing.
  const chromium = await ensureChromium()
  if (chromium !== undefined) process.env['PARLEY_CHROMIUM'] = chromium
  await ensureClamd()
  const files = sources('**/*.test.{ts,tsx}')
    .filter((path) => !/^(e2e|bench)\//.test(path))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
  const stream = run({ files: files.map((path) => join(ROOT, path)), concurrency: availableParallelism(), timeout: FILE_TIMEOUT, cwd: ROOT })
  const count: Count = { passed: 0, failed: 0, skipped: 0 }
  stream.on('test:summary', ({ file, counts }) => {
    // Each file says its own, and the last summary, which names none, is of them all.
    if (file !== undefined) return
    count.passed = counts.passed
    count.failed = counts.tests - counts.passed - counts.skipped - counts.todo
    count.skipped = counts.skipped + counts.todo
  })
  const report = stream.compose(spec)
  report.pipe(process.stdout, { end: false })
  await new Promise((resolve, reject) => report.on('end', resolve).on('error', reject))
  return count
}

if (import.meta.main) {
  const count = await unit(process.argv.slice(2))
  process.stdout.write(`${inWords(count)}\n`)
  process.exit(count.failed === 0 ? 0 : 1)
}
