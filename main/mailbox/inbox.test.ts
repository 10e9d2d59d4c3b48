import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DevId, Ik, KeyId } from '../../protocol/ids.ts'
import { utf8 } from '../../protocol/wire/bytes.ts'
import { sealEnvelope } from '../envelopes/envelope.ts'
import { makeSealKey } from '../envelopes/hpke.ts'
import { signerOf } from '../identity/crypto.ts'
import { makeCert } from '../identity/records.ts'
import { createBackground } from '../background.ts'
import { random } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import { createInbox } from './inbox.ts'

const id16 = () => Buffer.from(random(16)).toString('base64url')

/** An inbox with one live key, and a store that fails as it is told. */
async function scene(fail: () => unknown) {
  const here = testStore()
  const key = makeSealKey()
  const keyId = Buffer.from(random(8)).toString('base64url') as KeyId
  const me = { ik: signerOf(random(32)).pub as Ik, dev: id16() as DevId }
  const ik = signerOf(random(32))
  const dk = signerOf(random(32))
  const from = { ik: ik.pub as Ik, dev: id16() as DevId, dk }
  const cert = makeCert(ik, { dev: from.dev, dk: dk.pub as never, seq: 1, iat: 1 })
  const envelope = await sealEnvelope({ ...from, cert }, { ...me, key: keyId, pk: key.pub }, { frames: [utf8('{"t":"zzz"}')], hb: 0 }, { id: random(16), time: 1 })
  const acked: string[] = []
  const counted: string[] = []
  const inbox = createInbox({
    store: { ...here.store, write: (change) => {
      const error = fail()
      if (error !== undefined) throw error
      return here.store.write(change)
    } },
    clock: { now: () => here.clock.now, after: () => () => undefined },
    me: () => me as never,
    roster: { get: () => undefined } as never,
    keyring: { lookup: () => ({ at: 'live', kind: 'k', key, owner: { ik: from.ik, dev: from.dev } }), wasSeen: () => false, consume: () => undefined } as never,
    receive: {} as never,
    session: { patiently: async (make) => {
      const message = make()
      if (message.t === 'mail.ack') acked.push(...message.ids)
      return { ok: true, r: { left: 0 } } as never
    } },
    links: { ramKey: () => undefined, takeSignal: () => undefined },
    consent: { takeKnock: () => undefined, takeKnockOk: () => undefined, confirmed: () => undefined },
    repeatReceipt: () => undefined, onAbilities: () => undefined, onLost: () => undefined, onTransient: () => undefined, onDrained: () => undefined,
    background: createBackground((error) => assert.fail(String(error))),
    onCount: (what) => counted.push(what),
  })
  const deliver = async (id: string) => {
    inbox.take({ t: 'mail', id, cls: 'msg', at: 1 }, envelope)
    await inbox.settled()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const roomAgain = async () => {
    inbox.roomAgain()
    await inbox.settled()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { acked, counted, deliver, roomAgain, signedOff: inbox.signedOff, close: here.close }
}

test('[E15] a passing failure (full disk) is not acknowledged; the same envelope is taken once there is room', async () => {
  let error: unknown = Object.assign(new Error('full'), { code: 'SQLITE_FULL' })
  const { acked, deliver, close } = await scene(() => error)
  await deliver('m1')
  assert.deepEqual(acked, [])
  error = undefined
  await deliver('m1')
  assert.deepEqual(acked, ['m1'])
  close()
})

test('[E15] what came while the disk was full is taken by itself once there is room, in its order; never that of a session that is over', async () => {
  let error: unknown = Object.assign(new Error('full'), { code: 'SQLITE_FULL' })
  const { acked, deliver, roomAgain, signedOff, close } = await scene(() => error)
  await deliver('m1')
  await deliver('m2')
  // There was less room than it seemed: nothing is lost by trying.
  await roomAgain()
  assert.deepEqual(acked, [])
  error = undefined
  await roomAgain()
  assert.deepEqual(acked, ['m1', 'm2'])
  await roomAgain()
  assert.deepEqual(acked, ['m1', 'm2'])
  error = Object.assign(new Error('full'), { code: 'SQLITE_FULL' })
  await deliver('m3')
  signedOff()
  error = undefined
  await roomAgain()
  assert.deepEqual(acked, ['m1', 'm2'])
  close()
})

test('[E15] F25: what fails for good is acknowledged and counted, so that it never comes again', async () => {
  const { acked, counted, deliver, close } = await scene(() => new Error('a bug of ours'))
  await deliver('poison')
  await deliver('m2')
  assert.deepEqual(acked, ['poison', 'm2'])
  assert.deepEqual(counted, ['unopened', 'unopened'])
  close()
})
