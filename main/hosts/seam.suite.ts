import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeFromWindow } from '../../protocol/app/bytes.ts'
import type { BytePipe, Pipe } from '../../protocol/app/pipe.ts'
import { connect } from '../../protocol/app/rpc.ts'
import type { Event } from '../../protocol/app/views.ts'
import { errors } from '../../protocol/errors.ts'
import { MAX_PIPE_TEXT, WINDOW_CHUNK } from '../../protocol/limits.ts'
import { MAX_WINDOW_BYTES } from './byte-limits.ts'
import { createFakeCore } from './fake-core.ts'

/** One kind of pipe, as the suite sees it. */
export interface Seam {
  /** A window's end, attached to the core. */
  open(): Promise<Pipe>
  /** Those who must get no pipe: what they are, and a try that tells whether one came. */
  strangers: Record<string, () => Promise<boolean>>
  close(): Promise<void>
}

/** The seam rules H1–H8 (architecture), the same for every kind of pipe. */
export function seamSuite(kind: string, start: (attach: (pipe: Pipe) => void) => Promise<Seam>): void {
  const check = (title: string, body: (core: ReturnType<typeof createFakeCore>, seam: Seam) => Promise<void>) =>
    test(`${title} (${kind})`, async () => {
      const core = createFakeCore()
      const seam = await start(core.app.attachWindow)
      try {
        await body(core, seam)
      } finally {
        await seam.close()
      }
    })

  check('[H1] calls, events and refusals cross unchanged', async (core, seam) => {
    const client = connect(await seam.open())
    const seen: Event[] = []
    await client.subscribe(() => {}, (event) => seen.push(event))
    assert.deepEqual(await client.call('completeWord', { start: '<b>' }), { words: ['<b>orbit', '🜁 ß\u2028\u0000"'] })
    core.announce({ e: 'offered-invite', link: '🜁 </script>' })
    await client.call('dismissOfferedInvite', {})
    assert.deepEqual(seen, [{ e: 'offered-invite', link: '🜁 </script>' }])
    await assert.rejects(client.call('safetyNumber', { ik: 'A'.repeat(43) as never }), { code: 'unknown-buddy' })
  })

  check('[H2] a method that is not on the list is refused by code', async (core, seam) => {
    const client = connect(await seam.open())
    for (const name of ['deleteEverything', 'constructor', '__proto__', 'toString']) {
      await assert.rejects(client.call(name as 'quit', {}), { code: 'unknown-method' })
    }
    assert.deepEqual(core.calls, [])
  })

  check('[H3] an error crosses as code and sentence, and a bug as nothing more', async (core, seam) => {
    const pipe = await seam.open()
    const said = nextText(pipe)
    pipe.send(JSON.stringify({ i: 1, m: 'quit', p: {} }))
    assert.deepEqual(JSON.parse(await said), { i: 1, e: { code: 'internal', message: errors.internal } })
    assert.equal(core.bugs.length, 1)
  })

  check('[H4] text over the limit closes the pipe', async (core, seam) => {
    const pipe = await seam.open()
    const closed = closing(pipe)
    pipe.send(JSON.stringify({ i: 1, m: 'completeWord', p: { start: 'x'.repeat(MAX_PIPE_TEXT) } }))
    await closed
    assert.deepEqual(core.calls, [])
  })

  check('[H5] malformed text closes the pipe and never throws in the core', async (core, seam) => {
    for (const text of ['', '{', 'null', '[]', '"quit"', '{"m":"quit"}', '{"i":"1","m":"quit"}', '{"i":1,"m":7}']) {
      const pipe = await seam.open()
      const closed = closing(pipe)
      pipe.send(text)
      await closed
    }
    assert.deepEqual(core.bugs, [])
    assert.deepEqual(core.calls, [])
    await connect(await seam.open()).call('dismissOfferedInvite', {})
  })

  check('[H6] on close, pending calls reject with pipe-closed, and later ones too', async (core, seam) => {
    const pipe = await seam.open()
    const client = connect(pipe)
    const pending = client.call('goOnline', {})
    await client.call('dismissOfferedInvite', {})
    pipe.close()
    await assert.rejects(pending, { code: 'pipe-closed' })
    await assert.rejects(client.call('dismissOfferedInvite', {}), { code: 'pipe-closed' })
    assert.equal(core.calls.length, 2)
  })

  check('[H7] subscribing gives a snapshot and its number; events go on from there with no gap', async (core, seam) => {
    core.announce({ e: 'offered-invite', link: 'before' })
    const client = connect(await seam.open())
    let at = -1
    const seen: Event[] = []
    const subscribed = client.subscribe((snapshot) => (at = snapshot.refused), (event) => seen.push(event))
    const announcing = client.call('unsaved', {})
    await Promise.all([subscribed, announcing])
    for (let n = 0; n < 50; n++) core.announce({ e: 'offered-invite', link: String(n) })
    await client.call('dismissOfferedInvite', {})
    assert.equal(at, 1)
    assert.deepEqual(seen.map((event) => 'link' in event && event.link), ['announced while answering', ...Array.from({ length: 50 }, (_, n) => String(n))])
  })

  check('[H7] a window that is gone hears nothing and is forgotten', async (core, seam) => {
    const pipe = await seam.open()
    const other = connect(await seam.open())
    await connect(pipe).subscribe(() => {}, () => {})
    assert.equal(core.listening(), 1)
    pipe.close()
    while (core.listening() > 0) await other.call('dismissOfferedInvite', {})
  })

  check('[H8] only our own windows get a pipe', async (core, seam) => {
    for (const [stranger, gotPipe] of Object.entries(seam.strangers)) assert.equal(await gotPipe(), false, stranger)
    assert.deepEqual(core.calls, [])
  })
}

