import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { Ik, Uuid7 } from '../../protocol/ids.ts'
import { OFFER_EXPIRES } from '../../protocol/limits.ts'
import type { Durable, FileOffer } from '../../protocol/wire/peer.ts'
import { createBackground } from '../background.ts'
import { createChance } from '../random.ts'
import type { Buddy } from '../roster/roster.ts'
import { random } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import { createBook } from './book.ts'
import { createTransfers, type Transfers, type TransfersDeps } from './transfers.ts'

const ben = { ik: 'ben' as Ik, state: 'accepted', connect: 'direct', mine: { mode: 'disk' } } as Buddy
const root = 'A'.repeat(43)
const other = `${'A'.repeat(42)}E`

interface Due { at: number; act(): void }

describe('what is offered', () => {
  let due: Due[]
  let here: ReturnType<typeof testStore>
  let transfers: Transfers
  let said: string[]
  let notices: string[]
  let isUp: boolean

  beforeEach(() => {
    here = testStore()
    said = []
    notices = []
    isUp = false
    due = []
    const chance = createChance(random)
    const nothing = () => undefined
    transfers = createTransfers({
      store: here.store, clock: { now: () => here.clock.now, after }, chance, background: createBackground((error) => assert.fail(String(error))),
      book: createBook({ store: here.store }),
      parts: { newPart: () => 'part', open: async () => ({ datasync: async () => undefined, close: async () => undefined }) as never, remove: async () => undefined, room: async () => 1e12 },
      buddy: () => ben, isOnline: () => true,
      links: { isUp: () => isUp, send: (_, frame) => void said.push(Buffer.from(frame).toString()), chunk: () => 65_536, bulkRoom: () => 0, sendBulk: nothing, used: nothing },
      notice: (_, end) => void notices.push(JSON.stringify(end)), limits: () => ({ up: 0, down: 0 }), isEnding: () => false, log: nothing,
      offer: nothing, offerRoot: nothing, wantLink: nothing, endLink: nothing, judge: () => ({ type: 'text', isRisky: false }), safeName: (name) => name, endingOf: () => '',
      isAcceptedByRule: () => false, removeStaged: nothing, endShare: nothing, given: () => ({ done: 0, files: 0 }), onView: nothing, onGone: nothing, onNews: nothing,
      get: async () => ({ ok: false, code: 'share-gone' }), list: async () => ({ ok: false, code: 'share-gone' }),
      release: {} as TransfersDeps['release'],
    })
  })
  afterEach(() => here.close())

  const after = (ms: number, act: () => void) => {
    const one = { at: here.clock.now + ms, act }
    due.push(one)
    return () => void (due = due.filter((other) => other !== one))
  }
  /** What is due meanwhile happens; and what it began in the background is waited for. */
  async function pass(ms: number) {
    for (const until = here.clock.now + ms; here.clock.now < until;) {
      here.clock.pass(1_000)
      const now = due.filter(({ at }) => at <= here.clock.now)
      due = due.filter(({ at }) => at > here.clock.now)
      for (const { act } of now) act()
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  let n = 0
  const offer = (f: Partial<FileOffer>) => here.store.write(() =>
    transfers.offered(ben, { t: 'file.offer', id: `frame-${++n}` as Uuid7, f: { fid: 'abcd', name: 'a.txt', size: 10, piece: 131_072, root: null, exp: here.clock.now + OFFER_EXPIRES, ...f } } as Extract<Durable, { t: 'file.offer' }>, true))

  test('[T3] names are compared exactly: two that differ in case are two files', () => {
    assert.notEqual(offer({ fid: 'abcd' }), undefined)
    assert.notEqual(offer({ fid: 'abcD' }), undefined)
    assert.equal(transfers.views().length, 2)
  })

  test('[T3] a root becomes known once; any other difference is a new transfer', () => {
    const first = offer({})!
    assert.equal(offer({ root }), undefined)
    assert.equal(transfers.must(first).root, root)
    assert.equal(offer({ root }), undefined, 'the same again')
    const second = offer({ root: other })
    assert.notEqual(second, undefined)
    assert.notEqual(offer({ size: 11 }), undefined)
    assert.equal(transfers.must(first).root, root)
  })

  test('[T2] a piece that is not the rule’s is refused', () => {
    assert.equal(offer({ piece: 65_536 }), undefined)
    assert.equal(offer({ size: 268_435_457, piece: 131_072 }), undefined)
    assert.equal(transfers.views().length, 0)
  })

  test('[T6] an end that a notice may have lost is said again on the next link, once', () => {
    const id = offer({})!
    transfers.reject(id)
    assert.deepEqual(notices.map((text) => JSON.parse(text).t), ['file.reject'])
    isUp = true
    transfers.linkUp(ben.ik)
    transfers.linkUp(ben.ik)
    assert.deepEqual(said.map((text) => JSON.parse(text).t), ['file.reject'])
  })

  test('[T5] who pulls or accepts what is not offered hears that it is gone', () => {
    isUp = true
    transfers.frame(ben.ik, { t: 'file.pull', fid: 'none', x: 0, from: 0, to: 1 })
    transfers.frame(ben.ik, { t: 'file.accept', fid: 'none' })
    assert.deepEqual(said.map((text) => JSON.parse(text)), [1, 2].map(() => ({ t: 'file.stop', fid: 'none', why: 'gone' })))
  })

  test('[T5] bytes that nobody asked for touch nothing', () => {
    transfers.bulk(ben.ik, new Uint8Array(17).fill(1))
    transfers.bulk(ben.ik, new Uint8Array(0))
    assert.equal(transfers.views().length, 0)
  })

  test('who sends nothing for a minute makes place for what waits, and has its turn again; where nothing waits it stays', async () => {
    isUp = true
    const accepts = () => said.map((text) => JSON.parse(text) as { t: string; fid: string }).filter(({ t }) => t === 'file.accept').map(({ fid }) => fid)
    for (const fid of ['one', 'two']) await transfers.accept(offer({ fid })!)
    await pass(300_000)
    assert.deepEqual(accepts(), ['one', 'two'])
    await transfers.accept(offer({ fid: 'three' })!)
    await pass(5_000)
    assert.deepEqual(accepts(), ['one', 'two'], 'two at once with one buddy')
    await pass(15_000)
    assert.deepEqual(accepts(), ['one', 'two', 'three'])
    // The first was silent as long as the second: the third took its place, and it waits for one itself.
    await pass(90_000)
    assert.ok(accepts().slice(3).includes('one'))
  })
})
