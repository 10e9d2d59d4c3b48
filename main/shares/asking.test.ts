import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, test, type TestContext } from 'node:test'
import { FINDS_PER_MINUTE, MAX_ENTRIES, MAX_HITS, SHARE_RATE, WAITING_GETS } from '../../protocol/limits.ts'
import type { ShareFrame } from '../../protocol/wire/peer.ts'
import { ben, chen, day, dora, gone, minute, scene, served } from './scene.suite.ts'

const codeOf = (answer: ShareFrame | undefined) => (answer?.t === 'share.err' ? answer.code : answer?.t)

describe('[B5] pages', () => {
  test('[B5] a long folder comes in pages, each within its number and one frame; everything once, folders first', async (t) => {
    const it = scene(t)
    const wanted: string[] = []
    // Names of two bytes a letter: fewer of them than 500 fill a frame.
    for (let i = 0; i < 700; i++) wanted.push(`${'ö'.repeat(60)} ${String(i).padStart(3, '0')}.txt`)
    for (const name of wanted) it.file(name, '')
    mkdirSync(it.at('home', 'films', 'zz'))
    const id = await it.share()
    for (const max of [MAX_ENTRIES, 7]) {
      const seen: string[] = []
      for (let after: string | undefined, more = true; more;) {
        const page = await it.dir(ben, id, '', after, max)
        assert.ok(page?.t === 'share.entries')
        assert.ok(page.list.length <= max && page.list.length > 0)
        if (max === MAX_ENTRIES && page.more) assert.ok(page.list.length > 100 && page.list.length < MAX_ENTRIES)
        seen.push(...page.list.map(({ name }) => name))
        ;({ more } = page)
        after = page.list.at(-1)!.e
      }
      assert.deepEqual(seen, ['zz', ...wanted])
    }
  })

  test('[B5] a page goes on where its last entry was, also when that is gone', async (t) => {
    const it = scene(t)
    for (const name of ['a', 'b', 'c', 'd']) it.file(name)
    const id = await it.share({ with: [ben, chen] })
    const page = await it.dir(ben, id, '', undefined, 2)
    assert.ok(page?.t === 'share.entries' && page.more)
    rmSync(it.at('home', 'films', 'b'))
    it.pass(minute)
    assert.deepEqual(await it.names(chen, id), ['a', 'c', 'd'])
    const next = await it.dir(ben, id, '', page.list[1]!.e, 2)
    assert.deepEqual(next?.t === 'share.entries' && [next.list.map(({ name }) => name), next.more], [['c', 'd'], false])
  })

  test('files added later are shared too; what is gone is not; a look within half a minute reads nothing anew', async (t) => {
    const it = scene(t)
    it.file('a/b/c.txt')
    it.file('old.txt', '12')
    const id = await it.share()
    assert.deepEqual(await it.names(ben, id), ['a', 'old.txt'])
    const [a] = await it.entries(ben, id)
    rmSync(it.at('home', 'films', 'a'), { recursive: true })
    it.file('a', 'a file now')
    it.file('new.txt', '123')
    rmSync(it.at('home', 'films', 'old.txt'))
    it.pass(29_000)
    assert.deepEqual(await it.names(ben, id), ['a', 'old.txt'])
    it.pass(2_000)
    assert.deepEqual((await it.entries(ben, id)).map(({ name, k, s }) => [name, k, s]), [['a', 'f', 10], ['new.txt', 'f', 3]])
    gone(await it.dir(ben, id, a!.e))
    assert.deepEqual([it.view(id).files, it.view(id).bytes, await it.hits(ben, 'c.txt')], [2, 13, []])
  })

  test('[B5] a search finds parts of names whatever their case, in what is granted only, and says where', async (t) => {
    const it = scene(t)
    it.file('Sommer/Straße am ÉTANG.jpg')
    it.file('top étang.txt')
    mkdirSync(it.at('home', 'other'))
    writeFileSync(it.at('home', 'other', 'étang geheim.txt'), '')
    const id = await it.share()
    const chens = await it.share({ path: it.at('home', 'other'), with: [chen] })
    const answer = await it.find(ben, 'Étang')
    assert.ok(answer?.t === 'share.hits')
    assert.deepEqual(answer.list.map(({ name, share }) => [name, share]).sort(), [['Straße am ÉTANG.jpg', id], ['top étang.txt', id]])
    const deep = answer.list.find(({ name }) => name.startsWith('S'))!
    assert.deepEqual(await it.names(ben, id, deep.dir), ['Straße am ÉTANG.jpg'])
    assert.equal(answer.list.find(({ name }) => name.startsWith('t'))!.dir, '')
    assert.deepEqual([await it.hits(chen, 'étang'), await it.hits(dora, 'étang'), await it.hits(ben, '%_%')], [['étang geheim.txt'], [], []])
    gone(await it.find(ben, 'étang', chens))
  })

  test('[B5] hits end at 200 and one frame; searches at ten a minute', async (t) => {
    const it = scene(t)
    for (let i = 0; i < 250; i++) it.file(`${'x'.repeat(i % 2 === 0 ? 230 : 3)}${i}`, '')
    const id = await it.share()
    for (const [max, text] of [[MAX_HITS, 'xxx'], [MAX_HITS, 'x'.repeat(60)], [3, 'xxx']] as const) {
      const answer = await it.find(ben, text, id, max)
      assert.ok(answer?.t === 'share.hits' && answer.list.length <= max)
      assert.equal(answer.more, max === 3 || text === 'xxx' || answer.list.length < 125)
    }
    for (let i = 3; i < FINDS_PER_MINUTE; i++) assert.equal(codeOf(await it.find(ben, 'none')), 'share.hits')
    assert.deepEqual(await it.find(ben, 'none'), { t: 'share.err', q: FINDS_PER_MINUTE + 1, code: 'limit', after: 6 })
    assert.equal(codeOf(await it.find(chen, 'none')), 'share.hits')
    it.pass(6_000)
    assert.equal(codeOf(await it.find(ben, 'none')), 'share.hits')
  })

  test('what the owner sees through a buddy\'s eyes is what that buddy is answered', async (t) => {
    const it = scene(t)
    it.file('sub/a.txt')
    it.file('b.txt')
    const id = await it.share()
    const list = await it.ask<'share.ls'>(ben, { t: 'share.ls' })
    assert.ok(list?.t === 'share.shares')
    assert.deepEqual(await it.shares.viewAs(ben, { dir: '' }), { ok: true, shares: list.list, entries: [], more: false })
    const [sub] = await it.entries(ben, id)
    for (const dir of ['', sub!.e]) assert.deepEqual(await it.shares.viewAs(ben, { share: id, dir }), { ok: true, shares: [], entries: await it.entries(ben, id, dir), more: false })
    assert.deepEqual(await it.shares.viewAs(dora, { share: id, dir: '' }), { ok: false, code: 'unknown-share' })
    assert.deepEqual(await it.shares.viewAs(dora, { dir: '' }), { ok: true, shares: [], entries: [], more: false })
  })
})

