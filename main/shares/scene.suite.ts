import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Ik } from '../../protocol/ids.ts'
import { MAX_ENTRIES, MAX_FRAME, SHARE_LIFE, SHARE_RATE } from '../../protocol/limits.ts'
import { parseFrame, type ShareFrame } from '../../protocol/wire/peer.ts'
import { createBackground } from '../background.ts'
import { createChance } from '../random.ts'
import { random, tempDir } from '../testing/core.ts'
import { testStore } from '../testing/store.ts'
import type { ToServe } from './fetches.ts'
import type { ShareRequest } from './requests.ts'
import { createShares, type OnceEnd, type ShareOffer } from './shares.ts'

export const ben = 'ben' as Ik
export const chen = 'chen' as Ik
export const dora = 'dora' as Ik
export const minute = 60_000
export const day = 24 * 60 * minute

/** Ada's side, with a folder to share and a place for secrets beside it. Time goes when told; timers fire as it passes. */
export function scene(t: TestContext, { serves = true }: { serves?: boolean } = {}) {
  const temp = tempDir()
  const here = testStore()
  const at = (...parts: string[]) => join(temp.path, ...parts)
  mkdirSync(at('home', 'films'), { recursive: true })
  mkdirSync(at('own'))
  let timers: { at: number; act: () => void }[] = []
  const clock = {
    now: () => here.clock.now,
    after(ms: number, act: () => void) {
      const timer = { at: here.clock.now + ms, act }
      timers.push(timer)
      return () => void (timers = timers.filter((one) => one !== timer))
    },
  }
  const bugs: unknown[] = []
  const background = createBackground((error) => bugs.push(error))
  const buddies = new Set([ben, chen, dora])
  const hidden: string[] = []
  const sent: { to: Ik; frame: ShareFrame }[] = []
  const offers: { to: Ik; offer: ShareOffer }[] = []
  const servings: { to: Ik; what: ToServe; stopped: string[] }[] = []
  const over: [Ik, string, OnceEnd][] = []
  let changes = 0
  const create = () => createShares({
    store: here.store, clock, background, chance: createChance(random), home: at('home'), copies: '/nowhere', ownFolders: [at('own')],
    leaveOut: () => hidden, isBuddy: (ik) => buddies.has(ik),
    send: (to, frame) => void sent.push({ to, frame }),
    offer: (to, offer) => void offers.push({ to, offer }),
    serve(to, what) {
      if (!serves) return 'busy'
      const stopped: string[] = []
      servings.push({ to, what, stopped })
      return { stop: (why) => void stopped.push(why) }
    },
    onChange: () => changes++,
    onOnceOver: (ik, share, how) => void over.push([ik, share, how]),
    log: () => undefined,
  })
  let shares = create()
  t.after(async () => {
    shares.close()
    await background.settled()
    here.close()
    temp.remove()
    assert.deepEqual(bugs, [])
  })
  let q = 0
  const it = {
    at, here, buddies, hidden, sent, offers, servings, over, background,
    changes: () => changes,
    get shares() {
      return shares
    },
    restart() {
      shares.close()
      shares = create()
      shares.start()
    },
    pass(ms: number) {
      const until = here.clock.now + ms
      for (;;) {
        const next = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        here.clock.now = Math.max(here.clock.now, next.at)
        timers = timers.filter((one) => one !== next)
        next.act()
      }
      here.clock.now = until
    },
    file(path: string, content = 'x') {
      mkdirSync(at('home', 'films', path, '..'), { recursive: true })
      writeFileSync(at('home', 'films', path), content)
    },
    async share(terms: Partial<Parameters<typeof shares.share>[0]> = {}) {
      const done = await shares.share({ path: at('home', 'films'), with: [ben], until: here.clock.now + SHARE_LIFE, rate: SHARE_RATE, daily: 2_000_000_000, ...terms })
      assert.ok(done.ok, JSON.stringify(done))
      await background.settled()
      return done.id
    },
    /** What a buddy is answered; undefined where nothing is answered by now. */
    async ask<F extends ShareRequest['t']>(ik: Ik, frame: Omit<Extract<ShareRequest, { t: F }>, 'q'>): Promise<ShareFrame | undefined> {
      const mine = ++q
      shares.take(ik, { ...frame, q: mine } as ShareRequest)
      await background.settled()
      const answer = sent.find((one) => one.to === ik && one.frame.q === mine)?.frame
      if (answer !== undefined) {
        const bytes = Buffer.from(JSON.stringify(answer))
        assert.ok(bytes.length <= MAX_FRAME, `${bytes.length} bytes`)
        assert.ok(parseFrame(bytes).ok, `the wire refuses ${answer.t}`)
      }
      return answer
    },
    async dir(ik: Ik, share: string, dir = '', after?: string, max = MAX_ENTRIES) {
      return it.ask<'share.dir'>(ik, { t: 'share.dir', share, dir, max, ...(after === undefined ? {} : { after }) })
    },
    async entries(ik: Ik, share: string, dir = '') {
      const answer = await it.dir(ik, share, dir)
      assert.equal(answer?.t, 'share.entries', JSON.stringify(answer))
      return answer?.t === 'share.entries' ? answer.list : []
    },
    async names(ik: Ik, share: string, dir = '') {
      return (await it.entries(ik, share, dir)).map(({ name }) => name)
    },
    find: (ik: Ik, text: string, share?: string, max = 200) => it.ask<'share.find'>(ik, { t: 'share.find', text, max, ...(share === undefined ? {} : { share }) }),
    async hits(ik: Ik, text: string, share?: string) {
      const answer = await it.find(ik, text, share)
      return answer?.t === 'share.hits' ? answer.list.map(({ name }) => name) : answer
    },
    get: (ik: Ik, share: string, e: string) => it.ask<'share.get'>(ik, { t: 'share.get', share, e }),
    view: (id: string) => shares.views().find((one) => one.id === id)!,
  }
  return it
}
export const gone = (answer: ShareFrame | undefined) => assert.deepEqual({ ...answer, q: 0 }, { t: 'share.err', q: 0, code: 'gone' })
export const served = async (what: ToServe) => {
  const opened = await what.source.open()
  if (!opened.ok) return opened.why
  const text = await opened.handle.readFile('utf8')
  await opened.handle.close()
  return text
}
