import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { FromPage, ToPage } from '../../protocol/app/link.ts'
import type { Ik, Sid } from '../../protocol/ids.ts'
import { toB64, utf8 } from '../../protocol/wire/bytes.ts'
import type { Cand, Desc, Frame, SigOffer } from '../../protocol/wire/peer.ts'
import { makeSealKey } from '../envelopes/hpke.ts'
import { createChance } from '../random.ts'
import type { Buddy } from '../roster/roster.ts'
import { createBackground } from '../background.ts'
import { sha256 } from '../identity/crypto.ts'
import { random } from '../testing/core.ts'
import { createLinks, type Links } from './links.ts'

/** Links with a driver that only writes down what it is told: what reaches the page, and what never does. */

const ben = { ik: toB64(new Uint8Array(32).fill(66)) as Ik, dev: 'd'.repeat(22), state: 'accepted', connect: 'direct' } as unknown as Buddy
const cand = (ip: string, more: Partial<Cand> = {}): Cand => ({ ip, port: 50_000, typ: 'host', pri: 1, f: '1', ...more })
const descOf = (c: Cand[]): Desc => ({ fp: toB64(new Uint8Array(32)), u: 'abcd', p: 'p'.repeat(22), setup: 'actpass', mms: 262_144, c })
const sid = (n: number) => toB64(new Uint8Array(16).fill(n)) as Sid
const offer = (n: number, more: Partial<SigOffer> = {}): SigOffer => ({
  t: 'sig.offer', id: `0000000${n}-0000-7000-8000-000000000000` as never, sid: sid(n), exp: 10_000_000, mode: 'direct', d: descOf([cand('127.0.0.1')]), rk: makeSealKey().pub, why: ['chat'], ...more,
})

/** What Chromium says of itself before it knows any of its addresses. */
function local(link: number): FromPage {
  const fp = 'AB'.repeat(32).match(/../g)!.join(':')
  const lines = ['v=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:0', 'a=ice-ufrag:abcd', `a=ice-pwd:${'p'.repeat(24)}`, `a=fingerprint:sha-256 ${fp}`, 'a=setup:actpass', 'a=sctp-port:5000']
  return { kind: 'local', link, type: 'offer', sdp: lines.join('\r\n'), fp, iceServers: [] }
}

const HOSTILE = [
  '0.0.0.0', '255.255.255.255', '224.0.0.1', '239.255.255.250', '169.254.169.254', '10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '240.0.0.1',
  '127.0.0.2', '::', '::1', 'fe80::1', 'ff02::1', 'fd00::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '2001::1', '::127.0.0.1',
]

