import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Ik } from '../../protocol/ids.ts'
import { SHARE_REQUEST_WITHIN } from '../../protocol/limits.ts'
import type { FileOffer } from '../../protocol/wire/peer.ts'
import { type Browsing, createBrowsing } from './browsing.ts'
import type { ShareRequest } from './requests.ts'

const ada = 'ada' as Ik
const ben = 'ben' as Ik
const id = (letter: string) => Buffer.alloc(16, letter).toString('base64url')
const offer = (root: string | null): FileOffer => ({ fid: id('f'), name: 'a.txt', size: 3, piece: 131_072, root, exp: 1 })
const root = Buffer.alloc(32, 'r').toString('base64url')

let timers: { ms: number; act: () => void }[]
let up: Set<Ik>
let asked: { to: Ik; frame: ShareRequest }[]
let again: [Ik, number, FileOffer][]
let browsing: Browsing
beforeEach(() => {
  timers = []
  up = new Set([ada, ben])
  asked = []
  again = []
  browsing = createBrowsing({
    clock: {
      now: () => 0,
      after(ms, act) {
        const timer = { ms, act }
        timers.push(timer)
        return () => void (timers = timers.filter((one) => one !== timer))
      },
    },
    judge: (name) => ({ type: name.endsWith('.jpg') ? 'picture' : 'other', ending: name.slice(name.lastIndexOf('.')) }) as never,
    isUp: (ik) => up.has(ik),
    send: (to, frame) => void asked.push({ to, frame }),
    onAgain: (ik, q, one) => void again.push([ik, q, one]),
  })
})
const q = () => asked.at(-1)!.frame.q
/** Whether it is settled by now. */
const state = async (promise: Promise<unknown>) => Promise.race([promise, new Promise((resolve) => setImmediate(() => resolve('open')))])

test('[B5] a folder is asked for and its names are shown as text with what they say of the file', async () => {
  const page = browsing.folder(ada, id('s'), '', id('a'))
  assert.deepEqual(asked, [{ to: ada, frame: { t: 'share.dir', q: 1, share: id('s'), dir: '', after: id('a'), max: 500 } }])
  browsing.take(ada, { t: 'share.entries', q: q(), list: [{ e: id('e'), name: '../<b>.jpg', k: 'f', s: 3, m: 4 }], more: true })
  assert.deepEqual(await page, { ok: true, more: true, entries: [{ e: id('e'), name: '../<b>.jpg', kind: 'f', size: 3, at: 4, type: 'picture', ending: '.jpg' }] })
  assert.equal(timers.length, 0)
})

test('each request has a number of its own, and answers in any order find theirs', async () => {
  const one = browsing.shares(ada)
  const two = browsing.shares(ben)
  browsing.take(ben, { t: 'share.shares', q: 2, list: [] })
  assert.deepEqual([await state(one), await two], ['open', { ok: true, shares: [] }])
  const list = [{ share: id('s'), name: 'films', files: 1, bytes: 2, exp: 3 }]
  browsing.take(ada, { t: 'share.shares', q: 1, list })
  assert.deepEqual(await one, { ok: true, shares: list })
  void browsing.shares(ada)
  assert.equal(q(), 3)
})

test('an answer of another buddy, of another kind, and one to nothing, are no answer', async () => {
  const page = browsing.folder(ada, id('s'), '')
  browsing.take(ben, { t: 'share.entries', q: q(), list: [], more: false })
  browsing.take(ben, { t: 'share.err', q: q(), code: 'gone' })
  browsing.take(ada, { t: 'share.shares', q: q(), list: [] })
  browsing.take(ada, { t: 'share.file', q: q(), f: offer(null) })
  browsing.take(ada, { t: 'share.entries', q: 77, list: [], more: false })
  assert.equal(await state(page), 'open')
  browsing.take(ada, { t: 'share.entries', q: q(), list: [], more: false })
  assert.deepEqual(await page, { ok: true, entries: [], more: false })
  browsing.take(ada, { t: 'share.file', q: q(), f: offer(root) })
  assert.deepEqual(again, [])
})

