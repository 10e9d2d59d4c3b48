/** So much work at a time; the rest waits in order. */
export function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let busy = 0
  return async (work) => {
    if (busy >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else busy++
    try {
      return await work()
    } finally {
      // The place goes on to the next, or is free.
      const next = waiting.shift()
      if (next === undefined) busy--
      else next()
    }
  }
}
