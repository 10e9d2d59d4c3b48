import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import type { Bytes } from '../../protocol/wire/bytes.ts'

/** [2] The 24 words are the BIP39 form of IK's seed (its entropy, not what BIP39 calls seed). */

export const wordsOf = (seed: Uint8Array): string[] => entropyToMnemonic(seed, wordlist).split(' ')

const KNOWN = new Set(wordlist)

export type PhraseCheck =
  | { ok: true; seed: Bytes }
  /** `at` counts from 1; `like` is the nearest word of the list. */
  | { ok: false; code: 'unknown-word'; at: number; like?: string }
  | { ok: false; code: 'bad-words' }

export function checkPhrase(typed: string): PhraseCheck {
  const words = typed.trim().toLowerCase().split(/\s+/)
  const unknown = words.findIndex((word) => !KNOWN.has(word))
  if (unknown >= 0) {
    const like = nearest(words[unknown]!)
    return { ok: false, code: 'unknown-word', at: unknown + 1, ...(like === undefined ? {} : { like }) }
  }
  if (words.length !== 24) return { ok: false, code: 'bad-words' }
  try {
    return { ok: true, seed: Uint8Array.from(mnemonicToEntropy(words.join(' '), wordlist)) }
  } catch {
    return { ok: false, code: 'bad-words' }
  }
}

/** Words of the list that begin so: for completion while typing. */
export const completions = (start: string): string[] => (start === '' ? [] : wordlist.filter((word) => word.startsWith(start)).slice(0, 4))

/** The word of the list that differs least, if it differs little. */
function nearest(word: string): string | undefined {
  let best: string | undefined
  let least = 3
  for (const known of wordlist) {
    const distance = edits(word, known, least)
    if (distance < least) [best, least] = [known, distance]
  }
  return best
}

/** Levenshtein distance, given up at `limit`. */
function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
