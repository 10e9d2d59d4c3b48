import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFromWindow } from '../../protocol/app/bytes-in.ts'
import { type FromWindow, type ToWindow, writeToWindow } from '../../protocol/app/bytes.ts'
import { type BytePipe, kept } from '../../protocol/app/pipe.ts'
import { WINDOW_AHEAD, WINDOW_CHUNK } from '../../protocol/limits.ts'
import { createFileDesk } from './desk.ts'

/** A core that answers each message with what `answer` says, and remembers what came. */
function createCore(answer: (message: FromWindow, say: (message: ToWindow) => void) => void) {
  const heard: FromWindow[] = []
  let opened = 0
  let shut = () => {}
  const open = async (): Promise<BytePipe> => {
    opened++
    const bytes = kept<Uint8Array<ArrayBuffer>>()
    const closed = kept<undefined>()
    const say = (message: ToWindow) => queueMicrotask(() => bytes.push(writeToWindow(message) as Uint8Array<ArrayBuffer>))
    shut = () => closed.push(undefined)
    return {
      send(message) {
        const read = readFromWindow(message as Uint8Array<ArrayBuffer>)
        assert.ok(read, 'the window says only what the core understands')
        heard.push(read)
        answer(read, say)
      },
      onBytes: bytes.listen,
      onClose: (listener) => closed.listen(listener),
      close: () => closed.push(undefined),
      waiting: () => 0,
    }
  }
  return { open, heard, opened: () => opened, shut: () => shut() }
}

const pick = (name: string) => ({ pick: `pick of ${name}`, name, type: 'unknown' as const, size: 0 })
const file = (name: string, size: number) => new File([new Uint8Array(size).fill(7)], name, { lastModified: 5 })
const following = (onTaken: (bytes: number) => void = () => {}, signal = new AbortController().signal) => ({ onTaken, signal })

/** Takes everything at once. */
function taking() {
  const sizes = new Map<number, number>()
  const names = new Map<number, string>()
  return createCore((message, say) => {
    const { id } = message
    if (message.kind === 'put' || message.kind === 'folder') names.set(id, message.name)
    if (message.kind === 'data') say({ kind: 'room', id, taken: (sizes.set(id, (sizes.get(id) ?? 0) + message.bytes.length), sizes.get(id)!) })
    if (message.kind === 'end' || message.kind === 'folder') say({ kind: 'taken', id, ...(message.kind === 'folder' || names.get(id) === 'film.mp4' || names.get(id) === 'empty' ? { pick: pick(names.get(id)!) } : {}) })
  })
}

test('a file goes in pieces, and becomes a pick', async () => {
  const core = taking()
  const taken: number[] = []
  const size = 2 * WINDOW_CHUNK + 1
  assert.equal((await createFileDesk(core).put(file('film.mp4', size), 'film.mp4', following((bytes) => taken.push(bytes)))).pick, 'pick of film.mp4')
  assert.deepEqual(core.heard.map((message) => (message.kind === 'data' ? message.bytes.length : message.kind)), ['put', WINDOW_CHUNK, WINDOW_CHUNK, 1, 'end'])
  assert.deepEqual(core.heard[0], { kind: 'put', id: 1, name: 'film.mp4', size, mtime: 5 })
  assert.equal(taken.at(-1), size)
})

test('an empty file is a file', async () => {
  const core = taking()
  await createFileDesk(core).put(file('empty', 0), 'empty', following())
  assert.deepEqual(core.heard.map(({ kind }) => kind), ['put', 'end'])
})

test('never more is on its way than the core has room for', async () => {
  let sent = 0
  let taken = 0
  let most = 0
  const core = createCore((message, say) => {
    if (message.kind === 'data') {
      sent += message.bytes.length
      most = Math.max(most, sent - taken)
      // Slow: takes a piece only when no more can come.
      if (sent - taken + WINDOW_CHUNK > WINDOW_AHEAD) say({ kind: 'room', id: message.id, taken: (taken += WINDOW_CHUNK) })
    }
    if (message.kind === 'end') say({ kind: 'taken', id: message.id, pick: pick('x') })
  })
  await createFileDesk(core).put(file('film.mp4', 3 * WINDOW_AHEAD), 'film.mp4', following())
  assert.equal(most, WINDOW_AHEAD)
})

