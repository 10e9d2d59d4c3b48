/** Bytes, text and base64url. Pure, no platform. */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type Bytes = Uint8Array<ArrayBuffer>

export const utf8 = (text: string): Bytes => encoder.encode(text)

/** The text of these bytes, or undefined where they are not UTF-8. A byte order mark is kept as a character. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

export function concat(...parts: Uint8Array[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Smaller messages are collected like anything else. */
export const LARGE = 16_384

/**
 * Gives these bytes' memory back at once, instead of when it is collected: megabytes a second of them would else stand around for
 * seconds. Whoever calls this is the only one who has them, and does not touch them again.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) buffer.transfer(0)
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

/** Bytewise order, shorter first where one is a prefix: the order that "sorted" means on the wire [W1]. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

export function u16be(n: number): Bytes {
  return Uint8Array.of((n >>> 8) & 0xff, n & 0xff)
}

export function u32be(n: number): Bytes {
  return Uint8Array.of((n >>> 24) & 0xff, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff)
}

/** A number of at most 2^53 - 1 in 8 bytes. */
export function u64be(n: number): Bytes {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError('u64be takes an integer from 0 to 2^53-1')
  return concat(u32be(Math.floor(n / 2 ** 32)), u32be(n >>> 0))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUE = new Int16Array(128).fill(-1)
for (let i = 0; i < 64; i++) VALUE[ALPHABET.charCodeAt(i)] = i

export function toB64(bytes: Uint8Array): string {
  let out = ''
  let i = 0
  for (; i + 2 < bytes.length; i += 3) {
    const v = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!
    out += ALPHABET[v >>> 18]! + ALPHABET[(v >>> 12) & 63]! + ALPHABET[(v >>> 6) & 63]! + ALPHABET[v & 63]!
  }
  const left = bytes.length - i
  if (left === 1) {
    const v = bytes[i]!
    out += ALPHABET[v >>> 2]! + ALPHABET[(v & 3) << 4]!
  } else if (left === 2) {
    const v = (bytes[i]! << 8) | bytes[i + 1]!
    out += ALPHABET[v >>> 10]! + ALPHABET[(v >>> 4) & 63]! + ALPHABET[(v & 15) << 2]!
  }
  return out
}

const ONLY_LETTERS = /^[A-Za-z0-9_-]*$/

/** [W4] How many bytes canonical base64url stands for, without decoding it; undefined for anything else. */
export function b64Size(text: string): number | undefined {
  const rest = text.length & 3
  if (rest === 1 || !ONLY_LETTERS.test(text)) return undefined
  // The last letter of an incomplete group has 4 or 2 bits to spare, and they are zero.
  if (rest !== 0 && (VALUE[text.charCodeAt(text.length - 1)]! & (rest === 2 ? 15 : 3)) !== 0) return undefined
  return (text.length >>> 2) * 3 + (rest === 0 ? 0 : rest - 1)
}

/** [W4] The bytes of canonical base64url, or undefined: padding, other letters, set spare bits and a wrong length are refused. */
export function parseB64(text: string, length?: number): Bytes | undefined {
  const size = b64Size(text)
  if (size === undefined || (length !== undefined && size !== length)) return undefined
  const out = new Uint8Array(size)
  let at = 0
  let held = 0
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    held = ((held << 6) | VALUE[text.charCodeAt(i)]!) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    out[at++] = (held >>> bits) & 0xff
  }
  return out
}

/** The bytes of base64url that was parsed before. Throws on anything else: that is a bug, not a refusal. */
export function fromB64(text: string): Bytes {
  const bytes = parseB64(text)
  if (bytes === undefined) throw new TypeError('not base64url')
  return bytes
}

/** Reads a byte string from the front. Each method returns undefined (and stays there) once the bytes have run out. */
export function reader(bytes: Uint8Array<ArrayBuffer>) {
  let at = 0
  function take(n: number): Bytes | undefined {
    if (n < 0 || at + n > bytes.length) return undefined
    const part = bytes.subarray(at, at + n)
    at += n
    return part
  }
  function int(n: 1 | 2 | 4): number | undefined {
    const part = take(n)
    return part === undefined ? undefined : part.reduce((sum, byte) => sum * 256 + byte, 0)
  }
  return {
    take,
    u8: () => int(1),
    u16: () => int(2),
    u32: () => int(4),
    /** 8 bytes as a number; undefined also beyond 2^53 - 1. */
    u64: () => {
      const part = take(8)
      const value = part?.reduce((sum, byte) => sum * 256 + byte, 0)
      return value === undefined || !Number.isSafeInteger(value) ? undefined : value
    },
    rest: () => bytes.subarray(at),
    left: () => bytes.length - at,
  }
}
