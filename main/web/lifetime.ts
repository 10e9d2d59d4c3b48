/** How long the web host stays, and how long its address works. */

/** After its last window: a reload and a second window take less. */
const LINGER = 10_000

/** Counts windows, and calls back when none has been open for a while; not before the first one. */
export function createLinger({ onGone, after = LINGER }: { onGone(): void; after?: number }) {
  let timer: NodeJS.Timeout | undefined
  let hasOpened = false
  let isStopped = false
  return {
    count(windows: number) {
      hasOpened ||= windows > 0
      clearTimeout(timer)
      if (windows === 0 && !isStopped) timer = setTimeout(onGone, after)
    },
    hasOpened: () => hasOpened,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

/** Until the first window is open: a fresh address whenever the last one ran out unused. Returns how to stop. */
export function renewAddress(deps: { first: string; announce(): string; isWaiting(token: string): boolean; hasOpened(): boolean; every: number }): () => void {
  let token = deps.first
  const timer = setInterval(() => {
    if (deps.hasOpened()) clearInterval(timer)
    else if (!deps.isWaiting(token)) token = deps.announce()
  }, deps.every)
  return () => clearInterval(timer)
}
