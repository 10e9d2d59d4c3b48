import type { Db } from './open.ts'
import { codeOf } from './open.ts'

/**
 * Transactions and what follows them. Every change of state is one `write`; what the world hears of it (events, frames,
 * acknowledgements) is given to `after` and happens once the commit has returned, or not at all.
 */
export interface Store {
  db: Db
  /** Runs in one transaction. On failure nothing has changed, on disk or in memory, and the error is thrown on. */
  write<T>(change: () => T): T
  /** To be done after the commit of the write that is running; at once where none is. */
  after(effect: () => void): void
  /** Called when a write failed: drop what memory holds of the store and read it again. */
  onRollback(reload: () => void): void
  meta: Meta
  /** Nothing is going on: what was deleted leaves the write-ahead log too. */
  tidy(): void
  close(): void
}

export interface Meta {
  get<T>(key: string): T | undefined
  set(key: string, value: unknown): void
}

export interface StoreEvents {
  /** A write failed because the disk is full (true), or one went through again (false). */
  onDiskFull(isFull: boolean): void
  onEffectBug(error: unknown): void
}

export function createStore(db: Db, events: StoreEvents): Store {
  const reloads: (() => void)[] = []
  let effects: (() => void)[] | undefined
  let isFull = false
  const run = db.transaction((change: () => unknown) => change())
  const getMeta = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?')
  const setMeta = db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')

  function noteFull(now: boolean) {
    if (now === isFull) return
    isFull = now
    events.onDiskFull(now)
  }

  return {
    db,
    write<T>(change: () => T): T {
      if (effects !== undefined) return change()
      const due: (() => void)[] = (effects = [])
      let result: T
      try {
        result = run.immediate(change) as T
        effects = undefined
      } catch (error) {
        effects = undefined
        for (const reload of reloads) reload()
        if (codeOf(error) === 'disk-full') noteFull(true)
        throw error
      }
      noteFull(false)
      for (const effect of due) {
        // What is committed stands: an effect that fails is told, and takes no other with it.
        try {
          effect()
        } catch (error) {
          events.onEffectBug(error)
        }
      }
      return result
    },
    after(effect) {
      if (effects === undefined) effect()
      else effects.push(effect)
    },
    onRollback: (reload) => void reloads.push(reload),
    meta: {
      get: (key) => {
        const row = getMeta.get(key)
        return row === undefined ? undefined : JSON.parse(row.value)
      },
      set: (key, value) => void setMeta.run(key, JSON.stringify(value)),
    },
    tidy: () => void db.pragma('wal_checkpoint(TRUNCATE)'),
    close() {
      try {
        db.pragma('wal_checkpoint(TRUNCATE)')
      } catch {
        // No room for it: the log beside the file keeps what it holds, and the next start reads it.
      }
      db.close()
    },
  }
}
