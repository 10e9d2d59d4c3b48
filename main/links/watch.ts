import { LINK_IDLE, LINK_PING, LINK_UNANSWERED } from '../../protocol/limits.ts'
import type { Clock } from '../ports.ts'

/** [5.3] A link that is up: pinged where nothing is heard, lost where nothing answers, closed where nothing is said. */
export interface Watch {
  /** Anything came. */
  heard(): void
  /** Content went either way: the idle time starts anew. */
  used(): void
  /** ICE has lost the other side, or found it again. */
  ice(isConnected: boolean): void
  stop(): void
}

export function startWatch(clock: Clock, { ping, onLost, onIdle }: { ping(k: number): void; onLost(): void; onIdle(): void }): Watch {
  const nothing = () => undefined
  let k = 0
  let stopPing: () => void = nothing
  let stopIdle: () => void = nothing
  let stopIce: () => void = nothing
  const watch: Watch = {
    heard() {
      stopPing()
      stopPing = clock.after(LINK_PING, () => {
        ping(++k)
        stopPing = clock.after(LINK_UNANSWERED, onLost)
      })
    },
    used() {
      stopIdle()
      stopIdle = clock.after(LINK_IDLE, onIdle)
    },
    ice(isConnected) {
      stopIce()
      stopIce = isConnected ? nothing : clock.after(LINK_UNANSWERED, onLost)
      if (isConnected) watch.heard()
    },
    stop() {
      for (const stop of [stopPing, stopIdle, stopIce]) stop()
    },
  }
  watch.heard()
  watch.used()
  return watch
}
