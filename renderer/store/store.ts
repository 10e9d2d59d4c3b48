import type { Event, Snapshot } from '../../protocol/app/views.ts'
import type { Client } from '../../protocol/app/rpc.ts'
import type { Ik } from '../../protocol/ids.ts'
import { awayAfter } from './away.ts'
import { fold, fromSnapshot, openedChat, type State, withPage } from './fold.ts'

/** What the screen shows: a snapshot, and every event folded into it. The screen follows events, not replies. */
export interface Store {
  get(): State
  /** Calls back after every change; returns how to stop. */
  listen(listener: () => void): () => void
  /** Calls back with every event, after it was folded; returns how to stop. */
  onEvent(listener: (event: Event) => void): () => void
  /** Reads the newest page, once. */
  openChat(ik: Ik): void
  /** Reads the page before what is here. */
  readOlder(ik: Ik): void
}

/** Resolves when the first snapshot is here. */
export async function createStore(client: Client): Promise<Store> {
  let state: State | undefined
  const listeners = new Set<() => void>()
  const eventListeners = new Set<(event: Event) => void>()
  const reading = new Set<Ik>()

  const set = (next: State) => {
    if (next === state) return
    state = next
    for (const listener of listeners) listener()
  }
  const get = (): State => {
    if (state === undefined) throw new Error('no snapshot yet')
    return state
  }
  const read = (ik: Ik, before?: number) => {
    if (reading.has(ik)) return
    reading.add(ik)
    client.call('readChat', before === undefined ? { ik } : { ik, before })
      .then((page) => set(withPage(get(), ik, page)), () => {})
      .finally(() => reading.delete(ik))
  }

  await client.subscribe(
    (snapshot: Snapshot) => set(fromSnapshot(snapshot)),
    (event) => {
      const next = fold(get(), event)
      set(event.e === 'connection' ? { ...next, away: awayAfter(next.away, next.connection, Date.now()) } : next)
      for (const listener of eventListeners) listener(event)
    },
  )

  return {
    get,
    listen: (listener) => subscribed(listeners, listener),
    onEvent: (listener) => subscribed(eventListeners, listener),
    openChat(ik) {
      set(openedChat(get(), ik))
      if (!get().chats[ik]?.isRead) read(ik)
    },
    readOlder(ik) {
      const chat = get().chats[ik]
      const oldest = chat?.items[0]
      if (chat?.more && oldest) read(ik, oldest.pos)
    },
  }
}

function subscribed<T>(set: Set<T>, listener: T): () => void {
  set.add(listener)
  return () => void set.delete(listener)
}