test('[B3] refusals have their codes; who is silent is busy, who is away not connected', async () => {
  for (const code of ['gone', 'busy', 'limit'] as const) {
    const page = browsing.folder(ada, id('s'), '')
    browsing.take(ada, { t: 'share.err', q: q(), code })
    assert.deepEqual(await page, { ok: false, code: `share-${code}` })
  }
  const silent = browsing.get(ada, id('s'), id('e'))
  assert.deepEqual(timers.map(({ ms }) => ms), [SHARE_REQUEST_WITHIN])
  timers[0]!.act()
  assert.deepEqual(await silent, { ok: false, code: 'share-busy' })
  const [lost, other] = [browsing.shares(ada), browsing.shares(ben)]
  browsing.linkDown(ada)
  assert.deepEqual([await lost, await state(other)], [{ ok: false, code: 'not-connected' }, 'open'])
  up.delete(ada)
  const before = asked.length
  assert.deepEqual([await browsing.shares(ada), asked.length], [{ ok: false, code: 'not-connected' }, before])
})

test('[B5] all who are there are searched; hits say whose they are, and in which share', async () => {
  const found = browsing.find([ada, ben, 'chen' as Ik], 'abc')
  assert.deepEqual(asked.map(({ to, frame }) => [to, frame.t, frame.t === 'share.find' && frame.text]), [[ada, 'share.find', 'abc'], [ben, 'share.find', 'abc']])
  browsing.take(ada, { t: 'share.hits', q: 1, list: [{ e: id('e'), name: 'abc.jpg', k: 'f', s: 1, m: 2, share: id('s'), dir: '' }], more: true })
  browsing.take(ben, { t: 'share.err', q: 2, code: 'limit', after: 6 })
  assert.equal(await state(found), 'open')
  const list = [{ share: id('s'), name: 'films', files: 1, bytes: 2, exp: 3 }]
  browsing.take(ada, { t: 'share.shares', q: 3, list })
  assert.deepEqual(await found, {
    hits: [{ ik: ada, share: id('s'), shareName: 'films', dir: '', e: id('e'), name: 'abc.jpg', kind: 'f', size: 1, at: 2, type: 'picture', ending: '.jpg' }], more: true, asked: 2, failed: 1,
  })
  // What it is called is known now, until the link is lost.
  const again = browsing.find([ada], 'abc')
  browsing.take(ada, { t: 'share.hits', q: 4, list: [{ e: id('e'), name: 'abc.jpg', k: 'f', s: 1, m: 2, share: id('s'), dir: '' }], more: false })
  assert.equal((await again).hits[0]?.shareName, 'films')
})

test('[B6] a file without a root gets it once, of the buddy it was asked of and for the file it was offered as', async () => {
  const got = browsing.get(ada, id('s'), id('e'))
  browsing.take(ada, { t: 'share.file', q: 1, f: offer(null) })
  assert.deepEqual(await got, { ok: true, q: 1, offer: offer(null) })
  browsing.take(ben, { t: 'share.file', q: 1, f: offer(root) })
  browsing.take(ada, { t: 'share.file', q: 1, f: { ...offer(root), fid: id('x') } })
  browsing.take(ada, { t: 'share.file', q: 1, f: offer(null) })
  assert.deepEqual(again, [])
  for (let i = 0; i < 2; i++) browsing.take(ada, { t: 'share.file', q: 1, f: offer(root) })
  assert.deepEqual(again, [[ada, 1, offer(root)]])
  const whole = browsing.get(ada, id('s'), id('e'))
  browsing.take(ada, { t: 'share.file', q: 2, f: offer(root) })
  browsing.take(ada, { t: 'share.file', q: 2, f: offer(root) })
  assert.deepEqual([(await whole).ok, again.length], [true, 1])
})
