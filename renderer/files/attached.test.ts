import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refused } from '../../protocol/app/rpc.ts'
import type { Pick as Picked } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { MAX_PICKS } from '../../protocol/limits.ts'
import { createAttached, picksOf } from './attached.ts'
import { type Dropped, folderOf } from './dropped.ts'

const ben = 'ben' as Ik
const pick = (name: string, size = 3): Picked => ({ pick: `pick of ${name}`, name, type: 'text', size })
const file = (name: string): Dropped => ({ is: 'file', name, file: new File(['abc'], name) })
const moment = () => new Promise((resolve) => setImmediate(resolve))

interface Given { give?: Picked; picks?: Picked[] | Refused; put?: () => Promise<Picked>; asked?: Dropped[] }
function attachedWith({ give, picks = [], put, asked = [] }: Given = {}) {
  const calls: string[] = []
  const attached = createAttached({
    client: {
      call: (async (method: string, p: { pick?: string }) => {
        calls.push(p.pick === undefined ? method : `${method} ${p.pick}`)
        if (method === 'pickFiles' && picks instanceof Refused) throw picks
        return { picks }
      }) as never,
    },
    desk: {
      put: async (_, name, { onTaken }) => {
        onTaken(1)
        return put ? put() : pick(name)
      },
      putFolder: async (name) => pick(name),
    },
    give: async () => give,
    ask: async () => asked,
  })
  return { attached, calls }
}
const states = (attached: ReturnType<typeof createAttached>) => attached.of(ben).chips.map(({ name, state }) => `${name} ${state.at}`)

test('what is dropped comes, is here, and is taken once', async () => {
  const { attached } = attachedWith()
  attached.add(ben, [file('a'), file('b')])
  assert.deepEqual(states(attached), ['a coming', 'b coming'])
  assert.deepEqual(picksOf(await attached.take(ben)), ['pick of a', 'pick of b'])
  assert.deepEqual(states(attached), [])
})
test('where the host knows the path no byte goes over the pipe', async () => {
  const { attached } = attachedWith({ give: pick('from disk'), put: () => assert.fail('uploaded') })
  attached.add(ben, [file('a')])
  await moment()
  assert.deepEqual(states(attached), ['from disk here'])
})
test('what the system’s dialog answered is here at once', async () => {
  const { attached } = attachedWith({ picks: [pick('a'), pick('b')] })
  await attached.choose(ben, 'files')
  assert.deepEqual(states(attached), ['a here', 'b here'])
})
test('where there is no dialog the window asks', async () => {
  const { attached } = attachedWith({ picks: new Refused('no-dialog'), asked: [file('a')] })
  await attached.choose(ben, 'files')
  assert.deepEqual(states(attached), ['a coming'])
})
test('more than fit are refused as a whole, and let go', async () => {
  const { attached, calls } = attachedWith({ picks: [pick('x')] })
  attached.add(ben, Array.from({ length: MAX_PICKS }, (_, index) => file(`f${index}`)))
  for (const more of [() => attached.add(ben, [file('a')]), () => attached.choose(ben, 'files')]) {
    attached.refuse(ben, undefined)
    await more()
    assert.equal(attached.of(ben).problem, 'too-many-files')
    assert.equal(attached.of(ben).chips.length, MAX_PICKS)
  }
  assert.ok(calls.includes('dropPick pick of x'))
})
test('what is removed is given back, also when it comes late', async () => {
  let arrive = (_: Picked) => {}
  const { attached, calls } = attachedWith({ put: () => new Promise((resolve) => (arrive = resolve)) })
  attached.add(ben, [file('late')])
  await moment()
  attached.remove(ben, attached.of(ben).chips[0]!.key)
  arrive(pick('late'))
  await moment()
  assert.deepEqual(calls, ['dropPick pick of late'])
})
test('what failed stays to be seen, and keeps nothing else from going', async () => {
  let isFirst = true
  const { attached } = attachedWith({
    put: async () => {
      if (!isFirst) return pick('b')
      isFirst = false
      throw new Refused('unreadable-file')
    },
  })
  attached.add(ben, [file('a'), file('b')])
  const taken = await attached.take(ben)
  assert.deepEqual(picksOf(taken), ['pick of b'])
  assert.deepEqual(states(attached), ['a failed'])
  attached.putBack(ben, taken)
  assert.deepEqual(states(attached), ['b here', 'a failed'])
})
test('a folder with nothing in it is refused in words', async () => {
  const { attached } = attachedWith()
  attached.add(ben, [{ is: 'folder', name: 'empty', files: async () => [] }])
  await moment()
  assert.deepEqual(attached.of(ben).chips[0]?.state, { at: 'failed', code: 'empty-folder' })
})
test('a chosen folder keeps the paths below it', async () => {
  const inside = (path: string) => Object.defineProperty(new File(['x'], 'x'), 'webkitRelativePath', { value: path })
  const [folder] = folderOf([inside('Lofoten/a.jpg'), inside('Lofoten/day 2/b.jpg')])
  assert.ok(folder?.is === 'folder' && folder.name === 'Lofoten')
  assert.deepEqual((await folder.files()).map(({ path }) => path.join('/')), ['a.jpg', 'day 2/b.jpg'])
  assert.deepEqual(folderOf([]), [])
})
