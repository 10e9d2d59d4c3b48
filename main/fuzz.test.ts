import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { params } from '../protocol/app/api.ts'
import { readFromPage, readToPage, writeFromPage, writeToPage } from '../protocol/app/link.ts'
import { fromB64, toB64, parseB64, utf8 } from '../protocol/wire/bytes.ts'
import { parseC2S, parseDrop, parseMail, parseS2C } from '../protocol/wire/codec.ts'
import { readBody, readEnvelope, readInner, unpad, writeBody } from '../protocol/wire/mailbox.ts'
import { desc, parseFrame } from '../protocol/wire/peer.ts'
import { parseInvite } from './identity/invites.ts'
import { checkPhrase } from './identity/phrase.ts'
import { readCert, readRecord } from './identity/records.ts'
import { readCandidateLine } from './links/candidates.ts'
import { readSdp, writeSdp } from './links/sdp.ts'

/** F18: whatever comes, every parser answers with a value or a typed refusal, and soon. 200,000 inputs in all; 20 million in the soak. */

const TOTAL = Number(process.env['PARLEY_FUZZ'] ?? 200_000)
const SLOW_MS = 50

const vectors = (file: string) => JSON.parse(readFileSync(new URL(`../protocol/wire/vectors/${file}.json`, import.meta.url), 'utf8')) as Record<string, string>[]
const bytesOf = (file: string, field: string) => vectors(file).flatMap((c) => (typeof c[field] === 'string' && parseB64(c[field]) !== undefined ? [fromB64(c[field])] : []))

type Bytes = Uint8Array<ArrayBuffer>
const text = (bytes: Bytes) => Buffer.from(bytes).toString('latin1')
const parsers: [name: string, seeds: Bytes[], parse: (bytes: Bytes) => unknown][] = [
  ['frame', bytesOf('knocks', 'frame').concat(bytesOf('links', 'offer'), bytesOf('links', 'helloI')), parseFrame],
  ['client message', [utf8('{"t":"acl.put","q":1,"rules":[{"id":"AAAAAAAAAAA","h":"T9CFFtjpOj1azaqn8MZxCAVVcP8nTw2Pgj1q_GLUD-k","may":["drop"]}]}')], parseC2S],
  ['server message', [utf8('{"t":"ready","addr":"ada@chat.example","lim":{"maxEnv":1,"mailBytes":1,"mailCount":1,"ttlMax":1,"knocksPerDay":1,"turn":false}}')], parseS2C],
  ['drop', bytesOf('files', 'start'), parseDrop],
  ['mail', bytesOf('files', 'start'), parseMail],
  ['envelope', bytesOf('envelopes', 'envelope'), readEnvelope],
  ['inner', bytesOf('envelopes', 'envelope'), readInner],
  ['padding', [new Uint8Array(1024)], unpad],
  ['body', bytesOf('envelopes', 'bytes'), readBody],
  ['certificate', bytesOf('identity', 'in'), (bytes) => readCert({ p: toB64(bytes), s: toB64(bytes.slice(0, 64)) })],
  ['record', [utf8('{}')], (bytes) => readRecord({ p: toB64(bytes), s: toB64(new Uint8Array(64)) })],
  ['invite', vectors('invites').flatMap((c) => (typeof c['in'] === 'string' ? [utf8(c['in'])] : [])), (bytes) => parseInvite(text(bytes))],
  ['words', [utf8('abandon '.repeat(24))], (bytes) => checkPhrase(text(bytes))],
  ['sdp', vectors('links').flatMap((c) => (typeof c['sdp'] === 'string' ? [utf8(c['sdp'])] : [])), (bytes) => readSdp(text(bytes), () => true)],
  ['candidate line', vectors('links').flatMap((c) => (typeof c['line'] === 'string' ? [utf8(c['line'])] : [])), (bytes) => readCandidateLine(text(bytes))],
  ['link page', [writeFromPage({ kind: 'local', link: 1, type: 'offer', sdp: 'v=0', fp: 'aa', iceServers: [] })], readFromPage],
  ['core to link page', [writeToPage({ kind: 'candidate', link: 1, candidate: 'x' })], readToPage],
  ['call of a window', [utf8('{"ik":"FTc45lDRU1aoDCuj5Se_5aljgpBzXqEUjsoI_PshOOo","text":"hi"}')], (bytes) => {
    let value: unknown
    try {
      value = JSON.parse(text(bytes))
    } catch {
      return undefined
    }
    return Object.values(params).map((schema) => schema.safeParse(value).success)
  }],
]

