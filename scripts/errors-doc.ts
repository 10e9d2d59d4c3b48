import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from '../protocol/errors.ts'

/** docs/ERRORS.md is written from the registry: `node scripts/errors-doc.ts` writes it, a test holds the two equal. */
export const PATH = join(import.meta.dirname, '../docs/ERRORS.md')

export function errorsDoc(): string {
  const rows = Object.entries(errors).map(([code, sentence]) => `| \`${code}\` | ${sentence} |`)
  return `# Errors

Every code that reaches a person, with its sentence (\`protocol/errors.ts\`; this file is written by \`node scripts/errors-doc.ts\`).
\`{…}\` is filled in by the window. Codes of the wire are in [PROTOCOL.md](PROTOCOL.md), section 14.

| code | sentence |
|---|---|
${rows.join('\n')}
`
}

if (import.meta.main) writeFileSync(PATH, errorsDoc())
export const writtenDoc = () => readFileSync(PATH, 'utf8')