describe('[B6] fetching', () => {
  async function withFile(t: TestContext, terms: Parameters<ReturnType<typeof scene>['share']>[0] = {}) {
    const it = scene(t)
    it.file('a.txt', 'content')
    const id = await it.share(terms)
    const [a] = await it.entries(ben, id)
    return { it, id, a: a!.e }
  }

  test('[B6] a file is handed to who serves, with its name, size and rate; a folder is not', async (t) => {
    const { it, id, a } = await withFile(t)
    assert.equal(await it.get(ben, id, a), undefined)
    const { to, what } = it.servings[0]!
    assert.deepEqual([to, what.share, what.source.name, what.source.size, what.meter.rate, await served(what)], [ben, id, 'a.txt', 7, SHARE_RATE, 'content'])
    it.shares.change(id, { rate: 5 })
    assert.equal(what.meter.rate, 5)
    it.file('sub/x')
    it.pass(minute)
    const [sub] = await it.entries(ben, id)
    gone(await it.get(ben, id, sub!.e))
  })

  test('[B6] the quota ends at its byte, for all buddies together, over a restart, until midnight', async (t) => {
    const { it, id, a } = await withFile(t, { daily: 100, with: [ben, chen], until: 1_767_225_600_000 + 30 * day })
    const [chens] = await it.entries(chen, id)
    await it.get(ben, id, a)
    await it.get(chen, id, chens!.e)
    const [bens, other] = it.servings.map(({ what }) => what.meter)
    assert.deepEqual([bens!.take(60), other!.take(39), bens!.take(10), bens!.take(1), other!.take(1)], [60, 39, 1, 0, 0])
    const limit = await it.get(ben, id, a)
    const left = Math.ceil((new Date(it.here.clock.now).setHours(24, 0, 0, 0) - it.here.clock.now) / 1000)
    assert.deepEqual({ ...limit, q: 0 }, { t: 'share.err', q: 0, code: 'limit', after: left })
    assert.deepEqual(it.view(id).servedToday, [{ ik: ben, files: 0, bytes: 61 }, { ik: chen, files: 0, bytes: 39 }])
    it.restart()
    assert.equal(codeOf(await it.get(ben, id, a)), 'limit')
    it.pass((left - 1) * 1000)
    assert.equal(codeOf(await it.get(ben, id, a)), 'limit')
    it.pass(1000)
    assert.equal(await it.get(ben, id, a), undefined)
    assert.deepEqual([it.servings.at(-1)!.what.meter.take(1_000), it.view(id).servedToday], [100, [{ ik: ben, files: 0, bytes: 100 }]])
    // A larger quota lets go at once what a smaller one held.
    it.shares.change(id, { daily: 150 })
    assert.equal(it.servings.at(-1)!.what.meter.take(1_000), 50)
  })

  test('[B6] one get at work and two that wait; a fourth is busy, as is what can\'t be served now', async (t) => {
    const { it, id, a } = await withFile(t)
    for (let q = 100; q < 105; q++) it.shares.take(ben, { t: 'share.get', q, share: id, e: a })
    await it.background.settled()
    assert.equal(it.servings.length, 1 + WAITING_GETS)
    assert.deepEqual(it.sent.slice(-2).map(({ frame }) => [frame.q, codeOf(frame)]), [[103, 'busy'], [104, 'busy']])
    const other = scene(t, { serves: false })
    other.file('a.txt')
    const [entry] = await other.entries(ben, await other.share())
    assert.equal(codeOf(await other.get(ben, other.shares.views()[0]!.id, entry!.e)), 'busy')
  })

  test('requests are answered in their order, and a flood of them is not kept', async (t) => {
    const { it, id } = await withFile(t)
    const before = it.sent.length
    for (let q = 1_000; q < 1_100; q++) it.shares.take(ben, { t: 'share.dir', q, share: id, dir: '', max: 1 })
    await it.background.settled()
    const answers = it.sent.slice(before).map(({ frame }) => frame)
    assert.equal(answers.length, 100)
    const entries = answers.filter(({ t: kind }) => kind === 'share.entries').map(({ q }) => q)
    assert.deepEqual(entries, Array.from({ length: entries.length }, (_, i) => 1_000 + i))
    assert.ok(entries.length < 30)
  })
})

