import { profileKey } from '../hosts/key-file.ts'
import { createSecrets } from '../hosts/sealing.ts'
import type { Ports, Secrets } from '../ports.ts'

/** No keychain here: the key rests in the profile, for this user only, and the windows say so (`can.keychain`). */
export function webSecrets({ folder, random }: { folder: string; random: Ports['random'] }): Secrets {
  return createSecrets({ key: profileKey({ folder, random }), random })
}
