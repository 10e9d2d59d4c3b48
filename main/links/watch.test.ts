import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { LINK_IDLE, LINK_PING, LINK_UNANSWERED } from '../../protocol/limits.ts'
import { startWatch, type Watch } from './watch.ts'

let now = 0
let timers: { at: number; act: () => void }[] = []
const clock = {
  now: () => now,
  after(ms: number, act: () => void) {
    const timer = { at: now + ms, act }
    timers.push(timer)
    return () => void (timers = timers.filter((one) => one !== timer))
  },
}
function pass(ms: number) {
  const until = now + ms
  for (;;) {
    const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
    if (next === undefined) break
    now = next.at
    timers = timers.filter((one) => one !== next)
    next.act()
  }
  now = until
}

let did: string[]
let watch: Watch
beforeEach(() => {
  timers = []
  did = []
  watch = startWatch(clock, { ping: (k) => did.push(`ping ${k}`), onLost: () => did.push('lost'), onIdle: () => did.push('idle') })
})

test('a link on which nothing is heard is pinged, and lost where nothing answers', () => {
  pass(LINK_PING - 1)
  assert.deepEqual(did, [])
  pass(1)
  assert.deepEqual(did, ['ping 1'])
  pass(LINK_UNANSWERED - 1)
  watch.heard()
  pass(LINK_PING)
  assert.deepEqual(did, ['ping 1', 'ping 2'])
  pass(LINK_UNANSWERED)
  assert.deepEqual(did, ['ping 1', 'ping 2', 'lost'])
})

test('a link on which nothing is said is closed; pings are nothing said', () => {
  for (let t = 0; t < LINK_IDLE - 1_000; t += 1_000) {
    pass(1_000)
    watch.heard()
  }
  assert.deepEqual(did, [])
  watch.used()
  for (let t = 0; t < LINK_IDLE; t += 1_000) {
    pass(1_000)
    watch.heard()
  }
  assert.deepEqual(did, ['idle'])
})

test('what ICE lost may come back within 5 s', () => {
  watch.ice(false)
  pass(LINK_UNANSWERED - 1)
  watch.ice(true)
  pass(LINK_UNANSWERED)
  assert.deepEqual(did, [])
  watch.ice(false)
  pass(LINK_UNANSWERED)
  assert.deepEqual(did, ['lost'])
})

test('a watch that is stopped does nothing more', () => {
  watch.ice(false)
  watch.stop()
  pass(2 * LINK_IDLE)
  assert.deepEqual([did, timers.length], [[], 0])
})
