import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { befriend, signUp, startCore, tempDir, textsOf } from '../../main/testing/core.ts'
import { startServer } from '../../signaling-server/index.ts'

const FLAPS = Number(process.env['PARLEY_FLAPS'] ?? 200)

test(`[E8] [E17] [P1] Ben comes and goes ${FLAPS} times; Ada sees each, and what she writes meanwhile arrives once and in order`, async (context) => {
  const temp = tempDir()
  const options = { dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'open', limits: { presenceSpacingMs: 0, messages: { burst: 100_000, everyMs: 1 }, drops: { burst: 100_000, everyMs: 1 } } } as const
  const server = await startServer(options)
  const bugs: unknown[] = []
  const logTo = (fact: string, details?: object) => fact === 'bug' && bugs.push(details)
  const ada = await startCore({ dir: join(temp.path, 'ada'), logTo })
  const ben = await startCore({ dir: join(temp.path, 'ben'), logTo })
  try {
    await signUp(ada, 'Ada', server.url)
    await signUp(ben, 'Ben', server.url)
    const { adasBen, bensAda } = await befriend(ada, ben)
    await ada.until('Ada sees Ben', (core) => core.buddy('Ben')?.presence === 'on', 20_000)
    const written: string[] = []
    const last = (core: typeof ben) => core.buddy('Ada')?.last?.text
    let slowest = 0
    for (let flap = 0; flap < FLAPS; flap++) {
      await ben.client.call('signOff', {})
      await ada.until('Ben is away', (core) => core.buddy('Ben')?.presence === 'off', 45_000)
      written.push(`flap ${flap}`)
      await ada.client.call('sendMessage', { ik: adasBen, text: written.at(-1)! })
      const began = performance.now()
      await ben.client.call('goOnline', {})
      await ada.until('Ben is there', (core) => core.buddy('Ben')?.presence === 'on', 20_000)
      await ben.until('it is there', (core) => last(core) === written.at(-1), 20_000)
      slowest = Math.max(slowest, performance.now() - began)
    }
    const found: string[] = []
    for (let before: number | undefined, more = true; more;) {
      const page = await ben.client.call('readChat', { ik: bensAda, ...(before === undefined ? {} : { before }) })
      found.unshift(...textsOf(page.items))
      before = page.items[0]?.pos
      more = page.more
    }
    context.diagnostic(JSON.stringify({ flaps: FLAPS, slowestMs: Math.round(slowest) }))
    assert.deepEqual(found, written)
    assert.deepEqual(bugs, [])
  } finally {
    await ada.close()
    await ben.close()
    await server.close()
    temp.remove()
  }
})
