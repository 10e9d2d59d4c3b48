import type { Bytes } from '../wire/bytes.ts'
import { createFraming } from './framing.ts'

/**
 * What the core and the link page say over their byte pipe: a link number is made by the core
 * and never used twice. SDP and candidate lines are Chromium's own:
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
  /** One message on the channel `bulk` [T1]; the page passes it on as the channel has room, in order. */
  | { kind: 'bulk'; link: number; bytes: Bytes }
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
  | { kind: 'bulk'; link: number; bytes: Bytes }
  /** So many bytes of `bulk` have gone into the channel, in all. */
  | { kind: 'room'; link: number; sent: number }
  /** ICE lost the other side, or found it again. */
  | { kind: 'ice'; link: number; connected: boolean }
  | { kind: 'closed'; link: number; why: string }

const toPage = createFraming<ToPage>(['open', 'remote', 'candidate', 'ctl', 'close', 'bulk'], 'link', { ctl: 'bytes', bulk: 'bytes' })
const fromPage = createFraming<FromPage>(['local', 'candidate', 'gathered', 'up', 'pair', 'ctl', 'ice', 'closed', 'bulk', 'room'], 'link', { ctl: 'bytes', up: 'der', bulk: 'bytes' })

export const writeToPage = toPage.write
export const readToPage = (bytes: Bytes): ToPage | undefined => toPage.read(bytes)
export const writeFromPage = fromPage.write

const TEXTS: Partial<Record<FromPage['kind'], string[]>> = {
  local: ['type', 'sdp', 'fp'], candidate: ['candidate'], pair: ['local', 'localType', 'remoteType'], closed: ['why'],
}

/** The page is Chromium's sandbox, and what comes out of it is checked like the wire. */
export function readFromPage(bytes: Bytes): FromPage | undefined {
  const message = fromPage.read(bytes)
  if (message === undefined) return undefined
  if (!(TEXTS[message.kind] ?? []).every((name) => typeof message[name] === 'string')) return undefined
  if (message.kind === 'local' && !(Array.isArray(message.iceServers) && message.iceServers.every((url) => typeof url === 'string'))) return undefined
  if (message.kind === 'room' && !(Number.isSafeInteger(message.sent) && message.sent >= 0)) return undefined
  if (message.kind === 'ice' && typeof message.connected !== 'boolean') return undefined
  return message
}
