import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openQuietBrowser } from './browser.ts'
import { type Figure, figure, later, median, rounded, say } from './figures.ts'
import { linkUp } from './messages.ts'
import { startHelper, tempDir } from './programs.ts'
import { openSeat, signUp } from './seat.ts'

/** A buddy looks into a folder of many files over a real link: the first page, all pages, a search. */

const FILES = Number(process.env['PARLEY_BENCH_FILES'] ?? 10_000)
const FOLDERS = 20
const ROUNDS = 5

export async function shares(): Promise<Figure[]> {
  const root = join(tempDir(), 'Lofoten 2026')
  for (let i = 0; i < FILES; i++) {
    const folder = join(root, `day ${i % FOLDERS}`)
    if (i < FOLDERS) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `DSC_${String(i).padStart(6, '0')}.jpg`), 'x')
  }
  const server = startHelper('bench/our-server.ts')
  const { url } = await server.ask<{ url: string }>({ do: 'start', dataDir: tempDir() })
  const browser = await openQuietBrowser()
  const ada = await openSeat(tempDir(), { browser, args: ['--pick', root] })
  const ben = await openSeat(tempDir(), { browser })
  await signUp(ada, 'Ada', url)
  await signUp(ben, 'Ben', url)
  await linkUp(ada, ben)
  await browser.letGo()
  await later(500)

  const ik = ada.me()
  const { pick } = await ada.client.call('pickShare', {})
  const began = performance.now()
  await ada.client.call('shareFolder', { pick: pick!.pick, with: [ben.me()], until: Date.now() + 86_400_000, rate: 1_000_000, daily: 1_000_000 })
  const first = await ben.client.call('browseShares', { ik })
  const { share } = first.shares[0]!
  await ben.client.call('browseFolder', { ik, share, dir: '' })
  const afterSharing = performance.now() - began

  const times = { first: [] as number[], all: [] as number[], search: [] as number[], bare: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    const top = await ben.client.call('browseFolder', { ik, share, dir: '' })
    times.first.push(performance.now() - start)
    let seen = 0
    for (const { e } of top.entries) {
      let after: string | undefined
      for (let more = true; more;) {
        const page = await ben.client.call('browseFolder', { ik, share, dir: e, ...(after === undefined ? {} : { after }) })
        seen += page.entries.length
        more = page.more
        after = page.entries.at(-1)?.e
      }
    }
    times.all.push(performance.now() - start)
    if (seen !== FILES) throw new Error(`${seen} of ${FILES} files were listed`)
    const search = performance.now()
    const { hits } = await ben.client.call('findInShares', { text: `00${String(FILES - 7 - round)}`, ik })
    times.search.push(performance.now() - search)
    if (hits.length === 0) throw new Error('nothing was found')
    const bare = performance.now()
    readdirSync(root, { recursive: true })
    times.bare.push(performance.now() - bare)
  }
  say(`share: ${FILES} files; from the click to the first page ${rounded(afterSharing)} ms; first page ${rounded(median(times.first))}, all ${rounded(median(times.all))}, search ${rounded(median(times.search))} ms; listing the folder here ${rounded(median(times.bare))} ms`)
  for (const seat of [ada, ben]) await seat.close()
  await server.stop()
  await browser.close()
  const bare = median(times.bare)
  return [
    figure('share-first-page', 'ms', { ours: afterSharing, bare, aim: 10, goal: '≤ 500 ms' }),
    figure('share-list', 'ms', { ours: median(times.all), bare, aim: 50, goal: '≤ 3000 ms' }),
    figure('share-search', 'ms', { ours: median(times.search), bare, aim: 5, goal: '≤ 200 ms' }),
  ]
}
