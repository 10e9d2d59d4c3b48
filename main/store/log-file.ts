import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ports } from '../ports.ts'
import { migrations } from './migrations/index.ts'
import { type Db, openStore, StoreError } from './open.ts'

/** The log of a profile. Its data key is random, and rests beside it sealed by the secrets port. Throws StoreError. */
export function openLogFile({ paths, secrets, random }: Pick<Ports, 'paths' | 'secrets' | 'random'>, writeWhole: (file: string, bytes: Uint8Array) => void): Db {
  const keyFile = join(paths.profile, 'store.key')
  const file = join(paths.profile, 'log.db')
  let key: Uint8Array | undefined
  try {
    if (existsSync(keyFile)) key = secrets.open(readFileSync(keyFile))
    // A log without its key is never given a new one: that would hide the loss.
    else if (!existsSync(file)) {
      key = random(32)
      writeWhole(keyFile, secrets.seal(key))
    }
  } catch (error) {
    throw new StoreError((error as { code?: string }).code === 'ENOENT' ? 'no-folder' : 'read-only', { cause: error })
  }
  if (key === undefined) throw new StoreError('wrong-store-key')
  return openStore({ file, key, migrations })
}
