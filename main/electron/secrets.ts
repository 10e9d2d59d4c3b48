import { type Keychain, profileKey } from '../hosts/key-file.ts'
import { createSecrets } from '../hosts/sealing.ts'
import type { Ports, Secrets } from '../ports.ts'
import type { Electron } from './electron.ts'

interface Deps {
  electron: Pick<Electron, 'safeStorage'>
  platform: NodeJS.Platform
  folder: string
  random: Ports['random']
}

/**
 * The profile's key under the system's keychain; a key that the web host left in a file is taken over and the file goes. Where there
 * is no keychain the key rests in that file, and `isKeychain` says so honestly: under `basic_text` Chromium's password is public.
 */
export function electronSecrets({ electron, platform, folder, random }: Deps): { secrets: Secrets; isKeychain: boolean } {
  const keychain = findKeychain(electron.safeStorage, platform)
  const key = profileKey(keychain === undefined ? { folder, random } : { folder, random, keychain })
  return { secrets: createSecrets({ key, random }), isKeychain: keychain !== undefined }
}

function findKeychain(safeStorage: Electron['safeStorage'], platform: NodeJS.Platform): Keychain | undefined {
  if (!safeStorage.isEncryptionAvailable()) return undefined
  if (platform === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())) return undefined
  return {
    seal: (key) => safeStorage.encryptString(Buffer.from(key).toString('base64')),
    open: (sealed) => Buffer.from(safeStorage.decryptString(Buffer.from(sealed)), 'base64'),
  }
}
