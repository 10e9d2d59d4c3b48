import type { Bytes } from '../../protocol/wire/bytes.ts'

/** Which pieces of a file are here and verified: one bit each. */
export interface Have {
  has(piece: number): boolean
  set(piece: number, isHere: boolean): void
  count(): number
  /** Bytes that these pieces hold. */
  bytes(): number
  /** [T1] As `file.accept` says it: at most so many ranges; what does not fit is asked for again. */
  ranges(most: number): [first: number, last: number][]
  take(ranges: readonly (readonly [number, number])[]): void
  /** For the store. */
  saved(): Bytes
}

export function createHave(size: number, piece: number, saved?: Uint8Array): Have {
  const all = Math.ceil(size / piece)
  const bits: Bytes = new Uint8Array(Math.ceil(all / 8))
  if (saved?.length === bits.length) bits.set(saved)
  let count = 0
  const has = (i: number) => i >= 0 && i < all && (bits[i >> 3]! & (1 << (i & 7))) !== 0
  for (let i = 0; i < all; i++) if (has(i)) count++
  const lastSize = size - (all - 1) * piece

  const have: Have = {
    has,
    set(i, isHere) {
      if (i < 0 || i >= all || has(i) === isHere) return
      bits[i >> 3]! ^= 1 << (i & 7)
      count += isHere ? 1 : -1
    },
    count: () => count,
    bytes: () => (all > 0 && has(all - 1) ? (count - 1) * piece + lastSize : count * piece),
    ranges(most) {
      const found: [number, number][] = []
      for (let i = 0; i < all; i++) {
        if (!has(i)) continue
        const last = found.at(-1)
        if (last !== undefined && last[1] === i - 1) last[1] = i
        else if (found.length < most) found.push([i, i])
        else break
      }
      return found
    },
    take(ranges) {
      for (const [first, last] of ranges) for (let i = first; i <= Math.min(last, all - 1); i++) have.set(i, true)
    },
    saved: () => bits.slice(),
  }
  return have
}
