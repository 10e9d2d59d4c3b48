import type { BrowserContext, Page } from '@playwright/test'
import type { QuietBrowser } from './browser.ts'

/** The yardstick of a message over a link: a bare RTCDataChannel between two Chromium pages, as negotiated as ours and over the same addresses. */

export interface RawChannel {
  /** There and back, in ms as the first page sees it, `after` so many ms in which nothing happens: a page that was just spoken to is faster. */
  pingPong(after: number): Promise<number>
  close(): Promise<void>
}

/** `there` and `back`: bytes of each message. The browser is let go afterwards, and nobody watches the pages. */
export async function openRawChannel(browser: QuietBrowser, url: string, size: { there: number; back: number }): Promise<() => Promise<RawChannel>> {
  const [ada, ben] = [await openPage(browser.context, `${url}?ada`), await openPage(browser.context, `${url}?ben`)]
  await ben.evaluate(`channel.onmessage = () => channel.send(new Uint8Array(${size.back}))`)
  await join(ada, ben)
  return async () => {
    const [from] = await browser.ask(`${url}?ada`)
    if (from === undefined) throw new Error('the page of the yardstick is gone')
    return {
      pingPong: (after) => from.evaluate<number>(`new Promise((resolve) => setTimeout(() => {
        const began = performance.now()
        channel.onmessage = () => resolve(performance.now() - began)
        channel.send(new Uint8Array(${size.there}))
      }, ${after}))`),
      close: async () => from.close(),
    }
  }
}

/** One channel between two pages. */
export async function join(ada: Page, ben: Page): Promise<void> {
  const offer = await ada.evaluate<string>('describe("offer")')
  const answer = await ben.evaluate<string>(`take("offer", ${JSON.stringify(offer)}).then(() => describe("answer"))`)
  await ada.evaluate(`take("answer", ${JSON.stringify(answer)}).then(() => opened)`)
}

export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await page.evaluate(`
    globalThis.pc = new RTCPeerConnection({ iceServers: [] })
    globalThis.channel = pc.createDataChannel('ctl', { negotiated: true, id: 0 })
    globalThis.opened = new Promise((resolve) => (channel.onopen = () => resolve()))
    globalThis.take = (type, sdp) => pc.setRemoteDescription({ type, sdp })
    globalThis.describe = async (type) => {
      await pc.setLocalDescription(type === 'offer' ? await pc.createOffer() : await pc.createAnswer())
      if (pc.iceGatheringState !== 'complete') await new Promise((resolve) => (pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve()))
      return pc.localDescription.sdp.split('\\r\\n').filter((line) => !line.startsWith('a=candidate') || line.includes(' 127.0.0.1 ')).join('\\r\\n')
    }
    undefined`)
  return page
}
