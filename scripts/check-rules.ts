import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { laterRules, otherIds } from './rules-later.ts'
import { sources } from './steps/files.ts'
import { ROOT } from './steps/process.ts'

/**
 * Every rule of docs/PROTOCOL.md (`**S12**`) that is in force is quoted by the title of a test (`[S12]`), and every id that a title
 * quotes exists. Undefined where there is no docs/PROTOCOL.md.
 */
export function findRuleFaults(root: string): string[] | undefined {
  const path = join(root, 'docs/PROTOCOL.md')
  if (!existsSync(path)) return undefined
  const rules = new Set([...readFileSync(path, 'utf8').matchAll(/\*\*([A-Z]\d{1,2})\*\*/g)].map((match) => match[1]!))
  const quoted = new Map<string, string>()
  for (const file of sources(['*/**/*.test.ts', '*/**/*.test.tsx', '*/**/*.suite.ts', 'e2e/**/*.spec.ts'], root)) {
    for (const id of idsInTitles(readFileSync(join(root, file), 'utf8'))) quoted.set(id, file)
  }
  // The vectors name their rule, and vectors.test.ts makes a test of each.
  for (const file of sources('protocol/wire/vectors/*.json', root)) {
    for (const [, id] of readFileSync(join(root, file), 'utf8').matchAll(/"rule":\s*"([A-Z]\d{1,2})"/g)) quoted.set(id!, file)
  }
  return [
    ...[...rules].filter((rule) => !quoted.has(rule) && !laterRules.some((later) => later.test(rule))).map((rule) => `${rule} has no test`),
    ...[...quoted].filter(([id]) => !rules.has(id) && !otherIds.test(id)).map(([id, file]) => `${file} quotes ${id}, which isn’t in docs/PROTOCOL.md`),
  ]
}

/** Ids in square brackets within the quotes that open a test, a suite or a step; also `[L1, L2]`. */
function idsInTitles(text: string): string[] {
  const titles = text.matchAll(/\b(?:test|it|describe|check|step|suite)(?:\.\w+)*\(\s*(?:'([^'\n]*)'|"([^"\n]*)"|`([^`]*)`)/g)
  return [...titles].flatMap((match) => {
    const title = match[1] ?? match[2] ?? match[3] ?? ''
    return [...title.matchAll(/\[([^\]]*)\]/g)].flatMap((bracket) => bracket[1]!.match(/\b[A-Z]\d{1,2}\b/g) ?? [])
  })
}

if (import.meta.main) {
  const faults = findRuleFaults(ROOT)
  if (faults === undefined) process.stdout.write('docs/PROTOCOL.md isn’t here, so nothing was compared.\n')
  for (const fault of faults ?? []) process.stdout.write(`${fault}\n`)
  process.exit(faults === undefined || faults.length === 0 ? 0 : 1)
}
