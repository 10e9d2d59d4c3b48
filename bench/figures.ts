/** What a bench says: a figure beside its yardstick of the same run. There are no absolute gates; machines differ, ratios much less. */
export interface Figure {
  name: string
  value: number
  unit: 'ms' | 'µs' | 'KiB' | 'MB/s' | 'MB'
  /** The same work at its barest, measured in turns with ours. */
  yardstick: number
  /** `value / yardstick` */
  ratio: number
  /** The ratio we aim for. */
  aim: number
}

export const say = (line: string) => void process.stderr.write(`${line}\n`)

export function figure(name: string, unit: Figure['unit'], { ours, bare, aim, goal }: { ours: number; bare: number; aim: number; goal: string }): Figure {
  const made = { name, value: rounded(ours), unit, yardstick: rounded(bare), ratio: rounded(ours / bare), aim }
  say(`${name}: ${made.value} ${unit}, yardstick ${made.yardstick} ${unit}, ratio ${made.ratio} (aim ${aim}, goal ${goal})`)
  return made
}

/** Three digits that mean something. */
export const rounded = (value: number): number => Number(value.toPrecision(3))

/** `p` from 0 to 1, nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]) => percentile(values, 0.5)

/** `p50 1.2, p95 3.4, p99 5.6` */
export const spread = (values: readonly number[]) => [0.5, 0.95, 0.99].map((p) => `p${p * 100} ${rounded(percentile(values, p))}`).join(', ')

/** Both in turns, so that whatever else this machine does strikes both; the first rounds warm up and don't count. */
export async function inTurns(rounds: { warm: number; count: number }, ours: () => Promise<number>, bare: () => Promise<number>): Promise<{ ours: number[]; bare: number[] }> {
  const found = { ours: [] as number[], bare: [] as number[] }
  for (let round = -rounds.warm; round < rounds.count; round++) {
    const pair = round % 2 === 0 ? [await ours(), await bare()] : [await bare(), await ours()].reverse()
    if (round < 0) continue
    found.ours.push(pair[0]!)
    found.bare.push(pair[1]!)
  }
  return found
}

export const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
