/** Work that nobody waits for: its failure is told, never thrown into the air, and closing waits for its end. */
export interface Background {
  (work: Promise<unknown>): void
  /** Resolves once nothing is under way. */
  settled(): Promise<void>
}

export function createBackground(onBug: (error: unknown) => void): Background {
  const running = new Set<Promise<unknown>>()
  const background = (work: Promise<unknown>) => {
    const watched: Promise<unknown> = work.catch(onBug).finally(() => running.delete(watched))
    running.add(watched)
  }
  return Object.assign(background, {
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  })
}
