import { BULK_HEAD, FEW_PIECES, LARGEST_PIECE, MAX_CHUNK, MAX_PIECES, MAX_PULL, SMALLEST_PIECE } from '../limits.ts'
import { type Bytes, u32be, u64be } from './bytes.ts'
import { refuse, type Result } from './codec.ts'

/** Section 9: pieces, pulls and the messages of the channel `bulk`. */

/** [T2] Bytes of a piece of a file of this size; undefined where the file is too big for any. */
export function pieceSize(size: number): number | undefined {
  let piece = SMALLEST_PIECE
  while (piece < LARGEST_PIECE && size > piece * FEW_PIECES) piece *= 2
  return size <= piece * MAX_PIECES ? piece : undefined
}

/** Pieces of a file; an empty one has none. */
export const pieceCount = (size: number, piece: number): number => Math.ceil(size / piece)

export interface Pull { x: number; from: number; to: number }

/** [T5] Why this pull of that file is not allowed. */
export function pullFault({ x, from, to }: Pull, file: { size: number; piece: number }): string | undefined {
  if (!Number.isInteger(x) || x < 0 || x > 0xffff_ffff) return 'number'
  if (from % MAX_CHUNK !== 0) return 'from is not a multiple'
  if (from >= to) return 'order'
  if (to > file.size) return 'beyond the file'
  if (to - from > MAX_PULL) return 'more than 4 MiB'
  if (Math.floor(from / file.piece) !== Math.floor((to - 1) / file.piece)) return 'two pieces'
  return undefined
}

/** [T1] `data`: bytes at this place of the file; `end`, `abort`: of a pull, `offset` is the byte after the last one sent. */
export interface Bulk { kind: 'data' | 'end' | 'abort'; x: number; offset: number; data: Bytes }

const KINDS = [undefined, 'data', 'end', 'abort'] as const

/** The first 16 bytes of a message; for `data` the bytes of the file follow. */
export function writeBulkHead(into: Uint8Array, { kind, x, offset }: Omit<Bulk, 'data'>): void {
  into.fill(0, 0, 4)
  into[0] = KINDS.indexOf(kind)
  into.set(u32be(x), 4)
  into.set(u64be(offset), 8)
}

/** One message of the channel, parsed. `data` is a view of `bytes`. */
export function readBulk(bytes: Bytes): Result<Bulk> {
  if (bytes.length < BULK_HEAD) return refuse('truncated')
  if (bytes.length > BULK_HEAD + MAX_CHUNK) return refuse('too long')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kind = KINDS[view.getUint8(0)]
  if (kind === undefined) return refuse('kind')
  if (view.getUint8(1) !== 0 || view.getUint16(2) !== 0) return refuse('reserved bytes')
  const offset = view.getBigUint64(8)
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return refuse('offset')
  const data = bytes.subarray(BULK_HEAD)
  if ((kind === 'data') !== (data.length > 0)) return refuse('data')
  return { ok: true, value: { kind, x: view.getUint32(4), offset: Number(offset), data } }
}
