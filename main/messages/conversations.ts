import type { B64, ConvId } from '../../protocol/ids.ts'
import { NO_HASH } from '../identity/crypto.ts'
import type { Store } from '../store/store.ts'

/** One row a conversation: my last number and its hash [W12], and the last place taken on screen [W27]. */
export interface Conversations {
  top(c: ConvId): { n: number; h: B64 }
  setTop(c: ConvId, n: number, h: B64): void
  /** The next place for something of mine, or a line: after all that stands there. */
  nextPos(c: ConvId, at: number): number
  /** [W12] A new device of mine starts at n = 1. */
  restart(c: ConvId): void
  forget(c: ConvId): void
}

export function createConversations({ store }: { store: Store }): Conversations {
  const { db } = store
  const get = db.prepare<[string], { n: number; h: B64; pos: number }>('SELECT n, h, pos FROM conversations WHERE c = ?')
  const start = db.prepare('INSERT OR IGNORE INTO conversations (c, n, h) VALUES (?, 0, ?)')
  const setTop = db.prepare('UPDATE conversations SET n = ?, h = ? WHERE c = ?')
  const setPos = db.prepare('UPDATE conversations SET pos = ? WHERE c = ?')
  const drop = db.prepare('DELETE FROM conversations WHERE c = ?')
  const row = (c: ConvId) => get.get(c) ?? (start.run(c, NO_HASH), get.get(c)!)
  return {
    top: (c) => row(c),
    setTop(c, n, h) {
      row(c)
      setTop.run(n, h, c)
    },
    nextPos(c, at) {
      const pos = Math.max(at, row(c).pos + 0.001)
      setPos.run(pos, c)
      return pos
    },
    restart: (c) => void setTop.run(0, NO_HASH, c),
    forget: (c) => void drop.run(c),
  }
}
