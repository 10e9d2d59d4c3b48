import type { Keep, KeepChoice } from '../../protocol/app/views.ts'
import type { Ms } from '../../protocol/ids.ts'
import type { LogMode, LogState } from '../../protocol/wire/peer.ts'

/** [8.1, 8.2] Who keeps what, as pure decisions. */

/** [G1] Order of keeping. */
const ORDER: readonly LogMode[] = ['off', 'session', 'disk', 'archive']

export const keepsMore = (a: LogMode, b: LogMode) => ORDER.indexOf(a) > ORDER.indexOf(b)
const less = (a: LogMode, b: LogMode) => (keepsMore(a, b) ? b : a)
/** [G2] */
export const isKept = (mode: LogMode) => mode === 'disk' || mode === 'archive'

/** What a received frame may become: on disk, in memory, or in memory until the first choice is made [G6]. */
export type Fate = 'disk' | 'memory' | 'undecided'

/**
 * [G6] `ls`: the highest rev of mine that was shown to the sender when the frame was written. `modes[rev]` is what I chose then.
 * The less-keeping of that and of now counts; before any choice was shown, my first choice.
 */
export function fateOf(ls: number, modes: readonly LogMode[], now: LogState): Fate {
  if (now.rev === 0) return 'undecided'
  const shown = modes[Math.max(1, Math.min(ls, modes.length - 1))] ?? 'off'
  return isKept(less(shown, now.mode)) ? 'disk' : 'memory'
}

/** A first or new choice of mine: the next rev. */
export function choose(current: LogState, modes: readonly LogMode[], choice: KeepChoice, now: Ms): { state: LogState; modes: LogMode[] } {
  const rev = current.rev + 1
  const next = [...modes]
  next[rev] = choice
  return { state: { mode: choice, since: now, rev }, modes: next }
}

export type LogNews = { news: 'none' } | { news: 'state'; more: boolean } | { news: 'mismatch' }

/** [G4, G5] What a state that came says: only a higher rev counts, and one rev has one mode. */
export function judgeLog(known: LogState | null, came: { mode: LogMode; rev: number }): LogNews {
  if (known === null) return { news: 'state', more: isKept(came.mode) }
  if (came.rev === known.rev && came.mode !== known.mode) return { news: 'mismatch' }
  if (came.rev <= known.rev) return { news: 'none' }
  return { news: 'state', more: keepsMore(came.mode, known.mode) }
}

/** One half of the strip. */
export function viewOf(state: LogState | null): Keep {
  if (state === null) return { mode: 'unknown', chosen: true }
  return {
    mode: state.mode, chosen: state.rev > 0,
    ...(state.keep === undefined ? {} : { keep: state.keep }), ...(state.by === undefined ? {} : { by: state.by }),
  }
}