/** A repeatable source of changes: the same seed gives the same inputs. */
function mulberry(seed: number) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const PIECES = ['{', '}', '[', ']', '"', ':', ',', '\\u0000', '\\ud800', '__proto__', '1e400', '-1', '9007199254740993', 'null', 'true', '{"t":"msg"', '\u202e', '\r\na=fingerprint:', '::1', '127.0.0.1', 'AAAA', '=']

function mangle(seed: Bytes, random: () => number): Bytes {
  const at = () => Math.floor(random() * (seed.length + 1))
  const kind = Math.floor(random() * 7)
  if (kind === 0) return Uint8Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256))
  if (kind === 1) return seed.slice(0, at())
  if (kind === 2) return Uint8Array.from([...seed.slice(0, at()), ...utf8(PIECES[Math.floor(random() * PIECES.length)]!), ...seed.slice(at())])
  if (kind === 3) {
    const out = seed.slice()
    for (let i = 0; i < 3 && out.length > 0; i++) out[Math.floor(random() * out.length)] = Math.floor(random() * 256)
    return out
  }
  if (kind === 4) return utf8(Array.from({ length: 1 + Math.floor(random() * 40) }, () => PIECES[Math.floor(random() * PIECES.length)]).join(''))
  if (kind === 5) return Uint8Array.from([...seed, ...seed.slice(at())])
  const a = at()
  return Uint8Array.from([...seed.slice(0, a), ...seed.slice(Math.min(seed.length, a + 1 + Math.floor(random() * 8)))])
}

describe('F18: malformed input', () => {
  const each = Math.ceil(TOTAL / parsers.length)
  for (const [name, seeds, parse] of parsers) {
    test(`${each} inputs through the parser of: ${name}`, () => {
      const random = mulberry(name.length * 7919 + seeds.length)
      let slowest = 0
      for (let i = 0; i < each; i++) {
        const input = mangle(seeds[i % Math.max(1, seeds.length)] ?? new Uint8Array(), random)
        const time = () => {
          const began = performance.now()
          parse(input)
          return performance.now() - began
        }
        try {
          // The machine may have been elsewhere for a moment: only what is slow each time is slow.
          let took = time()
          for (let again = 0; took > SLOW_MS && again < 3; again++) took = Math.min(took, time())
          slowest = Math.max(slowest, took)
        } catch (error) {
          assert.fail(`threw ${String(error)} at ${Buffer.from(input).toString('base64url').slice(0, 600)}`)
        }
      }
      assert.ok(slowest < SLOW_MS, `one took ${slowest.toFixed(0)} ms`)
    })
  }

  test('no parser gives an object whose prototype was reached', () => {
    parseFrame(utf8('{"t":"profile","__proto__":{"polluted":1}}'))
    assert.equal(({} as { polluted?: number }).polluted, undefined)
  })
})

describe('what is written is read back', () => {
  test('[W4] base64url of any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const encoded = toB64(bytes)
      assert.equal(encoded, Buffer.from(bytes).toString('base64url'))
      assert.deepEqual([...parseB64(encoded)!], [...bytes])
    }))
  })

  test('[E3] bodies of any frames', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { minLength: 1, maxLength: 16 }), fc.nat(0xffff_ffff), (frames, hb) => {
      const read = readBody(writeBody({ frames: frames.map((frame) => Uint8Array.from(frame)), hb }))
      assert.ok(read.ok)
      assert.deepEqual(read.value.frames.map((frame) => [...frame]), frames.map((frame) => [...frame]))
      assert.equal(read.value.hb, hb)
    }))
  })

  test('[L1] descriptions through the template', () => {
    const cand = fc.record({ ip: fc.constantFrom('203.0.113.7', '2001:db8:1::7', '192.168.1.2'), port: fc.integer({ min: 1024, max: 65_535 }), typ: fc.constantFrom('host', 'srflx', 'relay'), pri: fc.nat(0xffff_ffff), f: fc.stringMatching(/^[A-Za-z0-9+/]{1,32}$/) })
    fc.assert(fc.property(fc.record({
      fp: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toB64), u: fc.stringMatching(/^[A-Za-z0-9+/]{4,32}$/), p: fc.stringMatching(/^[A-Za-z0-9+/]{22,64}$/),
      setup: fc.constantFrom('actpass', 'active', 'passive'), mms: fc.constantFrom(0, 65_536, 262_144), c: fc.array(cand, { maxLength: 24 }),
    }), (value) => {
      const shaped = desc.parse(value)
      const read = readSdp(writeSdp(shaped), () => true)
      assert.ok(read.ok)
      assert.deepEqual(read.value, shaped)
    }))
  })
})
