import type { Figure } from './figures.ts'
import { say } from './figures.ts'
import { cleanUp } from './programs.ts'

/** `npm run bench [-- NAME…]`: what is being measured goes to stderr; the last line on stdout is a JSON array of figures. */

const groups: Record<string, () => Promise<Figure[]>> = {
  messages: async () => (await import('./messages.ts')).messages(),
  server: async () => (await import('./server.ts')).server(),
  start: async () => (await import('./start.ts')).start(),
  transfer: async () => [...await (await import('./transfer.ts')).transfer(), ...await (await import('./shares.ts')).shares()],
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !Object.hasOwn(groups, name))
if (unknown !== undefined) {
  say(`There is no group "${unknown}"; there are ${Object.keys(groups).join(', ')}.`)
  process.exit(2)
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void cleanUp().finally(() => process.exit(1)))

try {
  const figures: Figure[] = []
  for (const name of wanted.length > 0 ? wanted : Object.keys(groups)) figures.push(...await groups[name]!())
  await cleanUp()
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  process.exit(0)
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  await cleanUp()
  process.exit(1)
}
