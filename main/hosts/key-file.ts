import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Refused } from '../../protocol/app/rpc.ts'
import type { Ports } from '../ports.ts'
import { folderFault } from './profile.ts'
import { KEY } from './sealing.ts'

/** The profile's key where no keychain guards it: 32 bytes, for this user only (0600). */
const PLAIN = 'secrets.key'
/** The same key, sealed by the system's keychain. */
const SEALED = 'secrets.sealed'

/** What seals the key, where there is such a thing. */
export interface Keychain {
  seal(key: Uint8Array): Uint8Array
  /** Throws or gives other bytes where it can't. */
  open(sealed: Uint8Array): Uint8Array
}

/**
 * The profile's key: found, taken over into the keychain, or made. Refused with `wrong-store-key` where it rests in a keychain
 * that isn't here or doesn't open it: a new key would only make the log unreadable.
 */
export function profileKey(deps: { folder: string; random: Ports['random']; keychain?: Keychain }): Uint8Array {
  const { folder, keychain } = deps
  const plain = join(folder, PLAIN)
  const sealed = join(folder, SEALED)
  try {
    if (existsSync(sealed)) {
      const key = openSealed(sealed, keychain)
      // A take-over that was cut short: the sealed key was read back before the plain one goes.
      rmSync(plain, { force: true })
      return key
    }
    const found = existsSync(plain) ? readFileSync(plain) : undefined
    if (found !== undefined && found.length !== KEY) throw new Refused('wrong-store-key')
    const key = found ?? deps.random(KEY)
    if (keychain !== undefined) {
      writeWhole(sealed, keychain.seal(key))
      if (!openSealed(sealed, keychain).every((byte, at) => byte === key[at])) throw new Refused('wrong-store-key')
      rmSync(plain, { force: true })
    } else if (found === undefined) {
      writeWhole(plain, key)
    }
    return key
  } catch (error) {
    throw folderFault(error)
  }
}

function openSealed(path: string, keychain: Keychain | undefined): Uint8Array {
  if (keychain === undefined) throw new Refused('wrong-store-key')
  const sealed = readFileSync(path)
  const key = attempt(() => keychain.open(sealed))
  if (key?.length !== KEY) throw new Refused('wrong-store-key')
  return key
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}

/** All of it or nothing: a half-written key is a lost log. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const draft = `${path}.draft`
  rmSync(draft, { force: true })
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  syncFolder(dirname(path))
}

/** The new name too has to survive a power cut. Windows has no such call, and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