/** One kind of byte pipe, as the suite sees it. */
export interface ByteSeam extends Pick<Seam, 'strangers' | 'close'> {
  /** A window's end, attached to the core; `say` sends text over it, which is malformed there. */
  open(): Promise<{ pipe: BytePipe; say(text: string): void }>
}

/** H1, H4, H5, H6 and H8 again, for the byte pipe of a window. What the bytes mean is judged by the core. */
export function byteSeamSuite(kind: string, start: (attach: (pipe: BytePipe) => void) => Promise<ByteSeam>): void {
  type Meet = () => Promise<{ window: BytePipe; core: BytePipe; say(text: string): void }>
  const check = (title: string, body: (meet: Meet, seam: ByteSeam) => Promise<void>) =>
    test(`${title} (${kind})`, async () => {
      let onCore: (pipe: BytePipe) => void = () => {}
      const seam = await start((pipe) => onCore(pipe))
      const meet: Meet = async () => {
        const atCore = new Promise<BytePipe>((resolve) => (onCore = resolve))
        const { pipe, say } = await seam.open()
        return { window: pipe, core: await atCore, say }
      }
      try {
        await body(meet, seam)
      } finally {
        await seam.close()
      }
    })

  check('[H1] bytes cross unchanged and in order, both ways, and hold on to no memory but their own', async (meet) => {
    const { window, core } = await meet()
    const sent = [
      new Uint8Array(), Uint8Array.of(0, 255), new Uint8Array(1_000_000).fill(7).subarray(5, 9),
      writeFromWindow({ kind: 'data', id: 1, bytes: new Uint8Array(WINDOW_CHUNK).fill(34) }), ...Array.from({ length: 30 }, (_, n) => Uint8Array.of(n)),
    ]
    for (const [from, to] of [[window, core], [core, window]] as const) {
      const heard = takeBytes(to, sent.length)
      // What is handed over is the pipe's: of a part, the whole piece of memory is not.
      for (const bytes of sent) from.send(bytes.length < bytes.buffer.byteLength ? bytes : bytes.slice())
      for (const [at, bytes] of (await heard).entries()) {
        assert.deepEqual(bytes, new Uint8Array(sent[at]!))
        assert.equal(bytes.buffer.byteLength, bytes.length)
      }
    }
  })

  check('[H4] bytes over the limit close the pipe', async (meet) => {
    const { window, core } = await meet()
    core.onBytes(() => assert.fail('it came'))
    const closed = Promise.all([closing(window), closing(core)])
    window.send(new Uint8Array(MAX_WINDOW_BYTES + 1))
    await closed
  })

  check('[H5] text on a byte pipe closes it', async (meet) => {
    const { window, core, say } = await meet()
    core.onBytes(() => assert.fail('it came'))
    const closed = Promise.all([closing(window), closing(core)])
    say('hello')
    await closed
  })

  check('[H6] a close is heard at both ends, whichever closed, and what is sent then goes nowhere', async (meet) => {
    for (const side of ['window', 'core'] as const) {
      const ends = await meet()
      const closed = Promise.all([closing(ends.window), closing(ends.core)])
      ends[side].close()
      await closed
      for (const end of [ends.window, ends.core]) end.send(Uint8Array.of(1))
    }
  })

  check('[H8] only our own windows get a byte pipe', async (_meet, seam) => {
    for (const [stranger, gotPipe] of Object.entries(seam.strangers)) assert.equal(await gotPipe(), false, stranger)
  })
}

function takeBytes(pipe: BytePipe, count: number): Promise<Uint8Array[]> {
  const taken: Uint8Array[] = []
  return new Promise((resolve) => pipe.onBytes((bytes) => taken.push(bytes) === count && resolve(taken)))
}

const nextText = (pipe: Pipe) => new Promise<string>((resolve) => pipe.onText(resolve))
const closing = (pipe: Pipe | BytePipe) => new Promise<void>((resolve) => pipe.onClose(resolve))
