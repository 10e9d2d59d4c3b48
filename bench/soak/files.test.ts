import assert from 'node:assert/strict'
import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { befriend, type Core, signUp, startCore, tempDir } from '../../main/testing/core.ts'
import { startServer } from '../../signaling-server/index.ts'

/** F16, F17: the largest file and the largest folder, between two cores over links of the TCP twin. */

const BYTES = Number(process.env['PARLEY_SOAK_BYTES'] ?? 2 ** 30)
const FILES = Number(process.env['PARLEY_SOAK_FILES'] ?? 10_000)
const HOUR = 3_600_000

async function meet(use: (p: { ada: Core; ben: Core; adasBen: string; bensAda: string; picks: string[]; path: string }) => Promise<void>) {
  const temp = tempDir()
  const server = await startServer({ dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'open' })
  const picks: string[] = []
  const ada = await startCore({ dir: join(temp.path, 'ada'), picks })
  const ben = await startCore({ dir: join(temp.path, 'ben') })
  try {
    await signUp(ada, 'Ada', server.url)
    await signUp(ben, 'Ben', server.url)
    const { adasBen, bensAda } = await befriend(ada, ben, { connect: 'direct' })
    await ada.client.call('showChat', { ik: adasBen, shown: true })
    await ada.until('a link', (core) => core.buddy('Ben')?.link.at === 'direct', 30_000)
    await use({ ada, ben, adasBen, bensAda, picks, path: temp.path })
  } finally {
    await ada.close()
    await ben.close()
    await server.close()
    temp.remove()
  }
}

test('[F16] a sparse file arrives whole, in little memory', { timeout: HOUR }, (t) => meet(async ({ ada, ben, adasBen, picks, path }) => {
  const file = join(path, 'disk.mp4')
  writeFileSync(file, 'begins')
  truncateSync(file, BYTES)
  picks.push(file)
  const { picks: chosen } = await ada.client.call('pickFiles', { what: 'files' })
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 200)
  const began = performance.now()
  await ada.client.call('sendFiles', { ik: adasBen as never, picks: chosen.map(({ pick }) => pick) })
  const { id } = await ben.until('the offer', (core) => core.state().transfers.find((one) => one.state.at === 'asking'), HOUR)
  await ben.client.call('acceptTransfer', { id })
  await ben.until('all of it', (core) => core.state().transfers.find((one) => one.id === id)?.state.at === 'arrived', HOUR)
  clearInterval(watch)
  const seconds = (performance.now() - began) / 1000
  await ben.client.call('showTransfer', { id, anyway: true })
  assert.equal(statSync(join(path, 'ben/downloads/disk.mp4')).size, BYTES)
  t.diagnostic(JSON.stringify({ bytes: BYTES, seconds: Math.round(seconds), mbPerSecond: Math.round(BYTES / seconds / 1e6), grownMb: Math.round((most - before) / 1e6) }))
  // Both ends are in this process.
  assert.ok(most - before < 2 * 64_000_000 + 64_000_000, `grew by ${most - before}`)
}))

test('[F17] a share of very many files is listed to its end', { timeout: HOUR }, (t) => meet(async ({ ada, ben, adasBen, bensAda, picks, path }) => {
  const root = join(path, 'many')
  for (let i = 0; i < FILES; i++) {
    const folder = join(root, String(i % 100))
    if (i < 100) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${i}.jpg`), '')
  }
  picks.push(root)
  const { pick } = await ada.client.call('pickShare', {})
  const began = performance.now()
  await ada.client.call('shareFolder', { pick: pick!.pick, with: [adasBen as never], until: Date.now() + HOUR, rate: 1e9, daily: 1e9 })
  await ada.until('it is read', (core) => core.state().shares[0]?.isReading === false && core.state().shares[0]?.files === FILES, HOUR)
  const read = performance.now() - began
  const { shares } = await ben.client.call('browseShares', { ik: bensAda as never })
  let seen = 0
  const from = performance.now()
  const list = async (dir: string): Promise<void> => {
    let after: string | undefined
    for (let more = true; more;) {
      const page = await ben.client.call('browseFolder', { ik: bensAda as never, share: shares[0]!.share, dir, ...(after === undefined ? {} : { after }) })
      for (const entry of page.entries) {
        if (entry.kind === 'd') await list(entry.e)
        else seen++
      }
      more = page.more
      after = page.entries.at(-1)?.e
    }
  }
  await list('')
  t.diagnostic(JSON.stringify({ files: FILES, readMs: Math.round(read), listedMs: Math.round(performance.now() - from) }))
  assert.equal(seen, FILES)
}))
