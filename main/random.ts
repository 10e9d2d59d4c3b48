import type { B64, Ms, Uuid7 } from '../protocol/ids.ts'
import { type Bytes, toB64 } from '../protocol/wire/bytes.ts'

/** Ids and spreads made of the randomness a host hands in. */
export interface Chance {
  bytes(n: number): Bytes
  b64(n: number): B64
  /** From 0 up to 1. */
  fraction(): number
  /** [W8] RFC 9562 version 7; ids of one millisecond go up. */
  uuid7(now: Ms): Uuid7
}

export function createChance(random: (n: number) => Bytes): Chance {
  let last = 0
  let counter = 0
  return {
    bytes: random,
    b64: (n) => toB64(random(n)),
    fraction: () => new DataView(random(4).buffer).getUint32(0) / 2 ** 32,
    uuid7(now) {
      // Twelve bits of counter in rand_a keep the order of ids made within one millisecond.
      const bytes = random(16)
      counter = now === last ? counter + 1 : 0
      if (counter > 0xfff) counter = 0
      last = now
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      view.setUint32(0, Math.floor(now / 2 ** 16))
      view.setUint16(4, now % 2 ** 16)
      view.setUint16(6, 0x7000 | counter)
      bytes[8] = (bytes[8]! & 0x3f) | 0x80
      const hex = Buffer.from(bytes).toString('hex')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid7
    },
  }
}

/** `ms` spread by half either way, so that many clients don't come back at once. */
export const jitter = (ms: Ms, fraction: number) => ms * (0.5 + fraction)
