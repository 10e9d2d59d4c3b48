import type Database from 'better-sqlite3'
import { base32, sha256 } from '../crypto.ts'

/** [S9] Registration codes: 80 bits in groups of four letters, kept as hashes, good once. */

export const makeCode = (random: (n: number) => Uint8Array): string => base32(random(10)).match(/.{4}/g)!.join('-')

/** As it may be typed: capitals, blanks and missing dashes are fine. */
const hashOf = (code: string) => sha256(Buffer.from(code.toLowerCase().replaceAll(/[\s-]/g, '')))

export function codesStore(db: Database.Database) {
  const add = db.prepare<[Buffer, number]>('INSERT OR IGNORE INTO codes (hash, expires) VALUES (?, ?)')
  const has = db.prepare<[Buffer, number], number>('SELECT 1 FROM codes WHERE hash = ? AND expires > ?').pluck()
  const use = db.prepare<[Buffer]>('DELETE FROM codes WHERE hash = ?')
  const prune = db.prepare<[number]>('DELETE FROM codes WHERE expires <= ?')
  return {
    add: (code: string, expires: number) => void add.run(hashOf(code), expires),
    isGood: (code: string, now: number): boolean => has.get(hashOf(code), now) !== undefined,
    use: (code: string) => void use.run(hashOf(code)),
    prune: (now: number) => void prune.run(now),
  }
}
