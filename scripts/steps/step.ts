import { type Count, nothing } from './count.ts'
import { endGroup, start } from './process.ts'

/** What is asked to end has so long, ms. */
const END_WITHIN = 3_000

interface Step {
  title: string
  /** A program of ours that sends its `Count` (`endWith`); one that says nothing counts as one test. */
  path: string
  /** ms; what takes longer hangs, and has failed. */
  within: number
}

/** Runs a step in a process group of its own, and ends with it whatever it left running. Never later than `within`, and a few seconds. */
export function take({ title, path, within }: Step): Promise<Count> {
  return new Promise((resolve) => {
    // Its words pass through here: whatever it may leave running holds nobody's output open but ours.
    const child = start(process.execPath, [path], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: process.platform !== 'win32' })
    child.stdout?.pipe(process.stdout, { end: false })
    child.stderr?.pipe(process.stderr, { end: false })
    let said: Count | undefined
    let isHung = false
    child.on('message', (message) => (said = message as Count))
    const limit = setTimeout(() => {
      isHung = true
      process.stderr.write(`\n${title} was not done after ${Math.round(within / 1000)} s, and is ended.\n`)
      endGroup(child, 'SIGTERM')
      setTimeout(endGroup, END_WITHIN, child, 'SIGKILL').unref()
    }, within)
    child.on('exit', (code) => {
      clearTimeout(limit)
      endGroup(child, 'SIGKILL')
      const count = said ?? { ...nothing, [code === 0 ? 'passed' : 'failed']: 1 }
      const done = () => resolve(isHung ? { ...count, failed: Math.max(1, count.failed) } : count)
      // What still stands in its output comes first, unless somebody outside the group holds that open.
      const hold = setTimeout(done, END_WITHIN)
      child.once('close', () => {
        clearTimeout(hold)
        done()
      })
    })
  })
}
