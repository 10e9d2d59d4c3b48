import { createHash } from 'node:crypto'
import type { Clock, Ports } from '../ports.ts'

/** How long an address may be opened: long enough for a browser to start, short enough that one left in a history is worthless. */
export const TOKEN_LIFE = 60_000
/** Bytes of a token and of a session secret: not to be guessed. */
const SECRET = 32

/**
 * Who may open a pipe. An address carries a token that works once; the first message trades it for a session secret, which a reload
 * and the link page use. Both are kept in memory only, and as hashes: looking one up tells nothing about another.
 */
export function createSessions({ clock, random }: { clock: Clock; random: Ports['random'] }) {
  const tokens = new Map<string, { until: number }>()
  const sessions = new Set<string>()
  const hash = (secret: string) => createHash('sha256').update(secret).digest('hex')
  const secret = () => Buffer.from(random(SECRET)).toString('base64url')

  return {
    mintToken(): string {
      for (const [old, { until }] of tokens) if (until <= clock.now()) tokens.delete(old)
      const token = secret()
      tokens.set(hash(token), { until: clock.now() + TOKEN_LIFE })
      return token
    },
    /** A session secret for a token that was not used and has not run out. */
    trade(token: string): string | undefined {
      const key = hash(token)
      const found = tokens.get(key)
      tokens.delete(key)
      if (found === undefined || found.until <= clock.now()) return undefined
      const session = secret()
      sessions.add(hash(session))
      return session
    },
    isSession: (session: string): boolean => sessions.has(hash(session)),
    /** A token that nobody has traded yet and that still works. */
    isWaiting(token: string): boolean {
      const found = tokens.get(hash(token))
      return found !== undefined && found.until > clock.now()
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>
