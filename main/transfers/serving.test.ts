import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Ik } from '../../protocol/ids.ts'
import { readBulk } from '../../protocol/wire/files.ts'
import { tempDir } from '../testing/core.ts'
import { pathSource } from './outgoing.ts'
import { createPace } from './pace.ts'
import { createServings, type Served } from './serving.ts'

const ben = 'ben' as Ik
const PIECE = 262_144

test('a file that waits for its pace keeps no other waiting, and goes on when it may', async (t) => {
  const temp = tempDir()
  t.after(temp.remove)
  let now = 0
  let due: (() => void)[] = []
  const clock = {
    now: () => now,
    after: (_: number, act: () => void) => {
      due.push(act)
      return () => void (due = due.filter((one) => one !== act))
    },
  }
  const sent = new Map<number, { bytes: number; isOver: boolean }>()
  const servings = createServings({
    clock, chunk: () => 65_536, room: () => 10_000_000, background: (work) => void work.catch((error: unknown) => assert.fail(String(error))),
    send(_, message) {
      const read = readBulk(message.slice())
      assert.ok(read.ok)
      const { x, kind, data } = read.value
      const of = sent.get(x) ?? { bytes: 0, isOver: false }
      sent.set(x, { bytes: of.bytes + (kind === 'data' ? data.length : 0), isOver: kind === 'end' })
    },
  })
  const served = (name: string, rate: number): Served => {
    const path = join(temp.path, name)
    writeFileSync(path, randomBytes(PIECE))
    const { size, mtimeMs } = statSync(path)
    return {
      fid: name, source: pathSource(path, { size, mtime: Math.floor(mtimeMs) }), piece: PIECE, paces: [createPace(clock, () => rate)], take: (bytes) => bytes, onSent: () => undefined,
      onFault: (why) => assert.fail(why), onQuota: () => assert.fail('quota'),
    }
  }
  const until = async (what: string, is: () => boolean) => {
    for (let tries = 0; !is(); tries++) {
      assert.ok(tries < 10_000, `${what}: ${JSON.stringify([...sent])}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  assert.ok(servings.pull(ben, served('slow', 65_536), { x: 1, from: 0, to: PIECE }))
  await until('a part of the slow one', () => sent.get(1)?.bytes === 65_536)
  assert.ok(servings.pull(ben, served('free', 0), { x: 2, from: 0, to: PIECE }))
  await until('all of the other', () => sent.get(2)?.isOver === true)
  assert.deepEqual(sent.get(1), { bytes: 65_536, isOver: false })

  for (const bytes of [2, 3, 4].map((chunks) => chunks * 65_536)) {
    await until('it waits', () => due.length > 0)
    now += 1_000
    for (const act of due.splice(0)) act()
    await until(`${bytes} of it`, () => sent.get(1)?.bytes === bytes)
  }
  await until('its end', () => sent.get(1)?.isOver === true)
  await servings.settled()
})

test('pulls that follow on one another are read at once, and each is answered as itself', async (t) => {
  const temp = tempDir()
  t.after(temp.remove)
  const piece = 131_072
  const path = join(temp.path, 'film')
  const bytes = randomBytes(8 * piece)
  writeFileSync(path, bytes)
  const { size, mtimeMs } = statSync(path)
  const source = pathSource(path, { size, mtime: Math.floor(mtimeMs) })
  const reads: [at: number, length: number][] = []
  const got = new Map<number, Buffer[]>()
  const ends: [x: number, offset: number][] = []
  const servings = createServings({
    clock: { now: () => 0, after: () => () => undefined },
    chunk: () => 65_536, room: () => 10_000_000, background: (work) => void work.catch((error: unknown) => assert.fail(String(error))),
    send(_, message) {
      const read = readBulk(message.slice())
      assert.ok(read.ok)
      const { x, kind, offset, data } = read.value
      if (kind === 'data') got.set(x, [...(got.get(x) ?? []), Buffer.from(data)])
      else ends.push([x, offset])
    },
  })
  const served: Served = {
    fid: 'film', piece, paces: [], take: (length) => length, onSent: () => undefined, onFault: (why) => assert.fail(why), onQuota: () => assert.fail('quota'),
    source: {
      ...source,
      async open() {
        const opened = await source.open()
        if (!opened.ok) return opened
        const { handle } = opened
        const readv = handle.readv.bind(handle)
        handle.readv = ((views: Uint8Array[], at: number) => {
          reads.push([at, views.reduce((sum, view) => sum + view.length, 0)])
          return readv(views, at)
        }) as typeof handle.readv
        return opened
      },
    },
  }
  // The first is read before the others are asked for.
  const pulls = [0, 1, 2, 3, 4, 5, 7].map((index, x) => ({ x, from: index * piece, to: (index + 1) * piece }))
  for (const pull of pulls) assert.ok(servings.pull(ben, served, pull))
  await servings.settled()
  assert.deepEqual(reads, [[0, piece], [piece, 4 * piece], [5 * piece, piece], [7 * piece, piece]])
  assert.deepEqual(ends, pulls.map(({ x, to }) => [x, to]))
  for (const { x, from, to } of pulls) assert.ok(Buffer.concat(got.get(x)!).equals(bytes.subarray(from, to)))
  servings.linkDown(ben)
})
