import { run } from 'node:test'
import { join } from 'node:path'
import { say } from './figures.ts'
import { ROOT } from './programs.ts'

/**
 * `npm run soak [-- FRACTION]`: the long runs, one after the other; the last line on stdout is a JSON object. They are tests like
 * any other, with larger numbers; a fraction such as 0.01 makes them short, to try them.
 */

const scale = Number(process.argv[2] ?? 1)
if (!(scale > 0 && scale <= 1)) {
  say('A fraction is a number above 0 and up to 1.')
  process.exit(2)
}
process.env['PARLEY_FUZZ'] = String(Math.ceil(20_000_000 * scale))
process.env['PARLEY_KILLS'] = String(Math.ceil(1_000 * scale))
process.env['PARLEY_SOAK_BYTES'] = String(Math.ceil(8 * 2 ** 30 * scale))
process.env['PARLEY_SOAK_FILES'] = String(Math.ceil(100_000 * scale))
process.env['PARLEY_FLAPS'] = String(Math.ceil(200 * scale))

interface Outcome { name: string; ok: boolean; seconds: number; facts: string[]; error?: string }

const outcomes: Outcome[] = []
const ending = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
for (const file of ['bench/soak/kills.test.ts', 'bench/soak/flaps.test.ts', 'bench/soak/files.test.ts', 'main/fuzz.test.ts']) {
  const began = performance.now()
  outcomes.push({ name: file, ok: true, seconds: 0, facts: [] })
  const outcome = outcomes.at(-1)!
  const stream = run({ files: [join(ROOT, file)], cwd: ROOT, signal: ending.signal })
  stream.on('test:pass', ({ name, nesting }) => nesting === 0 && say(`✔ ${name}`))
  stream.on('test:diagnostic', ({ message }) => message.startsWith('{') && outcome.facts.push(message))
  stream.on('test:fail', ({ name, details }) => {
    outcome.ok = false
    outcome.error ??= `${name}: ${details.error.cause instanceof Error ? details.error.cause.message : details.error.message}`
    say(`✖ ${name}`)
  })
  stream.resume()
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject))
  if (ending.signal.aborted) process.exit(1)
  outcome.seconds = Math.round((performance.now() - began) / 1000)
}
const ok = outcomes.every((outcome) => outcome.ok)
process.stdout.write(`${JSON.stringify({ ok, runs: outcomes })}\n`)
process.exit(ok ? 0 : 1)
