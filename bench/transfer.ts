import { createHash, randomBytes } from 'node:crypto'
import { closeSync, createReadStream, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openQuietBrowser } from './browser.ts'
import { type Figure, figure, inTurns, later, median, percentile, rounded, say, spread } from './figures.ts'
import { linkUp } from './messages.ts'
import { startHelper, startProgram, tempDir } from './programs.ts'
import { openRawBulk } from './raw-bulk.ts'
import { openSeat, type Seat, signUp } from './seat.ts'

/** One file core to core, from the offer to the last verified piece, with disk and hashing at both ends; and a chat beside it. */

const SIZE = Number(process.env['PARLEY_BENCH_BYTES'] ?? 268_435_456)
const ROUNDS = { warm: 0, count: 3 }
const MB = 1_000_000
/** Between two messages beside a transfer. */
const BETWEEN_MESSAGES = 400

export async function transfer(): Promise<Figure[]> {
  const server = startHelper('bench/our-server.ts')
  const { url } = await server.ask<{ url: string }>({ do: 'start', dataDir: tempDir() })
  const blank = await startProgram('bench/blank-host.ts', [])
  const browser = await openQuietBrowser()
  const dir = tempDir()
  const files = Array.from({ length: ROUNDS.count + 1 }, (_, i) => makeFile(join(dir, `film-${i}.mp4`), i === ROUNDS.count ? SIZE / 2 : SIZE))
  const downloads = tempDir()
  // Both link pages in one browser, as both pages of the yardstick.
  const ada = await openSeat(tempDir(), { browser, args: ['--downloads', downloads, ...files.flatMap((file) => ['--pick', file])] })
  const ben = await openSeat(tempDir(), { browser, args: ['--downloads', downloads] })
  await signUp(ada, 'Ada', url)
  await signUp(ben, 'Ben', url)
  await linkUp(ada, ben)
  // The yardstick twice: in the same browser with Parley's settings, and in a browser as it comes, as any web page has it.
  const plain = await openQuietBrowser({ asItComes: true })
  const openers = [await openRawBulk(browser, String(blank.ready['url'])), await openRawBulk(plain, String(blank.ready['url']))] as const
  // From here on nobody watches any page: the tools that steer a page copy each message of its sockets.
  for (const one of [browser, plain]) await one.letGo()
  const [raw, rawAsItComes] = [await openers[0](), await openers[1]()]

  const memory = { ada: [] as number[], ben: [] as number[] }
  const hashes: boolean[] = []
  const asItComes: number[] = []
  const found = await inTurns(ROUNDS, async () => {
    await later(500)
    const watch = watchMemory({ ada: ada.pid, ben: ben.pid })
    const moved = await send(ada, ben)
    const grown = watch()
    memory.ada.push(grown.ada)
    memory.ben.push(grown.ben)
    hashes.push(await isEqual(ben, moved.transfer, files[hashes.length]!, downloads))
    return SIZE / (moved.ms / 1000)
  }, async () => {
    await later(500)
    asItComes.push(await rawAsItComes.move(SIZE))
    await later(500)
    return raw.move(SIZE)
  })
  say(`transfer: ours ${found.ours.map((rate) => rounded(rate / MB)).join(', ')} MB/s; raw channel ${found.bare.map((rate) => rounded(rate / MB)).join(', ')} MB/s; in a browser as it comes ${asItComes.map((rate) => rounded(rate / MB)).join(', ')} MB/s; hashes ${hashes.every(Boolean) ? 'equal' : 'NOT EQUAL'}`)
  if (!hashes.every(Boolean)) throw new Error('what arrived is not what was sent')

  const quiet = await chat(ada, ben, async () => later(8_000))
  const beside = await chat(ada, ben, () => send(ada, ben))
  say(`chat: beside a transfer ${spread(beside)} ms; without ${spread(quiet)} ms`)

  for (const one of [raw, rawAsItComes]) one.close()
  for (const seat of [ada, ben]) await seat.close()
  for (const program of [blank, server]) await program.stop()
  for (const one of [browser, plain]) await one.close()
  const most = Math.max(...memory.ada, ...memory.ben)
  say(`transfer-memory: sender +${memory.ada.map(rounded).join(', +')} MB, receiver +${memory.ben.map(rounded).join(', +')} MB`)
  return [
    figure('transfer-rate', 'MB/s', { ours: median(found.ours) / MB, bare: median(found.bare) / MB, aim: 0.95, goal: '≥ 0.8' }),
    figure('transfer-rate-as-it-comes', 'MB/s', { ours: median(found.ours) / MB, bare: median(asItComes) / MB, aim: 0.95, goal: 'the same against a browser as it comes' }),
    figure('transfer-memory', 'MB', { ours: most, bare: SIZE / MB, aim: 0.2, goal: '≤ +64 MB' }),
    figure('chat-beside-transfer-p95', 'ms', { ours: percentile(beside, 0.95), bare: percentile(quiet, 0.95), aim: 10, goal: 'p95 ≤ 250 ms' }),
  ]
}

