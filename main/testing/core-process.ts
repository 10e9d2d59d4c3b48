import { createInterface } from 'node:readline'
import { signUp, startCore } from './core.ts'

/**
 * A core as a process of its own, to be killed. Orders come as JSON lines, answers go as JSON lines. While it chatters it writes
 * numbered messages and says `saved` only once the core said so.
 */

const [dir, name, serverUrl, flag] = process.argv.slice(2) as [string, string, string, string | undefined]
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
/** The naive twin: says `saved` before the commit, as a program does that answers first and writes later. */
const isNaive = flag === 'naive'

const core = await startCore({ dir, candidates: 'loopback-only', logTo: (fact, details) => fact === 'bug' && say({ bug: details }) })
if (core.state().phase.at === 'welcome') await signUp(core, name, serverUrl)
else await core.client.call('goOnline', {})
let next = 0

async function chatter(from: number, every: number) {
  next = from
  const buddy = () => core.state().buddies.find((one) => one.state === 'accepted')
  for (;;) {
    const to = buddy()
    if (to !== undefined && to.mine.chosen) {
      const n = next++
      const text = `${name} ${n}`
      if (isNaive) {
        say({ saved: n })
        setTimeout(() => void core.client.call('sendMessage', { ik: to.ik, text }), 60)
      } else {
        await core.client.call('sendMessage', { ik: to.ik, text })
        say({ saved: n })
      }
    }
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}

// Whoever started this is gone.
process.stdin.on('close', () => process.exit(1))
createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as { id: number; do: string; p?: never }
  const answer = (r: unknown) => say({ id: order.id, r })
  if (order.do === 'chatter') return void chatter((order as unknown as { from: number }).from, (order as unknown as { every: number }).every)
  if (order.do === 'state') return answer(core.state())
  if (order.do === 'close') return void core.close().then(() => process.exit(0))
  core.client.call(order.do as never, order.p as never).then(answer, (error: Error) => say({ id: order.id, error: error.message }))
})
say({ ready: true })
