import { setImmediate as breathe } from 'node:timers/promises'
import type { B64, Ms } from '../../protocol/ids.ts'
import type { Background } from '../background.ts'
import type { Clock } from '../ports.ts'
import type { Store } from '../store/store.ts'
import type { Books } from './books.ts'
import type { Opener } from './open.ts'
import type { Rows } from './rows.ts'
import { type Counted, walk } from './walk.ts'

/** When shared folders are looked through: as they are shared, and again when somebody looks: "files you add later are shared too". */

/** A look finds the folder as it was at most so long ago. */
const FRESH_FOR: Ms = 30_000
/** Somebody who looks waits so long for it, of the 15 s after which nobody waits any more. */
const WAITS: Ms = 10_000
/** Rows removed before others have their turn. */
const SLICE = 250

export interface ReadingDeps {
  store: Store
  clock: Clock
  background: Background
  books: Books
  rows: Rows
  opener: Opener
  leaveOut(): readonly string[]
  onNews(): void
  /** Everything in it is in the index. */
  onRead(share: B64): void
  /** It can't be read: gone, or something is short for the moment. */
  onUnreadable(share: B64): Promise<void>
  log(fact: string, details?: Record<string, number | string | boolean>): void
}

interface State {
  /** In this run. */
  readAt: Ms | undefined
  running: Promise<void> | undefined
  soFar: Counted | undefined
}

export type Reading = ReturnType<typeof createReading>

export function createReading({ store, clock, background, books, rows, opener, leaveOut, onNews, onRead, onUnreadable, log }: ReadingDeps) {
  const states = new Map<B64, State>()
  let isClosed = false
  const isOver = (id: B64) => isClosed || books.get(id)?.ended !== null
  const stateOf = (id: B64): State => {
    const known = states.get(id) ?? { readAt: undefined, running: undefined, soFar: undefined }
    states.set(id, known)
    return known
  }

  async function read(id: B64, state: State) {
    for (;;) {
      const share = books.get(id)
      if (share === undefined || isOver(id)) return
      const walked = await walk({
        rows, opener, leaveOut, isOver,
        write: (_, changes, next) => store.write(() => {
          for (const change of changes) rows.apply(id, change)
          books.next(id, next)
        }),
        onProgress(_, counted) {
          state.soFar = counted
          onNews()
        },
      }, { id, root: share.root, next: share.next, once: share.once === 1 })
      // Ended and shared again meanwhile: it begins anew.
      if (walked.at === 'over') continue
      if (walked.at === 'gone') return onUnreadable(id)
      log('a shared folder was read', { files: walked.files, skipped: walked.skipped })
      state.readAt = clock.now()
      store.write(() => books.read(id, walked))
      return onRead(id)
    }
  }

  function start(id: B64): Promise<void> {
    const state = stateOf(id)
    if (state.running !== undefined) return state.running
    state.running = read(id, state).finally(() => {
      state.running = undefined
      state.soFar = undefined
      if (!isClosed) onNews()
    })
    background(state.running)
    return state.running
  }

  /** Whether it is as fresh as a look may expect. */
  const isFresh = ({ readAt, running }: State) => running === undefined && readAt !== undefined && clock.now() - readAt <= FRESH_FOR

  return {
    start: (id: B64) => void start(id),
    /** Without waiting for it. */
    refresh: (id: B64) => void (isFresh(stateOf(id)) || start(id)),
    /** Resolves once the index is fresh, or after a while; false where it has not been read at all. */
    async fresh(id: B64): Promise<boolean> {
      const state = stateOf(id)
      if (isFresh(state)) return true
      await new Promise<void>((resolve) => {
        const stop = clock.after(WAITS, resolve)
        const done = () => {
          stop()
          resolve()
        }
        start(id).then(done, done)
      })
      return state.readAt !== undefined
    },
    /** Set while it is being looked through. */
    soFar: (id: B64): Counted | undefined => states.get(id)?.soFar,
    isReading: (id: B64): boolean => states.get(id)?.running !== undefined,
    /** Drops the index of a share that is over, and with a forgotten one the share. */
    async clear(id: B64): Promise<void> {
      stateOf(id).readAt = undefined
      for (;;) {
        const share = books.get(id)
        if (isClosed || share === undefined || share.ended === null) return
        // From the last one on: a folder has a lower number than what is in it, so that nothing is left without its folder.
        const some = rows.last(id, SLICE)
        store.write(() => {
          for (const row of some) rows.apply(id, { do: 'drop', row })
          if (some.length === 0 && share.why === 'forgotten') books.remove(id)
        })
        if (some.length === 0) return void (share.why === 'forgotten' && states.delete(id))
        await breathe()
      }
    },
    close: () => void (isClosed = true),
  }
}
