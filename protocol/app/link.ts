import { type Bytes, concat, reader, u32be, utf8, utf8Text } from '../wire/bytes.ts'

/**
 * What the core and the link page say over their byte pipe: `u8 kind | u32be link | payload`. A link number is made by the core
 * and never used twice. Payloads are JSON but for frames, which cross as they are. SDP and candidate lines are Chromium's own:
 * the core reads and writes them, and none goes further [L1].
 */

export type ToPage =
  /** Make a connection. `iceServers` is always given [L5]; `policy` as RTCConfiguration.iceTransportPolicy. */
  | { kind: 'open'; link: number; initiator: boolean; iceServers: { urls: string[]; username?: string; credential?: string }[]; policy: 'all' | 'relay' }
  /** The other side's description, written by the core from the template. */
  | { kind: 'remote'; link: number; type: 'offer' | 'answer'; sdp: string }
  | { kind: 'candidate'; link: number; candidate: string }
  /** One message on the channel `ctl`. */
  | { kind: 'ctl'; link: number; bytes: Bytes }
  | { kind: 'close'; link: number }

export type FromPage =
  /** Our description as Chromium wrote it, once. `fp`: sha-256 of the fresh certificate, 32 bytes in hex; `iceServers`: read back with getConfiguration(). */
  | { kind: 'local'; link: number; type: 'offer' | 'answer'; sdp: string; fp: string; iceServers: string[] }
  | { kind: 'candidate'; link: number; candidate: string }
  /** No more candidates. */
  | { kind: 'gathered'; link: number }
  /** Channel 0 is open. `der`: the certificate the other side really used, from the DTLS transport. */
  | { kind: 'up'; link: number; der: Bytes }
  /** The addresses in use, from getStats(): `local` as the other side sees it where that is known. */
  | { kind: 'pair'; link: number; local: string; localType: string; remoteType: string }
  | { kind: 'ctl'; link: number; bytes: Bytes }
  /** ICE lost the other side, or found it again. */
  | { kind: 'ice'; link: number; connected: boolean }
  | { kind: 'closed'; link: number; why: string }

const TO_PAGE = ['open', 'remote', 'candidate', 'ctl', 'close'] as const
const FROM_PAGE = ['local', 'candidate', 'gathered', 'up', 'pair', 'ctl', 'ice', 'closed'] as const
/** Kinds whose payload is bytes, and under which name. */
const BINARY = { ctl: 'bytes', up: 'der' } as const

function write(kinds: readonly string[], message: ToPage | FromPage): Bytes {
  const { kind, link, ...rest } = message
  const payload = kind in BINARY ? (rest as Record<string, Bytes>)[BINARY[kind as keyof typeof BINARY]]! : utf8(JSON.stringify(rest))
  return concat(Uint8Array.of(kinds.indexOf(kind)), u32be(link), payload)
}

/** Undefined for anything malformed: the page is Chromium's sandbox, and what comes out of it is checked like the wire. */
function read(kinds: readonly string[], bytes: Bytes): unknown {
  const from = reader(bytes)
  const kind = kinds[from.u8() ?? -1]
  const link = from.u32()
  if (kind === undefined || link === undefined) return undefined
  if (kind in BINARY) return { kind, link, [BINARY[kind as keyof typeof BINARY]]: from.rest() }
  try {
    const rest: unknown = JSON.parse(utf8Text(from.rest()) ?? '')
    return typeof rest === 'object' && rest !== null ? { ...rest, kind, link } : undefined
  } catch {
    return undefined
  }
}

export const writeToPage = (message: ToPage) => write(TO_PAGE, message)
export const readToPage = (bytes: Bytes) => read(TO_PAGE, bytes) as ToPage | undefined
export const writeFromPage = (message: FromPage) => write(FROM_PAGE, message)

const TEXTS: Partial<Record<FromPage['kind'], string[]>> = {
  local: ['type', 'sdp', 'fp'], candidate: ['candidate'], pair: ['local', 'localType', 'remoteType'], closed: ['why'],
}

export function readFromPage(bytes: Bytes): FromPage | undefined {
  const message = read(FROM_PAGE, bytes) as (FromPage & Record<string, unknown>) | undefined
  if (message === undefined) return undefined
  if (!(TEXTS[message.kind] ?? []).every((name) => typeof message[name] === 'string')) return undefined
  if (message.kind === 'local' && !(Array.isArray(message.iceServers) && message.iceServers.every((url) => typeof url === 'string'))) return undefined
  if (message.kind === 'ice' && typeof message.connected !== 'boolean') return undefined
  return message
}
