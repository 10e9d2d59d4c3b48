import { join } from 'node:path'
import { migrations } from '../store/migrations/index.ts'
import { openStore } from '../store/open.ts'
import { createStore, type Store } from '../store/store.ts'
import { systemClock } from '../hosts/givens.ts'
import { tempDir } from './core.ts'

/** A real, encrypted store in a folder of its own, and a clock that goes only when told. */
export function testStore(): { store: Store; clock: { now: number; pass(ms: number): void }; close(): void } {
  const temp = tempDir()
  const clock = { now: 1_767_225_600_000, pass: (ms: number) => void (clock.now += ms) }
  const store = createStore(openStore({ file: join(temp.path, 'log.db'), key: new Uint8Array(32).fill(7), migrations }), { clock: systemClock, onDiskFull: () => undefined, onEffectBug: (error) => { throw error } })
  return {
    store, clock,
    close() {
      store.close()
      temp.remove()
    },
  }
}
