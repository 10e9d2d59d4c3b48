import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { openStore } from '../main/store/open.ts'
import { openBareMessenger } from './bare-messenger.ts'
import { openQuietBrowser } from './browser.ts'
import { type Figure, figure, inTurns, later, median, percentile, rounded, say, spread } from './figures.ts'
import { atEnd, startHelper, startProgram, tempDir } from './programs.ts'
import { openRawChannel, type RawChannel } from './raw-channel.ts'
import { openSeat, type Seat, signUp } from './seat.ts'

/** Two real cores behind two web hosts, with a real link between two pages of Chromium. */

const SAMPLES = { warm: 5, count: 80 }
/** [W21] The first receipt leaves at once, the next ones are batched for 250 ms: so there is more than that before each message. */
const BEFORE = 320
const SAVES = { warm: 20, count: 600 }
/** [C35] Below the 50 frames a second that a link carries. */
const BETWEEN_SAVES = 24
/** A text of this length. */
const TEXT = 60
/** What such a text and its receipt measure on the channel. */
const SIZE = { there: 250, back: 96 }

export async function messages(): Promise<Figure[]> {
  const server = startHelper('bench/our-server.ts')
  const { url } = await server.ask<{ url: string }>({ do: 'start', dataDir: tempDir() })
  const browser = await openQuietBrowser()
  const blank = await startProgram('bench/blank-host.ts', [])
  const openRaw = await openRawChannel(browser, String(blank.ready['url']), SIZE)
  const least = await openBareMessenger(browser, SIZE)
  // Core to core: Ada's is in this process, so that what is measured begins and ends in it. Both link pages in one browser, as both pages of the yardstick.
  const [ada, ben] = [await openSeat(tempDir(), { browser, isInside: true }), await openSeat(tempDir(), { browser })]
  await signUp(ada, 'Ada', url)
  await signUp(ben, 'Ben', url)
  await linkUp(ada, ben)
  // From here on nobody watches any page.
  await browser.letGo()
  const raw = await openRaw()
  await later(1_000)
  const figures = [...await roundTrip(ada, ben, raw, least), await saved(ada)]
  for (const channel of [raw, least]) await channel.close()
  for (const seat of [ada, ben]) await seat.close()
  for (const program of [blank, server]) await program.stop()
  await browser.close()
  return figures
}

/** Buddies by invite, both keep and both choose Direct; both have the chat open. */
export async function linkUp(ada: Seat, ben: Seat): Promise<void> {
  const { link } = await ada.client.call('createInvite', {})
  await ben.client.call('addByInvite', { link, connect: 'direct', keep: 'disk' })
  for (const seat of [ada, ben]) await seat.until('buddies', () => seat.buddy()?.state === 'accepted')
  await ada.client.call('setKeep', { ik: ben.me(), keep: 'disk', deleteHere: false })
  await ada.client.call('setConnect', { ik: ben.me(), connect: 'direct', lan: false })
  await ada.client.call('showChat', { ik: ben.me(), shown: true })
  await ben.client.call('showChat', { ik: ada.me(), shown: true })
  for (const seat of [ada, ben]) await seat.until('a direct link', () => seat.buddy()?.link.at === 'direct')
}

let count = 0
const nextText = () => `${++count} `.padEnd(TEXT, 'see you at six ')

/**
 * From the moment a message leaves Ada's core until her core knows that it is saved at Ben's: what saving it at hers takes is measured by itself, below.
 * From the call to "arrived", with both, is told too.
 */
async function roundTrip(ada: Seat, ben: Seat, raw: RawChannel, least: RawChannel): Promise<Figure[]> {
  const steps = { left: [] as number[], answered: [] as number[], sent: [] as number[], there: [] as number[], whole: [] as number[] }
  const message = async () => {
    await later(BEFORE)
    const text = nextText().trim()
    const arrived = ada.item((item) => item.text === text && item.state === 'arrived')
    const sent = ada.item((item) => item.text === text && item.state !== 'waiting')
    const there = ben.item((item) => item.text === text)
    const began = performance.now()
    await ada.client.call('sendMessage', { ik: ben.me(), text })
    steps.answered.push(performance.now() - began)
    // It left before the call was answered; what it took until then is "saved", and is measured there.
    const left = ada.leftAt()
    if (!(left > began)) throw new Error('the message did not leave at once')
    steps.left.push(left - began)
    steps.sent.push(await sent - began)
    steps.there.push(await there - began)
    steps.whole.push(await arrived - began)
    return await arrived - left
  }
  const bounds: number[] = []
  const bare = async () => {
    bounds.push(await least.pingPong(BEFORE))
    return raw.pingPong(BEFORE)
  }
  const found = await inTurns(SAMPLES, message, bare)
  say(`message-round-trip: medians from the call: left (saved) ${rounded(median(steps.left))}, answered ${rounded(median(steps.answered))}, said "sent" ${rounded(median(steps.sent))}, at Ben's window ${rounded(median(steps.there))}, arrived ${rounded(median(steps.whole))} ms`)
  say(`message-round-trip: from leaving Ada's core to "arrived" there ${spread(found.ours)} ms; from the call ${spread(steps.whole)} ms; raw channel ${spread(found.bare)} ms`)
  say(`message-round-trip: the barest messenger of this shape, from the call ${spread(bounds)} ms: ${rounded(median(bounds) / median(found.bare))} × the raw channel; ours ${rounded(median(steps.whole) / median(bounds))} × the barest`)
  return [
    figure('message-round-trip-p50', 'ms', { ours: median(found.ours), bare: median(found.bare), aim: 2, goal: '≤ 4' }),
    figure('message-from-call-p50', 'ms', { ours: median(steps.whole), bare: median(found.bare), aim: 2, goal: 'saved here, and the round trip' }),
  ]
}

/** The link is up meanwhile, as in life: what is sent and received shares the core and the disk. */
async function saved(ada: Seat): Promise<Figure> {
  const dir = tempDir()
  const db = openStore({
    file: join(dir, 'bare.db'), key: randomBytes(32),
    migrations: [{ version: 1, sql: 'CREATE TABLE items (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;' }],
  })
  atEnd(() => void db.close())
  const add = db.prepare('INSERT INTO items (body) VALUES (?)')
  const ik = ada.buddy()!.ik
  const timed = async (act: () => unknown) => {
    await later(BETWEEN_SAVES / 2)
    const began = performance.now()
    await act()
    return performance.now() - began
  }
  const found = await inTurns(SAVES, () => timed(() => ada.client.call('sendMessage', { ik, text: nextText().trim() })), () => timed(() => add.run(nextText())))
  say(`message-saved: ${spread(found.ours)} ms; bare commit ${spread(found.bare)} ms`)
  return figure('message-saved-p99', 'ms', { ours: percentile(found.ours, 0.99), bare: percentile(found.bare, 0.99), aim: 2, goal: 'p99 ≤ 10 ms' })
}
