import { join } from 'node:path'
import { readArgs } from '../hosts/args.ts'
import { nodeFault } from '../hosts/node-version.ts'
import { keepYoungHeapSmall } from '../hosts/young-heap.ts'

/** Entry of `npm run web`: the core behind a WebSocket on 127.0.0.1, for any Chromium. Exit codes: 0 done, 1 failed, 2 wrong usage. */

/** An end that takes longer than this is cut short; SIGTERM promises 5 s. */
const END_WITHIN = 4_500

keepYoungHeapSmall()
const say = (line: string) => process.stdout.write(line)
const warn = (line: string) => process.stderr.write(line)
const fault = nodeFault(process.versions.node)
const read = readArgs(process.argv.slice(2), true)

if (fault !== undefined || !read.ok) {
  warn(`${fault ?? (read.ok ? '' : read.why)}\n`)
  process.exit(fault === undefined ? 2 : 1)
}

// Loaded only now: the database module crashes on a Node that is too old.
const [{ startWebHost }, { createApp }] = await Promise.all([import('./host.ts'), import('../app.ts')])

const started = startWebHost({ args: read.args, createApp, root: join(import.meta.dirname, '../../out/renderer'), say, warn, onEnd: () => void end() })

let isEnding = false
async function end() {
  if (isEnding) return
  isEnding = true
  setTimeout(() => process.exit(1), END_WITHIN).unref()
  const host = await started
  if (host.at === 'serving') await host.close()
  process.exit(0)
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end())

const host = await started
if (host.at !== 'serving') process.exit(host.at === 'open-already' ? 0 : 1)
