import { buildTargets } from './build.ts'
import { check } from './check.ts'
import { add, inWords, nothing } from './count.ts'
import { e2e } from './e2e.ts'
import { unit } from './unit.ts'

/** `npm test`: everything, to the end, whatever fails on the way. */
let count = nothing
const step = async (title: string, act: () => Promise<typeof nothing>) => {
  process.stdout.write(`\n── ${title} ──\n`)
  count = add(count, await act())
}

await step('check', check)
await step('unit', unit)
await step('build', async () => {
  try {
    await buildTargets([])
    return { ...nothing, passed: 1 }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return { ...nothing, failed: 1 }
  }
})
await step('end to end', e2e)

process.stdout.write(`\n${inWords(count)}\n`)
process.exit(count.failed === 0 ? 0 : 1)
