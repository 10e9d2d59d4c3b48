import type { FileHandle } from 'node:fs/promises'
import type { B64, Ms } from '../../protocol/ids.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'

/** Something that can be sent: opened anew when it is served, and known again by what it was when it was offered. */
export interface Source {
  /** The last part of its path, as it stands on this disk. */
  name: string
  /** Bytes. */
  size: number
  mtime: Ms
  /** The caller closes the handle. `changed`: size or time of change are not what they were [T7]. */
  open(): Promise<{ ok: true; handle: FileHandle } | { ok: false; why: 'changed' | 'missing' | 'unreadable' }>
}

/** [T2] A file's pieces, and what is made of them. */
export interface Sums { hashes: Bytes; root: B64 }

/** [B6] What a shared folder has to say about each serving. */
export interface Meter {
  share: B64
  /** Bytes a second, of all that leaves this share at the same time. */
  rate: number
  /** Of this very file, from an earlier serving: it needs no hashing again. */
  known: Sums | undefined
  /** So many bytes of it were read to be hashed. */
  onHashed(bytes: number): void
  /** All of it is hashed. */
  onSums(sums: Sums): void
  /** So many bytes of these may still leave today; they are counted at once. Fewer than asked for: the quota ends here. */
  take(bytes: number): number
  /** The serving is over, whatever became of it. `whole`: they have it all. */
  onEnd(whole: boolean): void
}

/** A serving under way. */
export interface Serving {
  /** [T6] `gone`: the share was revoked or ended. */
  stop(why: 'gone'): void
}
