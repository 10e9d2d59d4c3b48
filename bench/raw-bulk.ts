import type { QuietBrowser } from './browser.ts'
import { join, openPage } from './raw-channel.ts'

/** The yardstick of a transfer: the same bytes over a bare RTCDataChannel between two pages, with the same chunks and the same buffer. */
export interface RawBulk {
  /** Bytes a second. */
  move(bytes: number): Promise<number>
  close(): void
}

const CHUNK = 65_536
const BUFFER = 1_048_576
const LOW = 262_144

/** Two pages at this address and one channel; the browser is let go afterwards, and nobody watches them. */
export async function openRawBulk(browser: QuietBrowser, url: string): Promise<() => Promise<RawBulk>> {
  const [ada, ben] = [await openPage(browser.context, `${url}?ada`), await openPage(browser.context, `${url}?ben`)]
  await join(ada, ben)
  return async () => {
    const [from] = await browser.ask(`${url}?ada`)
    const [to] = await browser.ask(`${url}?ben`)
    if (from === undefined || to === undefined) throw new Error('the pages of the yardstick are gone')
    await to.evaluate(`channel.binaryType = 'arraybuffer'; channel.onmessage = ({ data }) => { got += data.byteLength; if (got >= wanted) done() }; undefined`)
    await from.evaluate(`channel.bufferedAmountLowThreshold = ${LOW}`)
    return {
      async move(bytes) {
        await to.evaluate(`globalThis.got = 0; globalThis.wanted = ${bytes}; globalThis.arrived = new Promise((resolve) => (globalThis.done = resolve)); undefined`)
        const began = performance.now()
        await from.evaluate(`(async () => {
          const chunk = new Uint8Array(${CHUNK})
          for (let left = ${bytes}; left > 0;) {
            while (left > 0 && channel.bufferedAmount + ${CHUNK} <= ${BUFFER}) {
              channel.send(left < ${CHUNK} ? chunk.subarray(0, left) : chunk)
              left -= ${CHUNK}
            }
            if (left > 0) await new Promise((resolve) => (channel.onbufferedamountlow = resolve))
          }
        })()`)
        await to.evaluate('arrived')
        return bytes / ((performance.now() - began) / 1000)
      },
      close() {
        from.close()
        to.close()
      },
    }
  }
}
