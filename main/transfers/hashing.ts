import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { B64 } from '../../protocol/ids.ts'
import { MANIFEST_HASHES } from '../../protocol/limits.ts'
import { type Bytes, toB64 } from '../../protocol/wire/bytes.ts'
import { pieceCount } from '../../protocol/wire/files.ts'
import { fileInput } from '../../protocol/wire/tbs.ts'
import { sha256 } from '../identity/crypto.ts'
import type { Source } from './source.ts'

/**
 * [T2, T4] The hashes of a file's pieces, told as they are found. Reading goes on beside everything else; hashing takes the main thread
 * for about a millisecond a block.
 */

/** Bytes read at once. */
const BLOCK = 1_048_576
const HASH = 32

export type Hashed = { ok: true; hashes: Bytes; root: B64 } | { ok: false; why: 'changed' | 'missing' | 'unreadable' | 'stopped' }

export const rootOf = (size: number, piece: number, hashes: Uint8Array): B64 =>
  toB64(sha256(fileInput(size, piece, Array.from({ length: hashes.length / HASH }, (_, i) => hashes.subarray(i * HASH, (i + 1) * HASH)))))

export async function hashSource(source: Source, piece: number, { onHashes, isStopped }: { onHashes(from: number, hashes: Bytes): void; isStopped(): boolean }): Promise<Hashed> {
  const opened = await source.open()
  if (!opened.ok) return opened
  const { handle } = opened
  const all = pieceCount(source.size, piece)
  const hashes: Bytes = new Uint8Array(all * HASH)
  let told = 0
  const tell = (upTo: number) => {
    for (; told < upTo; told = Math.min(upTo, told + MANIFEST_HASHES)) onHashes(told, hashes.slice(told * HASH, Math.min(upTo, told + MANIFEST_HASHES) * HASH))
  }
  try {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, Math.max(1, source.size)))
    let at = 0
    for (let i = 0; i < all; i++) {
      const end = Math.min(source.size, (i + 1) * piece)
      const hash = createHash('sha256')
      while (at < end) {
        if (isStopped()) return { ok: false, why: 'stopped' }
        const inBlock = at % block.length
        if (inBlock === 0) {
          const wanted = Math.min(block.length, source.size - at)
          // A file that grew shorter gives fewer bytes than it had.
          if ((await readAll(handle, block, wanted, at)) < wanted) return { ok: false, why: 'changed' }
        }
        const take = Math.min(end - at, block.length - inBlock)
        hash.update(block.subarray(inBlock, inBlock + take))
        at += take
      }
      hashes.set(hash.digest(), i * HASH)
      if (i + 1 - told >= MANIFEST_HASHES) tell(i + 1)
    }
    if (!(await isSame(handle, source))) return { ok: false, why: 'changed' }
    tell(all)
    return { ok: true, hashes, root: rootOf(source.size, piece, hashes) }
  } catch {
    return { ok: false, why: 'unreadable' }
  } finally {
    await handle.close()
  }
}

/** One read may give less than is there. */
export async function readAll(handle: Pick<FileHandle, 'read'>, into: Uint8Array, length: number, position: number): Promise<number> {
  let got = 0
  while (got < length) {
    const { bytesRead } = await handle.read(into, got, length - got, position + got)
    if (bytesRead === 0) break
    got += bytesRead
  }
  return got
}

/** [T7] Size and time of change are those of the offer. */
export async function isSame(handle: Pick<FileHandle, 'stat'>, { size, mtime }: Pick<Source, 'size' | 'mtime'>): Promise<boolean> {
  const stat = await handle.stat()
  return stat.size === size && Math.floor(stat.mtimeMs) === mtime
}
