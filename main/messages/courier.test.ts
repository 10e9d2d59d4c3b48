import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { Ik, ServerName } from '../../protocol/ids.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import type { DropHead } from '../../protocol/wire/signaling.ts'
import { createKeyring, type Keyring } from '../envelopes/keyring.ts'
import { createIdentities, type Identities } from '../identity/me.ts'
import { readRecord } from '../identity/records.ts'
import { createChance } from '../random.ts'
import { createRoster, type Buddy, type Roster } from '../roster/roster.ts'
import { plainSecrets, random } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import { createConversations } from './conversations.ts'
import { type Courier, createCourier } from './courier.ts'
import { createNumbers } from './numbers.ts'
import { createOutbox, type Outbox } from './outbox.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A courier with a server that takes what it is told to take, and a clock that goes only when told. */
describe('the courier', () => {
  let here: ReturnType<typeof testStore>
  let dropped: { head: Omit<DropHead, 't' | 'q'>; envelope: Bytes }[]
  let answer: { ok: true; r: unknown } | { ok: false; code: string; after?: number }
  let isOn = true
  let isPresent = true
  let isUp = false
  let onLink: Bytes[]
  let features = ['log1', 'mail1', 'msg1']
  let timers: { at: number; act: () => void }[]
  let expired: number[]
  let refused: Ik[]
  let courier: Courier
  let outbox: Outbox
  let keyring: Keyring
  let roster: Roster
  let identities: Identities
  let ben: Buddy

  const settle = async () => {
    await courier.settled()
    await new Promise((resolve) => setImmediate(resolve))
    await courier.settled()
  }
  const pass = async (ms: number) => {
    here.clock.pass(ms)
    for (const timer of timers.splice(0)) if (timer.at <= here.clock.now) timer.act()
      else timers.push(timer)
    await settle()
  }
  const write = (text: string, keep = true) => here.store.write(() => outbox.number(roster.get(ben.ik)!, { t: 'msg', text, fmt: 'plain' }, keep))
  const kick = async () => {
    courier.kick(ben.ik)
    await settle()
  }

  beforeEach(() => {
    here = testStore()
    ;[dropped, onLink, timers, expired, refused] = [[], [], [], [], []]
    ;[isOn, isPresent, isUp, answer, features] = [true, true, false, { ok: true, r: undefined }, ['log1', 'mail1', 'msg1']]
    const now = () => here.clock.now
    const chance = createChance(random)
    const { store } = here
    const server = { pin: { kind: 'server' as const, url: 'wss://chat.example/', name: 'chat.example' as ServerName, spk: '' }, correctedNow: now() }
    identities = createIdentities({ store, secrets: plainSecrets, chance, now })
    identities.keep(identities.draft({ name: 'Ada', handle: 'ada' as never, server }))
    const other = createIdentities({ store: testStoreOf(), secrets: plainSecrets, chance, now }).draft({ name: 'Ben', handle: 'ben' as never, server })
    const record = readRecord(other.kept.rec)
    assert.ok(record.ok)
    roster = createRoster({ store, chance, now, myIk: () => identities.me()!.ik, onChange: () => undefined })
    ben = roster.add(record.value, { name: 'Ben', state: 'accepted', theirTok: 'T'.repeat(43), feat: ['log1', 'mail1', 'msg1'] })
    keyring = createKeyring({ store, chance, now })
    const bens = createKeyring({ store: testStoreOf(), chance, now })
    keyring.takeTheirs({ ik: ben.ik, dev: ben.dev }, bens.newestBatch({ ik: identities.me()!.ik, dev: identities.me()!.dev }, ['log1', 'mail1', 'msg1']))
    const conversations = createConversations({ store })
    outbox = createOutbox({ store, chance, conversations, now })
    courier = createCourier({
      store, chance, roster, keyring, outbox, numbers: createNumbers({ store, now }), me: () => identities.me()!,
      clock: { now, after: (ms, act) => {
        const timer = { at: now() + ms, act }
        timers.push(timer)
        return () => void (timers = timers.filter((one) => one !== timer))
      } },
      session: {
        state: () => (isOn ? { at: 'on', ready: {} as never } : { at: 'closed' }),
        drop: async (head, envelope) => {
          dropped.push({ head, envelope: Uint8Array.from(envelope) })
          return answer as never
        },
      },
      links: { isUp: () => isUp, send: (_, frame) => void onLink.push(frame), used: () => undefined },
      features: () => features,
      isPresent: () => isPresent,
      onSent: (c, frames) => frames.forEach((frame) => outbox.markSent(c, frame.n)),
      onExpired: (c, frames) => frames.forEach((frame) => {
        outbox.end(c, frame.id, 'expired')
        expired.push(frame.n)
      }),
      onRefused: (ik) => void refused.push(ik),
      onBug: (error) => assert.fail(String(error)),
    })
  })
  const others: ReturnType<typeof testStore>[] = []
  const testStoreOf = () => {
    const one = testStore()
    others.push(one)
    return one.store
  }
  afterEach(() => {
    here.close()
    for (const one of others.splice(0)) one.close()
  })

  test('[E16] [E17] what was not answered goes again as the same bytes', async () => {
    write('one')
    answer = { ok: false, code: 'closed' }
    await kick()
    answer = { ok: true, r: undefined }
    await kick()
    assert.equal(dropped.length, 2)
    assert.deepEqual(dropped[1], dropped[0])
    assert.equal(outbox.open(ben.c)[0]!.state, 'sent')
  })

  test('[E8] [E18] presence flapping 200 times with a waiting frame: the same bytes, ever more rarely, and no further key is used', async () => {
    write('one')
    await kick()
    for (let i = 0; i < 200; i++) {
      isPresent = i % 2 === 0
      await kick()
    }
    assert.equal(dropped.length, 1, 'nothing within 60 s')
    for (const ms of [MINUTE, 4 * MINUTE, 16 * MINUTE]) {
      isPresent = true
      await pass(ms)
      await kick()
    }
    assert.equal(dropped.length, 4)
    assert.equal(new Set(dropped.map((one) => Buffer.from(one.envelope).toString('hex'))).size, 1)
    assert.equal(keyring.left({ ik: ben.ik, dev: ben.dev }), 7)
  })

  test('[E19] sixteen frames an envelope, in order of their numbers', async () => {
    isOn = false
    for (let i = 0; i < 20; i++) write(`line ${i}`)
    isOn = true
    await kick()
    assert.equal(dropped.length, 2)
    assert.deepEqual(outbox.open(ben.c).map((frame) => frame.n), Array.from({ length: 20 }, (_, i) => i + 1))
    assert.deepEqual(outbox.envelopes(ben.ik).map((one) => outbox.framesIn(ben.c, one.id).length).sort((a, b) => b - a), [16, 4])
  })

  test('[E19] [C35] 32 un-got frames on a link; more after a receipt', async () => {
    isUp = true
    for (let i = 0; i < 40; i++) write(`line ${i}`)
    await kick()
    assert.equal(onLink.length, 32)
    here.store.write(() => outbox.markGot(ben.c, 10, []))
    await kick()
    assert.equal(onLink.length, 40)
    assert.equal(dropped.length, 0)
  })

  test('[C35] a link carries 200 frames at once, then 50 a second', async () => {
    isUp = true
    let got = 0
    for (let i = 0; i < 260; i++) write(`line ${i}`)
    for (let i = 0; i < 20; i++) {
      await kick()
      got = onLink.length
      here.store.write(() => outbox.markGot(ben.c, got, []))
    }
    assert.equal(onLink.length, 200)
    await pass(1_000)
    await kick()
    assert.ok(onLink.length > 200 && onLink.length <= 251, String(onLink.length))
  })

  for (const way of ['link', 'mail'] as const) {
    test(`[C35] by ${way}: the twenty-first message in ten seconds waits its turn, and what was written after it waits behind it`, async () => {
      isUp = way === 'link'
      const left = () => (isUp ? onLink.length : outbox.open(ben.c).filter((frame) => frame.envelope !== null).length)
      for (let i = 1; i <= 21; i++) {
        write(`line ${i}`)
        courier.written(ben.ik, i)
      }
      here.store.write(() => outbox.number(roster.get(ben.ik)!, { t: 'profile', rev: 1, name: 'Ada', status: '' }, true))
      await kick()
      assert.equal(left(), 20)
      await pass(499)
      assert.equal(left(), 20)
      await pass(1)
      assert.equal(left(), 22)
    })
  }

  test('[E21] a buddy without mail1 takes no text from the mailbox, but receipts and grants go', async () => {
    roster.change(ben.ik, { feat: ['log1', 'msg1'] })
    write('waits for a link')
    await kick()
    assert.equal(dropped.length, 0)
    courier.notice(ben.ik, { t: 'rcpt', c: ben.c, kind: 'got', dev: ben.dev, upTo: 3 })
    await settle()
    assert.equal(dropped.length, 1)
    here.store.write(() => outbox.number(roster.get(ben.ik)!, { t: 'grant', tok: 'T'.repeat(43), rev: 2 }, true))
    await kick()
    assert.equal(dropped.length, 2)
    isUp = true
    await kick()
    assert.equal(onLink.length, 2)
  })

  test('[E9] an envelope that only answers holds `pre`', async () => {
    courier.answer(ben.ik)
    await settle()
    assert.equal(dropped.length, 1)
    await kick()
    assert.equal(dropped.length, 1, 'once')
  })

  test('[E18] un-got after 14 days: sealed anew once at the next presence, then not delivered', async () => {
    write('one')
    await kick()
    isPresent = false
    await pass(15 * DAY)
    await kick()
    assert.equal(dropped.length, 1)
    isPresent = true
    await kick()
    assert.equal(dropped.length, 2)
    assert.notDeepEqual(dropped[1]!.envelope, dropped[0]!.envelope)
    await pass(2 * DAY)
    await kick()
    assert.deepEqual(expired, [1])
  })

  test('[E20] a token that is refused makes it ask how the buddy stands', async () => {
    write('one')
    answer = { ok: false, code: 'denied' }
    await kick()
    assert.deepEqual(refused, [ben.ik])
    assert.equal(outbox.open(ben.c).length, 1, 'the text waits')
  })

  test('[I7] nothing goes to a buddy whose key changed', async () => {
    roster.change(ben.ik, { changed: { rec: ben.rec, at: 1 } })
    write('one')
    courier.receipt(ben.ik, ben.dev)
    await kick()
    await pass(5_000)
    assert.equal(dropped.length + onLink.length, 0)
  })

  test('[C3] an unconfirmed knock.ok is the first frame of every envelope', async () => {
    roster.change(ben.ik, { ok: { frame: '{"t":"knock.ok"}', sent: 0, confirmed: false } })
    await kick()
    assert.equal(dropped.length, 1, 'it goes by itself')
    await kick()
    assert.equal(dropped.length, 1, 'once, until it is due again')
    write('one')
    await kick()
    assert.equal(dropped.length, 2)
  })

  test('[G2] what is not kept stays in memory: neither its frame nor its envelope is on disk', async () => {
    write('kanarienvogel', false)
    answer = { ok: false, code: 'closed' }
    await kick()
    const rows = here.store.db.prepare('SELECT bytes FROM out_frames UNION ALL SELECT bytes FROM out_envelopes').all() as { bytes: unknown }[]
    assert.deepEqual(rows, [{ bytes: null }, { bytes: null }])
    assert.equal(outbox.open(ben.c).length, 1)
    const again = createOutbox({ store: here.store, chance: createChance(random), conversations: createConversations({ store: here.store }), now: () => here.clock.now })
    assert.deepEqual(again.lost(ben.c).map(({ from, to }) => ({ from, to })), [{ from: 1, to: 1 }], '[W23] after a restart its number is void')
  })
})

