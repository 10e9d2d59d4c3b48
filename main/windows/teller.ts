import type { Ik } from '../../protocol/ids.ts'
import type { Event } from '../../protocol/app/views.ts'
import type { Announcer } from '../../protocol/app/rpc.ts'
import { createAnnouncer } from './announcer.ts'
import type { Views } from './views.ts'

/** Tells all windows what has changed. What they are told is asked for at that moment, so it is never older than the change. */
export interface Teller {
  announcer: Announcer
  tell(event: Event): void
  /** Once a turn for each buddy, however much of it changed: with its last state. */
  buddy(ik: Ik): void
  /** Requests and blocked people. */
  people(): void
  phase(): void
  me(): void
  connection(): void
  invites(): void
  banners(): void
  settings(): void
  defaults(): void
  offeredInvite(): void
  stop(): void
}

export function createTeller(views: () => Views): Teller {
  const announcer = createAnnouncer(() => views().snapshot())
  const tell = announcer.announce
  const changed = new Set<Ik>()
  let isStopped = false

  function tellBuddies() {
    const iks = [...changed]
    changed.clear()
    if (isStopped) return
    for (const ik of iks) {
      const buddy = views().buddy(ik)
      tell(buddy === undefined ? { e: 'buddy-gone', ik } : { e: 'buddy', buddy })
    }
  }

  return {
    announcer, tell,
    buddy(ik) {
      if (changed.size === 0) queueMicrotask(tellBuddies)
      changed.add(ik)
    },
    people() {
      tell({ e: 'requests', requests: views().requests(), refused: views().refused() })
      tell({ e: 'blocked', blocked: views().blocked() })
    },
    phase: () => tell({ e: 'phase', phase: views().phase() }),
    me() {
      const me = views().me()
      if (me !== undefined) tell({ e: 'me', me })
    },
    connection: () => tell({ e: 'connection', connection: views().connection() }),
    invites: () => tell({ e: 'invites', invites: views().invites() }),
    banners: () => tell({ e: 'banners', banners: views().banners() }),
    settings: () => tell({ e: 'settings', settings: views().settings() }),
    defaults: () => tell({ e: 'defaults', defaults: views().defaults() }),
    offeredInvite() {
      const link = views().offeredInvite()
      tell({ e: 'offered-invite', ...(link === undefined ? {} : { link }) })
    },
    stop: () => void (isStopped = true),
  }
}
