import { randomFillSync } from 'node:crypto'
import type { Clock, Ports } from '../ports.ts'

/** setTimeout counts in 31 bits and fires at once beyond: 24 days, and an undelivered message may wait longer. */
const LONGEST_TIMER = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    let timer: NodeJS.Timeout
    const wait = (left: number) => {
      timer = setTimeout(() => (left > LONGEST_TIMER ? wait(left - LONGEST_TIMER) : callback()), Math.min(left, LONGEST_TIMER))
    }
    wait(ms)
    return () => clearTimeout(timer)
  },
}

export const systemRandom: Ports['random'] = (n) => randomFillSync(new Uint8Array(n))

/** One fact a line; what a fact may be is said at `Ports.log`. */
export function createLog(write: (line: string) => void): Ports['log'] {
  return (fact, details) => write(details === undefined ? `${fact}\n` : `${fact} ${JSON.stringify(details)}\n`)
}
