import type { B64, Ms } from '../protocol/ids.ts'
import type { Bytes } from '../protocol/wire/bytes.ts'
import type { C2S, DropHead, ServerCode } from '../protocol/wire/signaling.ts'
import { commonFeatures, commonVersion } from './broker.ts'

/** One connection as a state machine: events in, the next state and what to do out. The edge (server.ts) does it. */

export const VERSIONS: readonly [number, number] = [1, 1]
/** [W9] What this server understands beyond version 1. */
export const FEATURES: readonly string[] = []

export interface Challenge { proto: number; feat: string[]; nonce: B64; ts: Ms }

type Hello = Extract<C2S, { t: 'hello' }>
export type LogOn = Extract<C2S, { t: 'auth' | 'register' }>
/** Everything a client may ask once it is logged on. */
export type Request = Exclude<C2S, Hello | LogOn> | DropRequest
export interface DropRequest { t: 'drop'; head: DropHead; envelope: Bytes }

export type Session =
  | { at: 'greet' }
  | { at: 'challenged'; challenge: Challenge }
  /** `auth` or `register` lies in the tick; the nonce is used up [S3]. */
  | { at: 'judged'; challenge: Challenge }
  | { at: 'ready'; challenge: Challenge }
  | { at: 'closed' }

export type Event =
  | { t: 'message'; message: C2S | DropRequest }
  | { t: 'malformed' }
  /** A step of the log-on took too long [S3]. */
  | { t: 'late' }
  /** Nothing heard for too long [S22]. */
  | { t: 'silent' }
  | { t: 'accepted' }
  | { t: 'refused' }
  /** This server ends the session: replaced, over the rate, going down. */
  | { t: 'end'; code: ServerCode; after?: number }
  | { t: 'gone' }

export type Effect =
  | { do: 'challenge'; challenge: Challenge }
  | { do: 'judge'; message: LogOn; challenge: Challenge }
  | { do: 'answer'; request: Request; challenge: Challenge }
  /** Starts the deadline of the next step over, or ends it. */
  | { do: 'deadline'; is: 'on' | 'off' }
  | { do: 'bye'; code: ServerCode; after?: number | undefined }
  | { do: 'close' }
  /** The session ends: what it holds in memory goes. */
  | { do: 'leave' }

export interface Step { session: Session; effects: Effect[] }

/** What a challenge needs from outside. */
export interface Fresh { nonce: () => B64; now: () => Ms }

const stay = (session: Session): Step => ({ session, effects: [] })

function ended(session: Session, effects: Effect[]): Step {
  if (session.at === 'closed') return stay(session)
  return { session: { at: 'closed' }, effects: [...effects, { do: 'deadline', is: 'off' }, { do: 'leave' }, { do: 'close' }] }
}

const bye = (session: Session, code: ServerCode, after?: number): Step => ended(session, [{ do: 'bye', code, after }])

export function step(session: Session, event: Event, fresh: Fresh): Step {
  switch (event.t) {
    case 'message': return said(session, event.message, fresh)
    case 'malformed': return bye(session, 'bad-frame')
    case 'late': return session.at === 'ready' ? stay(session) : bye(session, 'expired')
    case 'silent': return ended(session, [])
    case 'accepted':
      return session.at === 'judged' ? { session: { at: 'ready', challenge: session.challenge }, effects: [{ do: 'deadline', is: 'off' }] } : stay(session)
    case 'refused': return ended(session, [])
    case 'end': return bye(session, event.code, event.after)
    case 'gone': return ended(session, [])
    default: return unreachable(event)
  }
}

/** [S3] hello, then auth or register, then requests; anything out of turn ends the session. */
function said(session: Session, message: C2S | DropRequest, fresh: Fresh): Step {
  switch (session.at) {
    case 'greet': return message.t === 'hello' ? greeted(session, message, fresh) : bye(session, 'bad-frame')
    case 'challenged': {
      if (message.t !== 'auth' && message.t !== 'register') return bye(session, 'bad-frame')
      const { challenge } = session
      return { session: { at: 'judged', challenge }, effects: [{ do: 'deadline', is: 'on' }, { do: 'judge', message, challenge }] }
    }
    case 'judged': return bye(session, 'bad-frame')
    case 'ready':
      if (message.t === 'hello' || message.t === 'auth' || message.t === 'register') return bye(session, 'bad-frame')
      return { session, effects: [{ do: 'answer', request: message, challenge: session.challenge }] }
    case 'closed': return stay(session)
    default: return unreachable(session)
  }
}

function greeted(session: Session, hello: Hello, fresh: Fresh): Step {
  const proto = commonVersion(VERSIONS, hello.proto)
  if (proto === undefined) return bye(session, 'version')
  const challenge: Challenge = { proto, feat: commonFeatures(FEATURES, hello.feat), nonce: fresh.nonce(), ts: fresh.now() }
  return { session: { at: 'challenged', challenge }, effects: [{ do: 'deadline', is: 'on' }, { do: 'challenge', challenge }] }
}

/** Names no value: what it was could be content, and errors are logged [S25]. */
export function unreachable(_: never): never {
  throw new Error('unreachable')
}
