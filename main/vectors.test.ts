import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Address, B64, DevId, Ik, KeyId, ServerName, Uuid7 } from '../protocol/ids.ts'
import { type Bytes, concat, fromB64, parseB64, toB64, u32be, u64be, utf8 } from '../protocol/wire/bytes.ts'
import { parseDrop, parseMail } from '../protocol/wire/codec.ts'
import { isSmallOrderX25519, isUsableKey } from '../protocol/wire/ed25519.ts'
import { type BuddyState, type KeyKind, mayTravel } from '../protocol/wire/frame-table.ts'
import { batch } from '../protocol/wire/identity.ts'
import { type Invite } from '../protocol/wire/invite.ts'
import { parseJson } from '../protocol/wire/json.ts'
import { batchBytes, paddedSize, readBody, readEnvelope, unpad } from '../protocol/wire/mailbox.ts'
import { candidate, desc, parseFrame } from '../protocol/wire/peer.ts'
import { pieceSize, pullFault, readBulk } from '../protocol/wire/files.ts'
import { address, uuid7 } from '../protocol/wire/scalars.ts'
import { aclRule, type DropClass } from '../protocol/wire/signaling.ts'
import { type TextRule, textFault } from '../protocol/wire/text.ts'
import { accountDeleteInput, aclStateInput, authInput, challengeInput, fileInput, linkAuthInput, powInput, registerInput, tbs, transcriptInput, uuidBytes } from '../protocol/wire/tbs.ts'
import { openEnvelope } from './envelopes/envelope.ts'
import { publicOf } from './envelopes/hpke.ts'
import { conversationOf, denyHash, frameHash, inviteSecrets, keyName, recordVersion, ruleHash, safetyNumber, sha256, signerOf, verifyB64 } from './identity/crypto.ts'
import { inviteProof, isInviteProof, isVerifyCodeFor, parseInvite, verifyCode } from './identity/invites.ts'
import { checkPhrase } from './identity/phrase.ts'
import { compareRecords, readCert, readPrekey, readRecord } from './identity/records.ts'
import { candidateLine, isAllowed, readCandidateLine } from './links/candidates.ts'
import { readSdp, writeSdp } from './links/sdp.ts'
import { readKnock } from './roster/knocks.ts'
import { entryId } from './shares/entry.ts'

/**
 * The 655 cases a second implementation made from the text alone. Each becomes a test of its rule: what it `gives` must come out,
 * and what it says is `refused` must be refused.
 */

interface Case { rule: string; name: string; do: string; gives?: unknown; refused?: string; [field: string]: any }
const load = (file: string) => JSON.parse(readFileSync(new URL(`../protocol/wire/vectors/${file}.json`, import.meta.url), 'utf8'))

class Refused extends Error {}
const refused = (why = 'refused'): never => {
  throw new Refused(why)
}
const need = <T>(value: T | undefined, why = 'refused'): T => (value === undefined ? refused(why) : value)
const ok = <T>(result: { ok: true; value: T } | { ok: false; why: string }): T => (result.ok ? result.value : refused(result.why))
const shaped = <T>(result: { success: true; data: T } | { success: false; error: unknown }): T => (result.success ? result.data : refused())
const bytes = (text: string): Bytes => fromB64(text)
const must = (condition: boolean, value: unknown = true) => (condition ? value : refused())
const headAndRest = (c: Case): Bytes =>
  c['bytes'] !== undefined ? bytes(c['bytes']) : concat(bytes(c['head'] ?? c['start']), utf8((c['rest']?.repeat ?? '').repeat(c['rest']?.times ?? 0)))

const part = (p: string | { text?: string; u64?: number; u32?: number }): Bytes =>
  typeof p === 'string' ? bytes(p) : p.text !== undefined ? utf8(p.text) : p.u64 !== undefined ? u64be(p.u64) : u32be(p.u32!)

const keys = load('keys')
const recHash = (rec: { p: string }) => sha256(bytes(rec.p))

