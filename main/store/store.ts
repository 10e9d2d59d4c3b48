import type { Ms } from '../../protocol/ids.ts'
import type { Clock } from '../ports.ts'
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
  /**
   * A change that may be lost by a kill, because it comes again by itself: a receipt. It is seen at once, here and by `after`, and is
   * committed with the next write, at the latest after `LOSABLE_FOR`: what would be a sync of its own costs none.
   */
  writeLosable(change: () => void): void
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

/** How long a losable change may wait for a write to join. */
const LOSABLE_FOR: Ms = 100

export interface StoreEvents {
  /** A write failed because the disk is full (true), or one went through again (false). */
  onDiskFull(isFull: boolean): void
  onEffectBug(error: unknown): void
}

export function createStore(db: Db, { clock, ...events }: StoreEvents & { clock: Pick<Clock, 'after'> }): Store {
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

  const sql = { begin: db.prepare('BEGIN IMMEDIATE'), commit: db.prepare('COMMIT'), rollback: db.prepare('ROLLBACK') }
  /** Set while losable changes have left a transaction open: a write joins it. */
  let stopWaiting: (() => void) | undefined

  /** Commits what was left open. */
  function settle() {
    stopWaiting?.()
    stopWaiting = undefined
    if (!db.inTransaction) return
    try {
      sql.commit.run()
    } catch (error) {
      if (db.inTransaction) sql.rollback.run()
      throw error
    }
  }

  function attempt<T>(change: () => T, end: () => void): T {
    if (effects !== undefined) return change()
    const due: (() => void)[] = (effects = [])
    let result: T
    try {
      result = run.immediate(change) as T
      end()
      effects = undefined
    } catch (error) {
      effects = undefined
      for (const reload of reloads) reload()
      if (codeOf(error) === 'disk-full') noteFull(true)
      throw error
    }
    for (const effect of due) {
      // What is done stands: an effect that fails is told, and takes no other with it.
      try {
        effect()
      } catch (error) {
        events.onEffectBug(error)
      }
    }
    return result
  }
  const write = <T>(change: () => T): T => attempt(change, () => {
    settle()
    noteFull(false)
  })
  const nothing = () => undefined
  /** On failure what was losable is lost, as it may be. */
  function commitOpen() {
    try {
      attempt(nothing, settle)
    } catch {
      // Told by `attempt`.
    }
  }

  return {
    db,
    write,
    writeLosable(change) {
      if (effects === undefined && stopWaiting === undefined) {
        sql.begin.run()
        stopWaiting = clock.after(LOSABLE_FOR, commitOpen)
      }
      attempt(change, nothing)
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
    tidy() {
      commitOpen()
      db.pragma('wal_checkpoint(TRUNCATE)')
    },
    close() {
      commitOpen()
      try {
        db.pragma('wal_checkpoint(TRUNCATE)')
      } catch {
        // No room for it: the log beside the file keeps what it holds, and the next start reads it.
      }
      db.close()
    },
  }
}
