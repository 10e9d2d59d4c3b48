import { addressKind } from '../../protocol/wire/addresses.ts'
import { type Cand, candidate } from '../../protocol/wire/peer.ts'
import type { Routes } from '../ports.ts'

/** [L3, L4] What a candidate may be, both ways, for one buddy. */
export interface CandidateRule {
  /** [L4] The own mode. */
  mode: 'relay' | 'direct'
  /** Private addresses, where LAN is allowed for this buddy. */
  lan: boolean
  /** Both are signed on at a server on a loopback address: "this computer". */
  loopback: boolean
  /** The test option `candidates: 'loopback-only'`: 127.0.0.1 and ::1 and nothing else, both ways. */
  loopbackOnly: boolean
}

export function isAllowed(c: Cand, rule: CandidateRule): boolean {
  const kind = addressKind(c.ip)
  if (rule.loopbackOnly) return c.ip === '127.0.0.1' || c.ip === '::1'
  if (rule.mode === 'relay' && c.typ !== 'relay') return false
  if (kind === 'public') return true
  return (kind === 'private' && rule.lan) || (kind === 'loopback' && rule.loopback)
}

/** [L6] Addresses beyond the default route are gathered only for whom the rule may let see one. */
export const routesFor = (rule: CandidateRule): Routes => (rule.lan || rule.loopback || rule.loopbackOnly ? 'all' : 'default')

/** [L1] A candidate line of a browser; undefined where it is not for us. Nothing after `typ` is read. */
export function readCandidateLine(line: string): Cand | undefined {
  const match = /^(?:a=)?candidate:(\S+) 1 udp (\d{1,10}) (\S+) (\d{1,5}) typ (\S+)(?: |$)/i.exec(line)
  if (match === null) return undefined
  const [, f, pri, ip, port, typ] = match
  const shaped = candidate.safeParse({ ip, port: Number(port), typ, pri: Number(pri), f })
  return shaped.success ? shaped.data : undefined
}

/** [L1] The line for Chromium, without `a=`. */
export function candidateLine(c: Cand): string {
  const related = c.typ === 'host' ? '' : ' raddr 0.0.0.0 rport 0'
  return `candidate:${c.f} 1 udp ${c.pri} ${c.ip} ${c.port} typ ${c.typ}${related}`
}