const recipients = keys.recipients as Record<string, { ik: Ik; dev: DevId; keys: { id: KeyId; kind: KeyKind; private: B64; owner?: { ik: Ik; dev: DevId }; used?: boolean; seen?: B64[] }[] }>

const run: Record<string, (c: Case) => unknown> = {
  // basics
  tbs: (c) => toB64(tbs(c['label'], ...c['parts'].map(part))),
  base64url: (c) => Buffer.from(need(parseB64(c['in'], c['length']))).toString('hex'),
  json: (c) => {
    const parsed = parseJson(bytes(c['bytes']))
    return parsed.ok ? parsed.value : refused(parsed.why)
  },
  text: (c) => must(textFault(c['in'], c['rule_of'] as TextRule) === undefined, c['in']),
  uuid7: (c) => Buffer.from(uuidBytes(shaped(uuid7.safeParse(c['in'])))).toString('hex'),
  address: (c) => shaped(address.safeParse(c['in'])),
  'name of server key': (c) => keyName(c['key']),
  conversation: (c) => conversationOf(c['a'], c['b']),
  chain: (c) => c['frames'].map((frame: string) => frameHash(utf8(frame))),
  // signatures
  verify: (c) => must((parseB64(c['key'], 32) !== undefined || refused()) && verifyB64(c['key'], bytes(c['message']), c['signature'])),
  'key usable': (c) => must(isUsableKey(need(parseB64(c['key'])))),
  // identity
  words: (c) => {
    const phrase = checkPhrase(c['words'])
    return phrase.ok ? { seed: toB64(phrase.seed), ik: signerOf(phrase.seed).pub } : refused(phrase.code)
  },
  certificate: (c) => {
    const { ik, dev, dk, seq, iat } = ok(readCert(c['signed'], c['ik']))
    return { ik, dev, dk, seq, iat }
  },
  record: (c) => {
    const { record, cert } = ok(readRecord(c['signed'], c['pinned']))
    const { ik, dev, dk, seq, iat } = cert
    return { ik: record.ik, addr: record.addr, seq: record.seq, iat: record.iat, cert: { ik, dev, dk, seq, iat }, rv: recordVersion(c['signed'].p) }
  },
  'compare records': (c) => {
    const of = (signed: { p: string }) => ({ seq: ok(readRecord(signed)).record.seq, p: signed.p })
    return compareRecords(of(c['have']), of(c['got']))
  },
  prekey: (c) => {
    const { id, pk, use, exp } = ok(readPrekey(c['signed'], { ik: c['ik'], dev: c['dev'], dk: c['dk'] }))
    return { id, pk, use, exp }
  },
  'safety number': (c) => safetyNumber(c['a'], c['b']),
  'qr shown': (c) => verifyCode(bytes(c['own']), bytes(c['peer'])),
  'qr scanned': (c) => must(isVerifyCodeFor(c['in'], bytes(c['me']), bytes(c['peer'])), 'verified'),
  // invites
  'read invite': (c) => {
    const read = parseInvite(c['in'])
    return read.ok ? (read.invite satisfies Invite) : refused(read.why)
  },
  'invite secrets': (c) => {
    const { gate, gateHash, pk } = inviteSecrets(c['t'])
    return { gate, gateHash, pk: toB64(pk) }
  },
  proof: (c) => inviteProof(c['t'], { who: c['who'], inviter: c['inviter'], joiner: c['joiner'], knock: c['knock'] as Uuid7 }),
  'check proof': (c) => must(isInviteProof(c['t'], { who: c['who'], inviter: c['inviter'], joiner: c['joiner'], knock: c['knock'] as Uuid7 }, c['proof'])),
  // server
  challenge: (c) => must(verifyB64(c['spk'], challengeInput(c['server'], c['nonce'], c['ts']), c['ssig'])),
  auth: (c) => must(verifyB64(c['dk'], authInput({ server: c['server'], nonce: c['nonce'], ts: c['ts'], ik: c['ik'], dev: c['dev'], run: c['run'], recHash: recHash(c['rec']) }), c['sig'])),
  register: (c) => must(verifyB64(c['dk'], registerInput(c['server'], c['nonce'], recHash(c['rec'])), c['sig'])),
  'account delete': (c) => must(verifyB64(c['ik'], accountDeleteInput(c['server'], c['nonce'], c['ik'], c['addr'] as Address), c['sig'])),
  pow: (c) => {
    const digest = sha256(powInput(c['server'] as ServerName, c['c'], c['n']))
    const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('')
    return must(bits.startsWith('0'.repeat(c['bits'])))
  },
  'rule hash': (c) => ruleHash(c['token'], c['holder']),
  'deny hash': (c) => denyHash(c['mine'], c['theirs']),
  'acl state': (c) => toB64(sha256(aclStateInput(c['rules'].map((rule: unknown) => shaped(aclRule.safeParse(rule))), c['denied']))),
  // envelopes
  'rk id': (c) => toB64(sha256(bytes(c['rk'])).subarray(0, 8)),
  batch: (c) => toB64(batchBytes(shaped(batch.safeParse(c['batch'])))),
  body: (c) => {
    const { frames, hb, next } = ok(readBody(headAndRest(c)))
    return { frames: frames.map((frame) => Buffer.from(frame).toString()), hb, next: next ?? null }
  },
  'padded size': (c) => need(paddedSize(c['inner'])),
  unpad: (c) => {
    const plain = new Uint8Array(c['size'])
    plain.set(bytes(c['start']))
    if (c['last'] !== undefined) plain[plain.length - 1] = c['last']
    return ok(unpad(plain)).length
  },
  open: async (c) => {
    const to = need(recipients[c['to']])
    const { head } = ok(readEnvelope(bytes(c['envelope'])))
    if (head.dev !== to.dev) refused('other device')
    const key = need(to.keys.find((one) => one.id === head.key), 'unknown')
    if (key.used) refused('used')
    const pinned = key.owner?.ik ?? c['pinned']
    const opened = ok(await openEnvelope(bytes(c['envelope']), to, { priv: key.private, pub: publicOf(key.private) }, pinned))
    if (key.owner !== undefined && (opened.cert.ik !== key.owner.ik || opened.cert.dev !== key.owner.dev)) refused('key of another buddy')
    if (c['pinned'] !== undefined && opened.cert.ik !== c['pinned']) refused('other ik')
    if (key.seen?.includes(opened.id)) refused('replay')
    return {
      id: opened.id, time: opened.time, ik: opened.cert.ik, dev: opened.cert.dev,
      frames: opened.frames.map((frame) => Buffer.from(frame).toString()), hb: opened.hb, next: opened.next ?? null,
      kind: key.kind,
    }
  },
  // knocks
  knock: (c) => {
    const frame = ok(parseFrame(bytes(c['frame'])))
    if (!frame.known || frame.frame.t !== 'knock') return refused('t')
    const { record } = ok(readKnock(frame.frame, c['from']))
    return { addr: record.record.addr, name: frame.frame.name, text: frame.frame.text, proof: frame.frame.proof !== undefined }
  },
  // links
  candidate: (c) => {
    const value = shaped(candidate.safeParse(c['c']))
    const { mode = 'direct', lan = false, loopback = false, loopbackOnly = false } = c['where']
    return must(isAllowed(value, { mode, lan, loopback, loopbackOnly }), candidateLine(value))
  },
  'candidate line': (c) => need(readCandidateLine(c['line'])),
  desc: (c) => {
    const value = shaped(desc.safeParse(c['d']))
    if ((value.setup === 'actpass') !== (c['role'] === 'offer')) refused('setup')
    return writeSdp(value)
  },
  'desc of sdp': (c) => {
    const { mode = 'direct', lan = false, loopback = false, loopbackOnly = false } = c['where']
    return ok(readSdp(c['sdp'], (one) => isAllowed(one, { mode, lan, loopback, loopbackOnly })))
  },
  transcript: (c) => toB64(sha256(transcriptInput({
    sid: bytes(c['sid']), oh: sha256(bytes(c['offer'])), ah: sha256(bytes(c['answer'])), fpI: bytes(c['fpI']), fpR: bytes(c['fpR']),
    helloI: bytes(c['helloI']), helloR: bytes(c['helloR']),
  }))),
  'auth frame': (c) => must(verifyB64(c['dk'], linkAuthInput(c['role'], bytes(c['th'])), c['sig'])),
  // files
  'piece size': (c) => need(pieceSize(c['size'])),
  bulk: (c) => {
    const { kind, x, offset, data } = ok(readBulk(headAndRest(c)))
    return { kind: { data: 1, end: 2, abort: 3 }[kind], x, offset, bytes: data.length }
  },
  pull: (c) => {
    const fault = pullFault(c['pull'], { size: c['size'], piece: c['piece'] })
    return fault === undefined ? true : refused(fault)
  },
  'entry id': (c) => entryId(c['key'], bytes(c['row'])),
  'binary message': (c) => {
    const message = headAndRest(c)
    const drop = parseDrop(message)
    const parsed: { head: unknown; envelope: Bytes } = drop.ok ? drop.value : ok(parseMail(message))
    return { head: parsed.head, envelope: parsed.envelope.length }
  },
  'file root': (c) => {
    const hashes: Bytes[] = []
    for (let at = 0; at < c['size']; at += c['piece']) hashes.push(sha256(new Uint8Array(Math.min(c['piece'], c['size'] - at)).fill(c['fill'])))
    return { hashes: hashes.map(toB64), root: toB64(sha256(fileInput(c['size'], c['piece'], hashes))) }
  },
}

