import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from '../../protocol/wire/bytes.ts'
import type { Ports, Secrets } from '../ports.ts'

const NONCE = 12
const TAG = 16
export const KEY = 32

/** AES-256-GCM under one key of the profile: `nonce (12) | ciphertext | tag (16)`. Where the key rests is the host's affair. */
export function createSecrets({ key, random }: { key: Uint8Array; random: Ports['random'] }): Secrets {
  return {
    seal(plain) {
      const nonce = random(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      return concat(nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag())
    },
    open(sealed) {
      if (sealed.length < NONCE + TAG) return undefined
      const end = sealed.length - TAG
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
      decipher.setAuthTag(sealed.subarray(end))
      try {
        return concat(decipher.update(sealed.subarray(NONCE, end)), decipher.final())
      } catch {
        return undefined
      }
    },
  }
}
