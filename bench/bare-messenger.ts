import { openBareEnd } from './bare-end.ts'
import type { QuietBrowser } from './browser.ts'
import { later } from './figures.ts'
import { startHelper, tempDir } from './programs.ts'
import { join, openPage, type RawChannel } from './raw-channel.ts'

/**
 * The same channel with what any program outside the page adds: a socket to each page, and one row committed with a sync at each end
 * before it speaks. What Parley takes beyond this is its own.
 */
export async function openBareMessenger(browser: QuietBrowser, size: { there: number; back: number }): Promise<RawChannel> {
  const helper = startHelper('bench/bare-end.ts')
  const mine = await openBareEnd(tempDir())
  const theirs = await helper.ask<{ url: string }>({ dir: tempDir(), back: size.back })
  const [ada, ben] = [await openPage(browser.context, mine.url), await openPage(browser.context, theirs.url)]
  await join(ada, ben)
  for (const page of [ada, ben]) {
    await page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket('ws://' + location.host)
      socket.binaryType = channel.binaryType = 'arraybuffer'
      socket.onmessage = ({ data }) => channel.send(data)
      channel.onmessage = ({ data }) => socket.send(data)
      socket.onopen = () => resolve()
    })`)
  }
  return {
    async pingPong(after) {
      await later(after)
      return new Promise((resolve) => {
        const began = performance.now()
        mine.onMessage(() => resolve(performance.now() - began))
        mine.commit()
        mine.send(new Uint8Array(size.there))
      })
    },
    async close() {
      mine.close()
      await helper.stop()
    },
  }
}
