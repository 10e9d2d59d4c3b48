import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pipe } from '../../protocol/app/pipe.ts'
import { connect } from '../../protocol/app/rpc.ts'
import type { Event } from '../../protocol/app/views.ts'
import { errors } from '../../protocol/errors.ts'
import { MAX_PIPE_TEXT } from '../../protocol/limits.ts'
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

const nextText = (pipe: Pipe) => new Promise<string>((resolve) => pipe.onText(resolve))
const closing = (pipe: Pipe) => new Promise<void>((resolve) => pipe.onClose(resolve))