let counted = 0
for (const file of ['basics', 'signatures', 'identity', 'invites', 'server', 'envelopes', 'knocks', 'links', 'files']) {
  describe(`vectors: ${file}`, () => {
    for (const c of load(file) as Case[]) {
      counted++
      test(`[${c.rule}] ${c.do}: ${c.name}`, async () => {
        const perform = run[c.do]
        assert.ok(perform, `nothing runs "${c.do}"`)
        let result: unknown
        try {
          result = await perform(c)
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          assert.ok(c.refused !== undefined, `refused (${error.message}), but should give ${JSON.stringify(c.gives)}`)
          return
        }
        assert.equal(c.refused, undefined, `taken, but must be refused: ${c.refused}`)
        assert.deepEqual(result, c.gives)
      })
    }
  })
}

test('[W30] the frame table, exhaustively', () => {
  const table = load('frame-table') as {
    axes: { link: ('proving' | 'up')[]; cls: DropClass[]; key: KeyKind[]; state: BuddyState[] }
    rows: { t: string; link: string[]; env: { cls: string; keys: string[] }[]; states: string[] }[]
    combinations: number; allowed: number
  }
  let combinations = 0
  let allowed = 0
  for (const t of [...table.rows.map((row) => row.t), 'unknown', 'group']) {
    const row = table.rows.find((one) => one.t === t)
    for (const state of table.axes.state) {
      const inState = row?.states.includes(state) ?? false
      for (const stage of table.axes.link) {
        combinations++
        const wanted = inState && row!.link.includes(stage)
        if (wanted) allowed++
        assert.equal(mayTravel(t, { by: 'link', stage }, state), wanted, `${t} on a link ${stage}, ${state}`)
      }
      for (const cls of table.axes.cls) {
        for (const key of table.axes.key) {
          combinations++
          const wanted = inState && row!.env.some((one) => one.cls === cls && one.keys.includes(key))
          if (wanted) allowed++
          assert.equal(mayTravel(t, { by: 'envelope', cls, key }, state), wanted, `${t} in ${cls} to ${key}, ${state}`)
        }
      }
    }
  }
  assert.deepEqual({ combinations, allowed }, { combinations: table.combinations, allowed: table.allowed })
})

test('[E22] X25519 keys of small order are known, a usual one is not', () => {
  assert.ok(isSmallOrderX25519(new Uint8Array(32)))
  assert.ok(!isSmallOrderX25519(bytes('hQoEkz6N57dP_9v6Syxh7y2LirWLg2M_7j1S0UVsDE8')))
})

test('every case of the second implementation was seen', () => assert.equal(counted, 655))