describe('[B7] revoking, and the owner\'s log', () => {
  for (const [how, revoke] of [
    ['stopping', (it, id) => it.shares.stop(id)],
    ['removing the buddy from it', (it, id) => it.shares.change(id, { with: [chen] })],
    ['the buddy gone', (it) => it.shares.personGone(ben)],
    ['forgetting', (it, id) => it.shares.forget(id)],
    ['an end that has come', (it, id) => it.shares.change(id, { until: it.here.clock.now })],
  ] as [string, (it: ReturnType<typeof scene>, id: string) => unknown][]) {
    test(`[B7] ${how} stops what runs in the middle, and no byte more is let go`, async (t) => {
      const it = scene(t)
      it.file('a.txt', 'content')
      const id = await it.share({ with: [ben, chen] })
      const [a] = await it.entries(ben, id)
      await it.get(ben, id, a!.e)
      const { what, stopped } = it.servings[0]!
      assert.deepEqual([what.meter.take(3), it.shares.isServing()], [3, true])
      revoke(it, id)
      assert.deepEqual([stopped, what.meter.take(3), await served(what), it.shares.isServing()], [['gone'], 0, 'missing', false])
      what.meter.onEnd(true)
      gone(await it.get(ben, id, a!.e))
    })
  }

  test('[B6] a file is hashed once while it is the same, and hashing ends at the quota of the day', async (t) => {
    const it = scene(t)
    for (const name of ['a', 'b', 'c']) it.file(name, 'content')
    const id = await it.share({ daily: 10 })
    const [a, b, c] = await it.entries(ben, id)
    const sums = { hashes: new Uint8Array(32), root: 'root' }
    const hash = async (e: string) => {
      await it.get(ben, id, e)
      const { meter } = it.servings.at(-1)!.what
      meter.onHashed(7)
      meter.onSums(sums)
      meter.onEnd(false)
    }
    await hash(a!.e)
    await hash(b!.e)
    assert.deepEqual(await it.get(ben, id, c!.e), { t: 'share.err', q: it.sent.at(-1)!.frame.q, code: 'limit', after: (it.sent.at(-1)!.frame as { after: number }).after })
    await it.get(ben, id, a!.e)
    assert.deepEqual([it.servings.length, it.servings[2]!.what.meter.known?.root], [3, 'root'])
    it.file('b', 'changed')
    it.pass(minute)
    await it.names(ben, id)
    assert.equal((await it.get(ben, id, b!.e))?.t, 'share.err', 'another file under that name has to be hashed')
    it.pass(day)
    await it.get(ben, id, c!.e)
    assert.deepEqual([it.servings.length, it.servings[3]!.what.meter.known], [4, undefined])
  })

  test('[B7] what is revoked while it is opened is not served', async (t) => {
    const it = scene(t)
    it.file('a.txt', 'content')
    const id = await it.share()
    const [a] = await it.entries(ben, id)
    it.shares.take(ben, { t: 'share.get', q: 500, share: id, e: a!.e })
    // Everything is done but what the disk takes its time for.
    for (let i = 0; i < 50; i++) await undefined
    it.shares.stop(id)
    await it.background.settled()
    assert.deepEqual([it.servings.length, it.sent.at(-1)!.frame], [0, { t: 'share.err', q: 500, code: 'gone' }])
  })

  test('[B7] looks and fetches are counted by buddy with their bytes, and stay over a restart', async (t) => {
    const it = scene(t)
    it.file('a.txt', 'content')
    const id = await it.share({ with: [ben, chen], until: it.here.clock.now + 30 * day })
    const [a] = await it.entries(ben, id)
    await it.hits(ben, 'none')
    await it.names(chen, id)
    await it.get(ben, id, a!.e)
    const { meter } = it.servings[0]!.what
    meter.take(7)
    assert.deepEqual(it.view(id).now, [{ ik: ben, name: 'a.txt', rate: 0 }])
    it.pass(1_000)
    meter.take(2_000)
    it.pass(1_000)
    assert.equal(it.view(id).now[0]!.rate, Math.round(2_007 / 2))
    meter.onEnd(true)
    assert.deepEqual(it.view(id).now, [])
    it.pass(1_000)
    const rows = () => it.here.store.db.prepare('SELECT ik, looks, files, bytes FROM share_served WHERE share = ? ORDER BY ik').all(id)
    assert.deepEqual(rows(), [{ ik: ben, looks: 2, files: 1, bytes: 2_007 }, { ik: chen, looks: 1, files: 0, bytes: 0 }])
    it.restart()
    it.pass(day)
    assert.deepEqual([it.view(id).servedToday, it.view(id).fetched], [[], [{ ik: ben, files: 1 }]])
  })

  test('news of a share come at most four times a second, and the last of them comes', async (t) => {
    const it = scene(t)
    it.file('a.txt', 'content')
    const id = await it.share()
    const [a] = await it.entries(ben, id)
    await it.get(ben, id, a!.e)
    it.pass(1_000)
    const before = it.changes()
    for (let ms = 0; ms < 2_000; ms += 10) {
      it.servings[0]!.what.meter.take(1)
      it.pass(10)
    }
    assert.ok(it.changes() - before <= 9 && it.changes() - before >= 7, `${it.changes() - before} in two seconds`)
    it.pass(30_000)
    const quiet = it.changes()
    it.pass(30_000)
    assert.equal(it.changes(), quiet)
  })
})

