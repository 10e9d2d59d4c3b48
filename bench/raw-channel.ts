import type { Browser, BrowserContext, Page } from '@playwright/test'
import { openContext } from './browser.ts'

/** The yardstick of a message over a link: a bare RTCDataChannel between two Chromium pages, as negotiated as ours and over the same addresses. */

export interface RawChannel {
  /** There and back, in ms as the first page sees it. */
  pingPong(): Promise<number>
  close(): Promise<void>
}

/** `there` and `back`: bytes of each message. */
export async function openRawChannel(browser: Browser, url: string, size: { there: number; back: number }): Promise<RawChannel> {
  const pages = [await openPage(await openContext(browser), url), await openPage(await openContext(browser), url)]
  const [ada, ben] = pages as [Page, Page]
  await ben.evaluate(`channel.onmessage = () => channel.send(new Uint8Array(${size.back}))`)
  await join(ada, ben)
  return {
    pingPong: () => ada.evaluate<number>(`new Promise((resolve) => {
      const began = performance.now()
      channel.onmessage = () => resolve(performance.now() - began)
      channel.send(new Uint8Array(${size.there}))
    })`),
    close: async () => void (await Promise.all(pages.map((page) => page.context().close()))),
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
