import { toB64 } from '../../protocol/wire/bytes.ts'
import { fromB64 } from '../../protocol/wire/bytes.ts'
import { type Result, refuse } from '../../protocol/wire/codec.ts'
import { MAX_CANDIDATES } from '../../protocol/limits.ts'
import { type Cand, type Desc, desc } from '../../protocol/wire/peer.ts'
import { candidateLine, readCandidateLine } from './candidates.ts'

/**
 * [L1] SDP never travels: who writes SDP can add fingerprints, leak addresses in `c=`, and reach parsers. Chromium gets what
 * this template gives, and of its own SDP only these fields are taken.
 */

export function writeSdp(d: Desc): string {
  const fingerprint = [...fromB64(d.fp)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')
  const lines = [
    'v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:0',
    `a=ice-ufrag:${d.u}`, `a=ice-pwd:${d.p}`, 'a=ice-options:trickle', `a=fingerprint:sha-256 ${fingerprint}`, `a=setup:${d.setup}`,
    'a=sctp-port:5000', ...(d.mms === 0 ? [] : [`a=max-message-size:${d.mms}`]),
    ...d.c.map((c) => `a=${candidateLine(c)}`),
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

/** The description in Chromium's SDP, with the candidates that `keep` lets through. Anything unexpected fails the link. */
export function readSdp(sdp: string, keep: (c: Cand) => boolean): Result<Desc> {
  const lines = sdp.split(/\r?\n/)
  const values = (name: string) => lines.filter((line) => line.startsWith(`a=${name}:`)).map((line) => line.slice(name.length + 3))
  const media = lines.filter((line) => line.startsWith('m='))
  if (media.length !== 1 || !/^m=application \d+ UDP\/DTLS\/SCTP webrtc-datachannel$/.test(media[0]!)) return refuse('not one m line')
  const one = (name: string): string | undefined => {
    const found = values(name)
    return found.length === 1 ? found[0] : undefined
  }
  const sizes = values('max-message-size')
  const size = sizes.length === 0 ? 0 : sizes.length === 1 && /^\d{1,15}$/.test(sizes[0]!) ? Number(sizes[0]) : -1
  if (one('mid') !== '0' || one('sctp-port') !== '5000' || size < 0) return refuse('mid, sctp-port or max-message-size')
  const fingerprint = readFingerprint(one('fingerprint'))
  if (fingerprint === undefined) return refuse('fingerprint')
  const c = values('candidate').map((line) => readCandidateLine(`candidate:${line}`)).filter((line) => line !== undefined).filter(keep)
  const shaped = desc.safeParse({
    fp: fingerprint, u: one('ice-ufrag'), p: one('ice-pwd'), setup: one('setup'), mms: Math.min(size, 0x7fff_ffff), c: c.slice(0, MAX_CANDIDATES),
  })
  return shaped.success ? { ok: true, value: shaped.data } : refuse(shaped.error.issues[0]?.path.join('.') ?? 'shape')
}

function readFingerprint(line: string | undefined): string | undefined {
  const match = /^sha-256 ((?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2})$/.exec(line ?? '')
  return match === null ? undefined : toB64(Uint8Array.from(match[1]!.split(':'), (pair) => Number.parseInt(pair, 16)))
}