describe('links', () => {
  let told: ToPage[]
  let signals: string[]
  let page: (message: FromPage) => void
  let mayLink = true
  let isThere = true
  let links: Links
  let now = 1_000_000
  let timers: { at: number; act: () => void }[] = []
  const pass = async (ms: number) => {
    now += ms
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers = timers.filter((one) => one !== timer)
      timer.act()
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  let missing: string[]
  let opened: (string | undefined)[]
  let isPageThere = true
  const make = (rule: { lan?: boolean; loopback?: boolean; loopbackOnly?: boolean } = { loopbackOnly: true }) => {
    told = []
    signals = []
    missing = []
    opened = []
    timers = []
    links = createLinks({
      clock: {
        now: () => now,
        after(ms, act) {
          const timer = { at: now + ms, act }
          timers.push(timer)
          return () => void (timers = timers.filter((one) => one !== timer))
        },
      }, chance: createChance(random),
      driver: {
        isThere: () => isPageThere,
        send(message, routes) {
          told.push(message)
          if (message.kind === 'open') opened.push(routes)
        },
        onMessage: (listener) => void (page = listener), onThere: () => undefined, close: () => undefined,
      },
      me: () => ({ ik: toB64(new Uint8Array(32).fill(65)) as Ik }) as never, buddy: () => ben, correctedNow: () => now, mayOffer: () => mayLink && isThere, mayLink: () => mayLink,
      rule: () => ({ mode: 'direct', lan: false, loopback: false, loopbackOnly: false, ...rule }),
      signal: async (_, frame) => {
        signals.push(Buffer.from(frame).toString())
        return true
      },
      hello: () => ({ feat: [], log: { mode: 'off', since: 0, rev: 0 }, hb: 0, top: [0, ''] }), judgeRecord: () => 'ok',
      onUp: () => undefined, onDown: () => undefined, onBulk: () => undefined, onBulkRoom: () => undefined, onFrame: () => undefined, onAlarm: () => undefined, background: createBackground((error) => assert.fail(String(error))), onView: () => undefined, onPage: () => undefined, onPageMissing: (routes) => void missing.push(routes), onCooled: () => undefined, onBug: (error) => assert.fail(String(error)), log: () => undefined,
    })
  }
  beforeEach(() => {
    mayLink = true
    isThere = true
    isPageThere = true
    now = 1_000_000
    make()
  })
  const take = (frame: Extract<Frame, { t: `sig.${string}` }>) => links.takeSignal(ben, frame, utf8(JSON.stringify(frame)))

  test('[L7] nothing is opened where the mode forbids it; the offer is answered busy', () => {
    mayLink = false
    links.want(ben.ik, true)
    take(offer(1))
    assert.deepEqual(told, [])
    assert.equal(signals.length, 1)
    assert.match(signals[0]!, /"t":"sig.end".*"why":"busy"/)
  })

  test('[L7] a connection is opened when it is wanted, once', () => {
    links.want(ben.ik, true)
    links.want(ben.ik, true)
    assert.deepEqual(told.map((message) => message.kind), ['open'])
  })

  test('[L5] no ICE server is ever given, and one that the page uses nevertheless ends the link', () => {
    links.want(ben.ik, true)
    const [open] = told
    assert.ok(open?.kind === 'open')
    assert.deepEqual(open.iceServers, [])
    page({ kind: 'local', link: told[0]!.link, type: 'offer', sdp: '', fp: '', iceServers: ['stun:stun.example.net'] })
    assert.equal(told.at(-1)!.kind, 'close')
    assert.deepEqual(signals, [])
  })

  test('[L15] an offer that is over, or seen before, changes nothing', () => {
    take(offer(1, { exp: now - 1 }))
    assert.deepEqual(told, [])
    take(offer(2))
    const after = told.length
    take(offer(2))
    assert.equal(told.length, after)
  })

  test('[L2] an initiator fed an offer, a second answer, another description: none reaches the page', () => {
    links.want(ben.ik, true)
    const [open] = told
    page({ kind: 'local', link: open!.link, type: 'answer', sdp: 'v=0', fp: '', iceServers: [] })
    assert.equal(told.at(-1)!.kind, 'close', 'an initiator’s own description is an offer')
    make()
    take(offer(3))
    const before = told.length
    take({ t: 'sig.answer', id: offer(4).id, sid: sid(3), oh: toB64(new Uint8Array(32)), mode: 'direct', d: { ...descOf([]), setup: 'active' }, rk: makeSealKey().pub })
    assert.equal(told.length, before)
  })

  for (const [what, rule, allowed] of [
    ['by default', {}, [] as string[]],
    ['in the tests’ own mode', { loopbackOnly: true }, ['::1']],
    ['where the local network is allowed', { lan: true }, ['10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', 'fd00::1']],
  ] as const) {
    test(`[L3] hostile candidates ${what}: none reaches the page, in a description or later`, () => {
      make(rule)
      take(offer(1, { d: descOf(HOSTILE.map((ip) => cand(ip))) }))
      const remote = told.find((message) => message.kind === 'remote')
      const inSdp = [...(remote?.kind === 'remote' ? remote.sdp : '').matchAll(/a=candidate:\S+ 1 udp \d+ (\S+)/g)].map((match) => match[1])
      assert.deepEqual(inSdp, [...allowed].sort((a, b) => HOSTILE.indexOf(a) - HOSTILE.indexOf(b)))
      make(rule)
      take(offer(2, { d: descOf([]) }))
      take({ t: 'sig.cand', id: offer(2).id, sid: sid(2), n: 1, c: HOSTILE.map((ip) => cand(ip)) })
      const later = told.filter((message) => message.kind === 'candidate').map((message) => (message.kind === 'candidate' ? message.candidate.split(' ')[4] : ''))
      assert.deepEqual(later, inSdp)
    })
  }

  test('[L1] what goes out has no SDP in it, and no address the rule forbids', async () => {
    links.want(ben.ik, true)
    const { link } = told[0]!
    page({ kind: 'candidate', link, candidate: 'candidate:1 1 udp 1 192.168.1.7 50000 typ host' })
    page({ kind: 'candidate', link, candidate: 'candidate:1 1 udp 1 127.0.0.1 50000 typ host' })
    page({ kind: 'gathered', link })
    page(local(link))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(signals.length, 1)
    const sent = JSON.parse(signals[0]!) as SigOffer
    assert.deepEqual(sent.d.c.map((one) => one.ip), ['127.0.0.1'])
    assert.ok(!/candidate:|a=|m=|192\.168/.test(signals[0]!))
  })

  test('[L8] the offer leaves after 2 s with what there is; what is found later follows once the answer has named a key', async () => {
    links.want(ben.ik, true)
    const { link } = told[0]!
    page(local(link))
    await pass(1_999)
    assert.equal(signals.length, 0)
    await pass(1)
    const sent = JSON.parse(signals[0]!) as SigOffer
    assert.deepEqual([sent.t, sent.d.c], ['sig.offer', []])
    page({ kind: 'candidate', link, candidate: 'candidate:1 1 udp 1 127.0.0.1 50000 typ host' })
    await pass(1_000)
    assert.equal(signals.length, 1, 'there is no key to seal it to yet')
    take({ t: 'sig.answer', id: offer(1).id, sid: sent.sid, oh: toB64(sha256(utf8(signals[0]!))), mode: 'direct', d: { ...descOf([]), setup: 'active' }, rk: makeSealKey().pub })
    await pass(1_000)
    const later = JSON.parse(signals[1]!) as { t: string; c: Cand[] }
    assert.deepEqual([later.t, later.c.map((one) => one.ip)], ['sig.cand', ['127.0.0.1']])
  })

  test('[L6] the page sees every network only where this buddy may see an address of one', () => {
    for (const [rule, routes] of [[{}, 'default'], [{ lan: true }, 'all'], [{ loopback: true }, 'all'], [{ loopbackOnly: true }, 'all']] as const) {
      make(rule)
      links.want(ben.ik, true)
      assert.deepEqual(opened, [routes])
    }
  })

  test('[L15] what they offer says that they are there, before the server does', () => {
    isThere = false
    links.want(ben.ik, true)
    assert.equal(told.length, 0)
    take(offer(1))
    assert.deepEqual(told.map((message) => message.kind), ['open', 'remote'])
  })

  for (const [mms, chunk] of [[0, 16_384], [65_536, 16_384], [131_071, 16_384], [131_072, 65_536], [262_144, 65_536]] as const) {
    test(`[L13] a browser that takes ${mms} bytes gets chunks of ${chunk}`, () => {
      const first = offer(1)
      take({ ...first, d: { ...first.d, mms } })
      assert.equal(links.chunk(ben.ik), chunk)
    })
  }

  test('[L7] a page that is missing is asked for where there may be a link, and nowhere else; the offer is answered busy', () => {
    isPageThere = false
    links.expect(ben.ik)
    take(offer(1))
    assert.deepEqual([missing, told], [['all', 'all'], []])
    assert.match(signals[0]!, /"why":"busy"/)
    mayLink = false
    links.expect(ben.ik)
    take(offer(2))
    assert.equal(missing.length, 2)
  })
})