describe('[B8] a folder for one buddy', () => {
  async function dropped(t: TestContext) {
    const it = scene(t)
    it.file('a.txt')
    it.file('sub/b.txt')
    const id = await it.share({ once: true })
    const [sub, a] = await it.entries(ben, id)
    const [b] = await it.entries(ben, id, sub!.e)
    return { it, id, a: a!.e, b: b!.e }
  }

  test('[B8] it stands in no list, and is over when every file of it was fetched', async (t) => {
    const { it, id, a, b } = await dropped(t)
    assert.deepEqual([it.offers[0]!.offer.once, it.view(id).once], [true, true])
    const list = await it.ask<'share.ls'>(ben, { t: 'share.ls' })
    assert.deepEqual([list?.t === 'share.shares' && list.list, await it.hits(ben, 'txt'), await it.hits(ben, 'txt', id)], [[], [], ['a.txt', 'b.txt']])
    const seen = await it.shares.viewAs(ben, { dir: '' })
    assert.deepEqual(seen.ok && seen.shares.map(({ share }) => share), [id], 'but its owner sees that it can be seen')
    for (const e of [a, a, b]) {
      assert.deepEqual(it.over, [])
      await it.get(ben, id, e)
      it.servings.at(-1)!.what.meter.onEnd(false)
      await it.get(ben, id, e)
      it.servings.at(-1)!.what.meter.onEnd(true)
    }
    assert.deepEqual(it.over, [[ben, id, 'fetched']])
    gone(await it.dir(ben, id))
    assert.deepEqual([it.shares.views(), it.here.store.db.prepare('SELECT (SELECT count(*) FROM shares) + (SELECT count(*) FROM share_entries) + (SELECT count(*) FROM share_grants) AS n').get()], [[], { n: 0 }])
  })

  test('[B8] what was deleted before it was fetched is not waited for', async (t) => {
    const { it, id, a } = await dropped(t)
    await it.get(ben, id, a)
    it.servings[0]!.what.meter.onEnd(true)
    rmSync(it.at('home', 'films', 'sub'), { recursive: true })
    it.pass(minute)
    assert.deepEqual(it.over, [])
    gone(await it.dir(ben, id))
    assert.deepEqual(it.over, [[ben, id, 'fetched']])
  })

  test('[B8] declining ends it, for the buddy it is for; of another share it means nothing', async (t) => {
    const { it, id } = await dropped(t)
    const plain = await it.share()
    it.shares.decline(chen, id)
    it.shares.decline(ben, plain)
    assert.deepEqual(it.over, [])
    it.shares.decline(ben, id)
    assert.deepEqual(it.over, [[ben, id, 'declined']])
    gone(await it.dir(ben, id))
    assert.equal(it.view(plain).state.at, 'on')
  })

  test('[B8] what else ends a share ends it too, and is told', async (t) => {
    for (const [how, act] of [['stopped', (it, id) => it.shares.stop(id)], ['stopped', (it) => it.shares.personGone(ben)], ['expired', (it) => {
      it.pass(8 * day)
      it.shares.tick()
    }]] as [string, (it: ReturnType<typeof scene>, id: string) => void][]) {
      const { it, id } = await dropped(t)
      act(it, id)
      await it.background.settled()
      assert.deepEqual([it.over, it.shares.views()], [[[ben, id, how]], []])
    }
  })
})

