import type { EndReason, Verdict } from '../../protocol/app/views.ts'
import type { FileEnd } from '../../protocol/wire/peer.ts'

/** [9.2] Where a transfer stands, as a pure function of what happened. transfers.ts performs the effects. Links come and go beside it. */

export type Stage =
  /** Mine or theirs, not answered. */
  | { at: 'offered' }
  /** Accepted: it moves whenever it can. [T7] Only who paused resumes. */
  | { at: 'wanted'; pausedByMe: boolean; pausedByThem: boolean; isFull: boolean }
  /** All of it is here and verified. */
  | { at: 'scanning' }
  | { at: 'arrived'; verdict: Verdict; saved?: { name: string; folder: string; path: string } }
  | { at: 'damaged' }
  | { at: 'sent' }
  | { at: 'ended'; why: EndReason }

export type Happening =
  | { on: 'accept' }
  | { on: 'reject' }
  | { on: 'cancel' }
  | { on: 'pause'; by: 'me' | 'them'; is: boolean }
  | { on: 'full'; is: boolean }
  /** [T6] What the other side says. */
  | { on: 'told'; end: { t: FileEnd['t']; why: FileEnd['why'] } }
  /** Mine, and what stands there is not what was offered, or can't be read. */
  | { on: 'source'; why: 'changed' | 'missing' | 'unreadable' }
  /** Theirs: every piece is here. Mine: they say so. */
  | { on: 'complete' }
  /** A piece, or the whole, is not what was offered, twice. */
  | { on: 'bad' }
  | { on: 'verdict'; verdict: Verdict }
  | { on: 'saved'; saved: { name: string; folder: string; path: string } }
  | { on: 'expire' }
  /** From the start, of what arrived damaged. */
  | { on: 'again' }

export type Effect =
  /** To the other side, whatever way it can go. */
  | { do: 'tell'; t: FileEnd['t']; why: FileEnd['why'] }
  /** On the link, where one is up. */
  | { do: 'tell-pause'; on: boolean }
  /** It may begin, or go on. */
  | { do: 'start' }
  | { do: 'stop' }
  | { do: 'scan' }
  /** The received bytes go. */
  | { do: 'drop' }
  /** The received bytes go, and their marks with them. */
  | { do: 'reset' }
  | { do: 'tell-done' }

const WANTED: Stage = { at: 'wanted', pausedByMe: false, pausedByThem: false, isFull: false }

/** What an end that the other side tells is called here. */
function reasonOf(end: { t: FileEnd['t']; why: FileEnd['why'] }): EndReason {
  if (end.t === 'file.reject') return end.why === 'space' ? 'no-space' : end.why === 'user' ? 'rejected' : 'not-allowed'
  switch (end.why) {
    case 'changed': return 'changed'
    case 'io': return 'unreadable'
    case 'gone': return 'gone'
    case 'policy': return 'not-allowed'
    default: return 'cancelled'
  }
}

/** Undefined: that changes nothing in this stage. */
export function step(stage: Stage, happening: Happening, mine: boolean): { stage: Stage; effects: Effect[] } | undefined {
  const end = (why: EndReason, ...effects: Effect[]) => ({ stage: { at: 'ended', why } as const, effects: [{ do: 'stop' } as const, ...effects, { do: 'drop' } as const] })
  const isOpen = stage.at === 'offered' || stage.at === 'wanted'
  switch (happening.on) {
    case 'accept':
      return stage.at === 'offered' ? { stage: WANTED, effects: [{ do: 'start' }] } : undefined
    case 'reject':
      return stage.at === 'offered' && !mine ? end('rejected-by-me', { do: 'tell', t: 'file.reject', why: 'user' }) : undefined
    case 'cancel':
      return isOpen ? end('cancelled-by-me', { do: 'tell', t: 'file.stop', why: 'user' }) : undefined
    case 'pause': {
      if (stage.at !== 'wanted') return undefined
      const next: Stage = happening.by === 'me' ? { ...stage, pausedByMe: happening.is } : { ...stage, pausedByThem: happening.is }
      const effects: Effect[] = [{ do: next.pausedByMe || next.pausedByThem ? 'stop' : 'start' }]
      return { stage: next, effects: happening.by === 'me' ? [{ do: 'tell-pause', on: happening.is }, ...effects] : effects }
    }
    case 'full':
      if (stage.at !== 'wanted' || stage.isFull === happening.is) return undefined
      return { stage: { ...stage, isFull: happening.is }, effects: [{ do: happening.is ? 'stop' : 'start' }] }
    case 'told':
      // [T5] What they could not verify is theirs to ask for again.
      if (!isOpen) return undefined
      if (mine && happening.end.why === 'hash') return { stage: { at: 'offered' }, effects: [{ do: 'stop' }] }
      return end(reasonOf(happening.end))
    case 'source':
      return mine && isOpen ? end(happening.why, { do: 'tell', t: 'file.stop', why: happening.why === 'changed' ? 'changed' : 'io' }) : undefined
    case 'complete':
      if (stage.at !== 'wanted') return undefined
      return mine ? { stage: { at: 'sent' }, effects: [{ do: 'stop' }, { do: 'drop' }] } : { stage: { at: 'scanning' }, effects: [{ do: 'stop' }, { do: 'tell-done' }, { do: 'scan' }] }
    case 'bad':
      if (stage.at !== 'wanted' || mine) return undefined
      return { stage: { at: 'damaged' }, effects: [{ do: 'stop' }, { do: 'tell', t: 'file.stop', why: 'hash' }, { do: 'reset' }] }
    case 'verdict':
      return stage.at === 'scanning' || stage.at === 'arrived' ? { stage: { ...stage, at: 'arrived', verdict: happening.verdict }, effects: [] } : undefined
    case 'saved':
      return stage.at === 'arrived' ? { stage: { ...stage, saved: happening.saved }, effects: [] } : undefined
    case 'expire':
      return isOpen ? end('expired') : undefined
    case 'again':
      return stage.at === 'damaged' ? { stage: WANTED, effects: [{ do: 'start' }] } : undefined
    default:
      return unreachable(happening)
  }
}

function unreachable(happening: never): never {
  throw new Error(`unknown happening ${JSON.stringify(happening)}`)
}