test('a folder is one pick: its files carry one key and their paths', async () => {
  const core = taking()
  const taken: number[] = []
  const files = [{ file: file('a', 10), path: ['a'] }, { file: file('b', 5), path: ['sub', 'b'] }]
  const made = await createFileDesk(core).putFolder('Lofoten', files, following((bytes) => taken.push(bytes)))
  assert.equal(made.pick, 'pick of Lofoten')
  assert.deepEqual(core.heard.filter(({ kind }) => kind === 'put' || kind === 'folder').map((message) => (message.kind === 'put' ? message.folder : message)), [
    { key: '1', path: ['a'] }, { key: '1', path: ['sub', 'b'] }, { kind: 'folder', id: 3, key: '1', name: 'Lofoten' },
  ])
  assert.deepEqual(taken, [10, 10, 15, 15])
})

test('uploads go one after the other', async () => {
  const core = taking()
  const desk = createFileDesk(core)
  await Promise.all([desk.put(file('film.mp4', 3), 'film.mp4', following()), desk.put(file('empty', 0), 'empty', following())])
  assert.deepEqual(core.heard.map(({ kind, id }) => `${kind} ${id}`), ['put 1', 'data 1', 'end 1', 'put 2', 'end 2'])
  assert.equal(core.opened(), 1)
})

test('a refusal of the core ends one upload, not the next', async () => {
  const core = createCore((message, say) => {
    if (message.kind === 'put' && message.id === 1) say({ kind: 'failed', id: 1, code: 'file-too-big' })
    if (message.kind === 'end' && message.id === 2) say({ kind: 'taken', id: 2, pick: pick('second') })
  })
  const desk = createFileDesk(core)
  const first = desk.put(file('a', 3), 'a', following())
  const second = desk.put(file('b', 3), 'b', following())
  await assert.rejects(first, { code: 'file-too-big' })
  assert.equal((await second).pick, 'pick of second')
})

test('one that is taken back is dropped at the core, and nothing more of it goes', async () => {
  const core = createCore(() => {})
  const leave = new AbortController()
  const coming = createFileDesk(core).put(file('a', 3 * WINDOW_AHEAD), 'a', following(undefined, leave.signal))
  const ended = assert.rejects(coming, { name: 'AbortError' })
  await new Promise((resolve) => setImmediate(resolve))
  leave.abort()
  await ended
  assert.deepEqual(core.heard.at(-1), { kind: 'drop', id: 1 })
})

test('a file that can’t be read is refused in words', async () => {
  const core = createCore(() => {})
  const gone = Object.assign(file('a', 10), { slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) })
  await assert.rejects(createFileDesk(core).put(gone as never, 'a', following()), { code: 'unreadable-file' })
  assert.deepEqual(core.heard.map(({ kind }) => kind), ['put', 'drop'])
})

test('a pipe that closes fails what runs, and is opened again for the next', async () => {
  const core = createCore((message, say) => {
    if (message.kind === 'put' && message.id === 1) core.shut()
    if (message.kind === 'end' && message.id === 2) say({ kind: 'taken', id: 2, pick: pick('second') })
  })
  const desk = createFileDesk(core)
  await assert.rejects(desk.put(file('a', 3), 'a', following()), { code: 'pipe-closed' })
  await desk.put(file('b', 3), 'b', following())
  assert.equal(core.opened(), 2)
})

test('a picture comes in pieces and keeps its type', async () => {
  const core = createCore((message, say) => {
    if (message.kind !== 'get') return
    say({ kind: 'start', id: message.id, mime: 'image/png', size: 3 })
    say({ kind: 'data', id: message.id, bytes: Uint8Array.of(1, 2) })
    say({ kind: 'data', id: message.id, bytes: Uint8Array.of(3) })
    say({ kind: 'end', id: message.id })
  })
  const picture = await createFileDesk(core).picture('t', new AbortController().signal)
  assert.deepEqual([picture.type, new Uint8Array(await picture.arrayBuffer())], ['image/png', Uint8Array.of(1, 2, 3)])
})
