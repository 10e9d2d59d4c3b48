import type { ServerName } from '../protocol/ids.ts'
import { addressKind } from '../protocol/wire/addresses.ts'
import { isKeyName, isServerName } from '../protocol/wire/scalars.ts'
import { keyName } from './crypto.ts'

export interface Listening { host: string; name?: string | undefined; hasTls: boolean; isBehindProxy: boolean }

/** [S2] Why this server may not listen so, in words for whoever runs it; undefined where it may. */
export function listeningFault({ host, name, hasTls, isBehindProxy }: Listening): string | undefined {
  if (hasTls || isBehindProxy) {
    if (name === undefined) return 'A server with TLS or behind a proxy needs --name: the host name that people dial, such as chat.example.org.'
    if (!isServerName(name) || isKeyName(name)) return `"${name}" is not a host name: small letters, digits, hyphens and dots, and ":port" only where it is not 443.`
    return undefined
  }
  if (name !== undefined) return 'A name needs TLS (--tls-cert and --tls-key) or a proxy that does TLS (--behind-proxy). Without TLS the name comes from the server’s key.'
  const kind = addressKind(host)
  if (kind === 'loopback' || kind === 'private') return undefined
  return `Without TLS a server listens on loopback and private addresses only, and ${host} is neither. Give --tls-cert and --tls-key, or --behind-proxy and --name.`
}

/** [S2] Host name with TLS, key name without. */
export const serverNameOf = (listening: Listening, spk: Uint8Array): ServerName =>
  listening.hasTls || listening.isBehindProxy ? (listening.name as ServerName) : keyName(spk)
