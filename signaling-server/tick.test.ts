import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { noLog } from './log.ts'
import { createTick, type Job, type Tick } from './tick.ts'

/** A database that only writes down what is done to it. */
function spy({ failsAt = () => false }: { failsAt?: (commit: number) => boolean } = {}) {
  const events: string[] = []
  let commits = 0
  const transaction = (work: () => void) => {
    events.push('begin')
    try {
      work()
      if (failsAt(++commits)) throw Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' })
    } catch (error) {
      events.push('rollback')
      throw error
    }
    events.push('commit')
  }
  const job = (name: string, { throws = false, then = false } = {}): Job => ({
    run() {
      if (throws) throw new Error('bug')
      events.push(`write ${name}`)
      return { answer: () => void events.push(`answer ${name}`), ...(then ? { then: () => void events.push(`then ${name}`) } : {}) }
    },
    fail: () => void events.push(`fail ${name}`),
  })
  return { events, transaction, job }
}

/** [S18] True where every answer comes after the commit that holds its write. */
async function answersAfterCommit(make: (deps: { transaction: (work: () => void) => void }) => Pick<Tick, 'add'>): Promise<boolean> {
  const { events, transaction, job } = spy()
  const tick = make({ transaction })
  for (const name of ['a', 'b', 'c']) tick.add(job(name))
  await turn()
  await turn()
  return ['a', 'b', 'c'].every((name) => events.indexOf(`answer ${name}`) > events.indexOf('commit', events.indexOf(`write ${name}`)) && events.includes(`answer ${name}`) && events.indexOf('commit', events.indexOf(`write ${name}`)) >= 0)
}

test('[S18] answers follow the commit; a server that answers first is caught by the same check', async () => {
  assert.equal(await answersAfterCommit(({ transaction }) => createTick({ transaction, log: noLog })), true)
  const naive = ({ transaction }: { transaction: (work: () => void) => void }) => ({
    add: ({ run }: Job) => transaction(() => run().answer()),
  })
  assert.equal(await answersAfterCommit(naive), false)
})

test('[S18] what is asked in one turn is one transaction; answers in the order asked, then what follows from them', async () => {
  const { events, transaction, job } = spy()
  const tick = createTick({ transaction, log: noLog })
  tick.add(job('a', { then: true }))
  tick.add(job('b'))
  tick.add(job('c', { then: true }))
  assert.deepEqual(events, [])
  await turn()
  assert.deepEqual(events, ['begin', 'write a', 'write b', 'write c', 'commit', 'answer a', 'answer b', 'answer c', 'then a', 'then c'])
})

test('[S12] one that throws fails alone', async () => {
  const { events, transaction, job } = spy()
  const tick = createTick({ transaction, log: noLog })
  tick.add(job('a'))
  tick.add(job('b', { throws: true }))
  tick.add(job('c'))
  await turn()
  assert.deepEqual(events.filter((event) => /answer|fail/.test(event)), ['answer a', 'fail b', 'answer c'])
})

test('[S18] where the disk is full nothing is answered ok, and the next tick is tried again', async () => {
  let isFull = true
  const { events, transaction, job } = spy({ failsAt: () => isFull })
  const tick = createTick({ transaction, log: noLog })
  tick.add(job('a'))
  tick.add(job('b'))
  await turn()
  assert.deepEqual(events.filter((event) => /answer|fail/.test(event)), ['fail a', 'fail b'])
  isFull = false
  tick.add(job('c'))
  await turn()
  assert.ok(events.includes('answer c'))
})

test('[S18] an answer that throws takes nobody along', async () => {
  const { events, transaction, job } = spy()
  const faults: string[] = []
  const tick = createTick({ transaction, log: (fact) => void faults.push(fact) })
  tick.add({ run: () => ({ answer: () => assert.fail('bug') }), fail: () => {} })
  tick.add(job('b'))
  await turn()
  assert.ok(events.includes('answer b'))
  assert.deepEqual(faults, ['bug'])
})

test('[S18] a flood is cut into several transactions, and closing does what waits', async () => {
  const { events, transaction, job } = spy()
  const tick = createTick({ transaction, log: noLog })
  for (let i = 0; i < 300; i++) tick.add(job(String(i)))
  await turn()
  assert.equal(events.filter((event) => event === 'commit').length, 1)
  tick.close()
  assert.equal(events.filter((event) => event.startsWith('answer')).length, 300)
})
