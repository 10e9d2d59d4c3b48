import type { Ms, Sid } from '../../protocol/ids.ts'
import { ANSWER_TIMEOUT, CONNECT_TIMEOUT, OFFER_LIFE, PROOF_TIMEOUT } from '../../protocol/limits.ts'

/** [5.3] The state of a link with one buddy, as a pure function. links.ts performs the effects. */

export type LinkState =
  | { at: 'none'; tries: number }
  /** `isTied`: an offer of theirs was refused for this one. Whoever offers again nevertheless never got mine. */
  | { at: 'offering'; sid: Sid; tries: number; isTied?: true }
  | { at: 'answering' | 'connecting' | 'proving'; sid: Sid; role: 'i' | 'r'; tries: number }
  | { at: 'up'; sid: Sid; role: 'i' | 'r' }
  | { at: 'cool'; tries: number; until: Ms }
  /** [L14] Content goes through the server until the user retries. */
  | { at: 'alarm' }

export type LinkEvent =
  /** The user opened the chat, a frame waits, a transfer: only given where the mode allows and I am visible to them. */
  | { on: 'wanted'; sid: Sid; byUser: boolean }
  /** A valid offer [L15]; `mine` says whether my IK is the larger. */
  | { on: 'offer'; sid: Sid; mineIsLarger: boolean }
  | { on: 'answer'; sid: Sid }
  | { on: 'answered'; sid: Sid }
  | { on: 'ended'; sid: Sid }
  | { on: 'open'; sid: Sid }
  | { on: 'verified'; sid: Sid }
  | { on: 'mismatch'; sid: Sid }
  | { on: 'failed'; sid: Sid }
  | { on: 'timeout' }
  | { on: 'lost'; sid: Sid }
  | { on: 'idle' }
  /** The server says that they are offline: an attempt has come to nothing. A link that is up knows better. */
  | { on: 'gone' }
  /** Theirs: they are idle, sign off, or connect in another way now. */
  | { on: 'bye' }
  /** Mode changed, signed off, no longer accepted or visible. */
  | { on: 'stop'; why: 'off' | 'change' }
  | { on: 'cooled' }
  | { on: 'retry' }

export type LinkEffect =
  | { do: 'offer'; sid: Sid }
  | { do: 'answer'; sid: Sid }
  | { do: 'prove'; sid: Sid }
  | { do: 'end'; sid: Sid; why: 'tie' | 'timeout' | 'busy' }
  | { do: 'bye'; why: 'off' | 'idle' | 'change' }
  /** Drop the connection of this sid, with its keys. */
  | { do: 'close'; sid: Sid }
  | { do: 'announce-up' }
  | { do: 'announce-down' }
  | { do: 'alarm' }

export interface Step { state: LinkState; effects: LinkEffect[] }

/** [5.3] After a failed try: 0.2–1 s, then 5, 15, 60 s, 5 min. `fraction` from 0 to 1. */
export function coolFor(tries: number, fraction: number): Ms {
  const table = [0, 5_000, 15_000, 60_000, 300_000]
  return tries === 0 ? 200 + 800 * fraction : table[Math.min(tries, table.length - 1)]! * (0.5 + fraction)
}

/** How long a state may last before its `timeout`. */
export function lifeOf(state: LinkState): Ms | undefined {
  switch (state.at) {
    case 'offering': return OFFER_LIFE
    case 'answering': return ANSWER_TIMEOUT
    case 'connecting': return CONNECT_TIMEOUT
    case 'proving': return PROOF_TIMEOUT
    default: return undefined
  }
}

const sidOf = (state: LinkState): Sid | undefined => ('sid' in state ? state.sid : undefined)

export function step(state: LinkState, event: LinkEvent, context: { now: Ms; fraction: number }): Step {
  const stay: Step = { state, effects: [] }
  const tries = 'tries' in state ? state.tries : 0
  const cool = (...effects: LinkEffect[]): Step => ({
    state: { at: 'cool', tries: tries + 1, until: context.now + coolFor(tries, context.fraction) },
    effects: [...closing(state), ...effects],
  })
  // What belongs to another attempt counts for nothing [L15].
  const isCurrent = !('sid' in event) || event.on === 'wanted' || event.on === 'offer' || event.sid === sidOf(state)
  if (!isCurrent) return stay

  switch (event.on) {
    case 'wanted':
      if (state.at === 'none' || (state.at === 'cool' && event.byUser)) {
        return { state: { at: 'offering', sid: event.sid, tries }, effects: [{ do: 'offer', sid: event.sid }] }
      }
      return stay
    case 'offer': {
      if (state.at === 'alarm') return stay
      if (state.at === 'offering' && !event.mineIsLarger && state.isTied === undefined) {
        return { state: { ...state, isTied: true }, effects: [{ do: 'end', sid: event.sid, why: 'tie' }] }
      }
      return {
        state: { at: 'answering', sid: event.sid, role: 'r', tries },
        effects: [...closing(state), { do: 'answer', sid: event.sid }],
      }
    }
    case 'answer':
      return state.at === 'offering' ? { state: { at: 'connecting', sid: state.sid, role: 'i', tries }, effects: [] } : stay
    case 'answered':
      return state.at === 'answering' ? { state: { ...state, at: 'connecting' }, effects: [] } : stay
    case 'open':
      // The answerer's channel may open before the server said that the answer was passed on.
      return state.at === 'connecting' || state.at === 'answering' ? { state: { ...state, at: 'proving' }, effects: [{ do: 'prove', sid: state.sid }] } : stay
    case 'verified':
      return state.at === 'proving' ? { state: { at: 'up', sid: state.sid, role: state.role }, effects: [{ do: 'announce-up' }] } : stay
    case 'mismatch':
      return { state: { at: 'alarm' }, effects: [...closing(state), { do: 'alarm' }] }
    // Something of the attempt went wrong after it had come to what it was for.
    case 'failed':
      return state.at === 'up' || sidOf(state) === undefined ? stay : cool()
    case 'ended':
    case 'lost':
      return sidOf(state) === undefined ? stay : cool()
    case 'timeout':
      return state.at === 'offering' ? cool({ do: 'end', sid: state.sid, why: 'timeout' }) : lifeOf(state) === undefined ? stay : cool()
    case 'gone':
      return state.at === 'up' || sidOf(state) === undefined ? stay : { state: { at: 'none', tries: 0 }, effects: closing(state) }
    case 'bye':
      return state.at === 'up' ? { state: { at: 'none', tries: 0 }, effects: closing(state) } : stay
    case 'idle':
      return state.at === 'up' ? { state: { at: 'none', tries: 0 }, effects: [{ do: 'bye', why: 'idle' }, ...closing(state)] } : stay
    case 'stop': {
      const bye: LinkEffect[] = state.at === 'up' ? [{ do: 'bye', why: event.why }] : []
      return state.at === 'alarm' && event.why === 'change' ? stay : { state: { at: 'none', tries: 0 }, effects: [...bye, ...closing(state)] }
    }
    case 'cooled':
      return state.at === 'cool' ? { state: { at: 'none', tries: state.tries }, effects: [] } : stay
    case 'retry':
      return state.at === 'alarm' || state.at === 'cool' ? { state: { at: 'none', tries: 0 }, effects: [] } : stay
    default:
      return unreachable(event)
  }
}

function closing(state: LinkState): LinkEffect[] {
  const sid = sidOf(state)
  if (sid === undefined) return []
  return [{ do: 'close', sid }, ...(state.at === 'up' ? [{ do: 'announce-down' } as const] : [])]
}

function unreachable(event: never): never {
  throw new Error(`unknown event ${JSON.stringify(event)}`)
}