describe('[F17] 10,000 files', () => {
  test('[F17] read and listed in time, searched in time, and nobody waits for it', async (t) => {
    const it = scene(t)
    for (let folder = 0; folder < 20; folder++) {
      mkdirSync(it.at('home', 'films', `folder ${folder}`))
      for (let i = 0; i < 500; i++) writeFileSync(it.at('home', 'films', `folder ${folder}`, `${folder} IMG_${i}.jpg`), '')
    }
    const watch = monitorEventLoopDelay({ resolution: 1 })
    const took = async <T>(what: string, act: () => Promise<T>): Promise<[number, T]> => {
      const from = performance.now()
      const value = await act()
      const ms = performance.now() - from
      t.diagnostic(`${what}: ${ms.toFixed(0)} ms`)
      return [ms, value]
    }
    watch.enable()
    let id = ''
    const [first] = await took('read, and the first page', async () => {
      id = await it.share()
      assert.equal((await it.names(ben, id)).length, 20)
    })
    watch.disable()
    t.diagnostic(`longest stall while it was read: ${(watch.max / 1e6).toFixed(1)} ms`)
    const [listed, files] = await took('listed whole', async () => {
      let n = 0
      for (const folder of await it.entries(ben, id)) {
        for (let after: string | undefined, more = true; more;) {
          const page = await it.dir(ben, id, folder.e, after)
          assert.ok(page?.t === 'share.entries')
          n += page.list.length
          ;({ more } = page)
          after = page.list.at(-1)?.e
        }
      }
      return n
    })
    const [found] = await took('a search', () => it.find(ben, '19 img_499'))
    it.pass(minute)
    const [again] = await took('read again, nothing new', () => it.names(ben, id))
    assert.deepEqual([files, it.view(id).files], [10_000, 10_000])
    // Several times what it should be (0.5 s, 3 s, 0.2 s, 50 ms): other tests run beside this one, and each look-up costs twice in the test runner.
    assert.ok(first < 4_000 && listed < 9_000 && found < 600 && again < 4_000, JSON.stringify({ first, listed, found, again }))
    assert.ok(watch.max / 1e6 < 250, `${watch.max / 1e6} ms`)
  })
})
