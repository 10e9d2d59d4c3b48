import { join } from 'node:path'
import { add, inWords, nothing } from './count.ts'
import { take } from './step.ts'

/** `npm test`: everything, to the end, whatever fails on the way. Each step has about three times what it takes on two busy cores. */
const STEPS = [
  { title: 'check', file: 'check.ts', minutes: 8 },
  { title: 'unit', file: 'unit.ts', minutes: 20 },
  { title: 'build', file: 'build.ts', minutes: 5 },
  { title: 'end to end', file: 'e2e.ts', minutes: 30 },
]

let count = nothing
for (const { title, file, minutes } of STEPS) {
  process.stdout.write(`\n── ${title} ──\n`)
  const began = Date.now()
  count = add(count, await take({ title, path: join(import.meta.dirname, file), within: minutes * 60_000 }))
  process.stdout.write(`${title} took ${Math.round((Date.now() - began) / 1000)} s\n`)
}
process.stdout.write(`\n${inWords(count)}\n`)
process.exit(count.failed === 0 ? 0 : 1)
