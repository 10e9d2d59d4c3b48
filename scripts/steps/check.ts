import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { findImportFaults } from '../check-imports.ts'
import { findRuleFaults } from '../check-rules.ts'
import { add, type Count, endWith, nothing } from './count.ts'
import { sources } from './files.ts'
import { ROOT, read } from './process.ts'

/** Types of every folder, who imports whom, and a test for every rule of the protocol. */
export async function check(): Promise<Count> {
  const projects = sources('*/**/tsconfig.json').filter((path) => !path.startsWith('tools/'))
  let count = nothing
  const report = (title: string, faults: string[]) => {
    count = add(count, faults.length === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 })
    process.stdout.write(`${faults.length === 0 ? '✔' : '✖'} ${title}\n${faults.map((fault) => `    ${fault}\n`).join('')}`)
  }
  const queue = [...projects]
  const worker = async () => {
    for (let project = queue.shift(); project !== undefined; project = queue.shift()) {
      const said = await read([join(ROOT, 'node_modules/typescript/bin/tsc'), '--pretty', 'false', '--project', project])
      report(`types of ${project.replace(/\/tsconfig\.json$/, '')}`, said.split('\n').filter((line) => line !== ''))
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker))
  report('who imports whom', findImportFaults(ROOT))
  const rules = findRuleFaults(ROOT)
  if (rules === undefined) process.stdout.write('– rules and their tests: docs/PROTOCOL.md isn’t here, so nothing was compared\n')
  else report('rules and their tests', rules)
  return count
}

if (import.meta.main) endWith(await check())
