import type { FromPage } from '../../protocol/app/link.ts'
import { BULK_BUFFER, BULK_BUFFER_LOW, BULK_HEAD, MAX_CHUNK } from '../../protocol/limits.ts'
import { release } from './memory.ts'

/** [L9] Negotiated on both sides, like `ctl`. */
const BULK_ID = 2
/** The core is told of room in steps of this many bytes, and when nothing waits. */
const TELL_EVERY = 262_144

/**
 * [T1] The channel for the bytes of files. What the core hands over goes into it while its buffer has room; the core hears how much
 * has gone and hands over more only then, so that nothing queues without bound here or there.
 */
export function createBulk(pc: RTCPeerConnection, { link, tell, fail }: { link: number; tell(message: FromPage): void; fail(why: string): void }) {
  const channel = pc.createDataChannel('bulk', { negotiated: true, id: BULK_ID })
  channel.binaryType = 'arraybuffer'
  channel.bufferedAmountLowThreshold = BULK_BUFFER_LOW
  const queue: Uint8Array<ArrayBuffer>[] = []
  let sent = 0
  let told = 0

  function pump() {
    if (channel.readyState !== 'open') return
    try {
      while (queue.length > 0 && channel.bufferedAmount + queue[0]!.length <= BULK_BUFFER) {
        const bytes = queue.shift()!
        channel.send(bytes)
        sent += bytes.length
        release(bytes)
      }
    } catch {
      return fail('send')
    }
    if (sent === told || (queue.length > 0 && sent - told < TELL_EVERY)) return
    told = sent
    tell({ kind: 'room', link, sent })
  }

  channel.onbufferedamountlow = pump
  channel.onopen = pump
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (!(data instanceof ArrayBuffer) || data.byteLength > BULK_HEAD + MAX_CHUNK) return fail('too-big')
    const bytes = new Uint8Array(data)
    tell({ kind: 'bulk', link, bytes })
    release(bytes)
  }
  return {
    send(bytes: Uint8Array<ArrayBuffer>) {
      queue.push(bytes)
      pump()
    },
  }
}
