import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cand } from '../../protocol/wire/peer.ts'
import { type CandidateRule, isAllowed } from './candidates.ts'

const cand = (ip: string, typ: Cand['typ']): Cand => ({ ip, typ, port: 50_000, pri: 1, f: '1' })
const direct: CandidateRule = { mode: 'direct', lan: false, loopback: false, loopbackOnly: false }

test('[L3] [L4] what leaves in each mode', () => {
  const table: [what: string, c: Cand, rule: CandidateRule, isAllowed: boolean][] = [
    ['relay mode: a relayed place', cand('203.0.113.7', 'relay'), { ...direct, mode: 'relay' }, true],
    ['relay mode: my own public address', cand('203.0.113.7', 'host'), { ...direct, mode: 'relay' }, false],
    ['relay mode: my address as a server sees it', cand('203.0.113.7', 'srflx'), { ...direct, mode: 'relay' }, false],
    ['relay mode: this machine, even at a server on this machine', cand('127.0.0.1', 'host'), { ...direct, mode: 'relay', loopback: true }, false],
    ['direct: public', cand('2001:db8:1::7', 'host'), direct, true],
    ['direct: my own network', cand('192.168.1.20', 'host'), direct, false],
    ['direct: my own network, where it is allowed for this buddy', cand('192.168.1.20', 'host'), { ...direct, lan: true }, true],
    ['direct: this machine', cand('127.0.0.1', 'host'), { ...direct, lan: true }, false],
    ['direct: this machine, both at a server on it', cand('127.0.0.1', 'host'), { ...direct, loopback: true }, true],
    ['loopback-only: a public place', cand('203.0.113.7', 'host'), { ...direct, lan: true, loopbackOnly: true }, false],
    ['loopback-only: this machine', cand('::1', 'host'), { ...direct, loopbackOnly: true }, true],
    ['never: link-local', cand('169.254.1.1', 'host'), { ...direct, lan: true, loopback: true }, false],
  ]
  for (const [what, c, rule, expected] of table) assert.equal(isAllowed(c, rule), expected, what)
})