/** On the disk when it returns: what the system writes later would be measured as ours. */
function makeFile(path: string, size: number): string {
  rmSync(path, { force: true })
  const file = openSync(path, 'w')
  for (let left = size; left > 0; left -= 16_777_216) writeSync(file, randomBytes(Math.min(left, 16_777_216)))
  fsyncSync(file)
  closeSync(file)
  return path
}

/** From the moment the file is offered; Ben says yes at once. */
async function send(ada: Seat, ben: Seat): Promise<{ ms: number; transfer: string }> {
  const { picks } = await ada.client.call('pickFiles', { what: 'files' })
  const began = performance.now()
  const arrived = new Promise<{ ms: number; transfer: string }>((resolve, reject) => {
    let isAccepted = false
    const stop = ben.onEvent((event) => {
      if (event.e !== 'transfer') return
      const { id, state } = event.transfer
      // It is told again where the room on the disk changed.
      if (state.at === 'asking' && !isAccepted) void ben.client.call('acceptTransfer', { id })
      isAccepted ||= state.at === 'asking'
      if (state.at === 'damaged' || state.at === 'ended') reject(new Error(`the transfer is ${JSON.stringify(state)}`))
      if (state.at !== 'scanning' && state.at !== 'arrived') return
      stop()
      resolve({ ms: performance.now() - began, transfer: id })
    })
  })
  await ada.client.call('sendFiles', { ik: ben.me(), picks: picks.map(({ pick }) => pick) })
  return arrived
}

/** What was saved, against what was sent. */
async function isEqual(ben: Seat, id: string, file: string, downloads: string): Promise<boolean> {
  await new Promise<void>((resolve) => {
    const stop = ben.onEvent((event) => {
      if (event.e !== 'transfer' || event.transfer.id !== id || event.transfer.state.at !== 'arrived') return
      stop()
      resolve()
    })
    void ben.client.call('showTransfer', { id, anyway: true }).then(() => {
      stop()
      resolve()
    }, () => undefined)
  })
  await ben.client.call('showTransfer', { id, anyway: true })
  const name = (file.split('/').at(-1))!
  return (await hashOf(file)) === (await hashOf(join(downloads, name)))
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** How much each process grew meanwhile, in MB at most. */
function watchMemory(pids: { ada: number; ben: number }): () => { ada: number; ben: number } {
  const rss = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024 / MB
  const before = { ada: rss(pids.ada), ben: rss(pids.ben) }
  const most = { ...before }
  const timer = setInterval(() => {
    for (const who of ['ada', 'ben'] as const) most[who] = Math.max(most[who], rss(pids[who]))
  }, 100)
  return () => {
    clearInterval(timer)
    return { ada: most.ada - before.ada, ben: most.ben - before.ben }
  }
}

/** Messages written while something else goes on: until the other one's window has them. */
async function chat(ada: Seat, ben: Seat, meanwhile: () => Promise<unknown>): Promise<number[]> {
  let isOver = false
  const work = meanwhile().finally(() => (isOver = true))
  const times: number[] = []
  for (let n = 0; !isOver; n++) {
    await later(BETWEEN_MESSAGES)
    const text = `beside ${n} ${Math.random()}`
    const there = ben.item((item) => item.text === text)
    const began = performance.now()
    await ada.client.call('sendMessage', { ik: ben.me(), text })
    times.push(await there - began)
  }
  await work
  return times
}

