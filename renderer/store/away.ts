import type { Connection } from '../../protocol/app/views.ts'
import type { Ms } from '../../protocol/ids.ts'

/** The last time without a server: what was written meanwhile stands under "New since". `from` is unknown for the time before this window. */
export type Away = { at: 'away'; from?: Ms } | { at: 'here'; last?: { from: Ms; until: Ms } }

export const awayAtFirst = (connection: Connection): Away =>
  connection.at === 'on' ? { at: 'here' } : { at: 'away', ...('since' in connection && connection.since !== undefined && { from: connection.since }) }

export function awayAfter(away: Away, connection: Connection, now: Ms): Away {
  if (connection.at === 'on') {
    if (away.at === 'here') return away
    return away.from === undefined ? { at: 'here' } : { at: 'here', last: { from: away.from, until: now } }
  }
  return away.at === 'away' ? away : { at: 'away', from: now }
}

/** Since when it is new: since one left, where it was written meanwhile, else since it was written. */
export const newSince = (away: Away, at: Ms): Ms =>
  away.at === 'here' && away.last && away.last.from <= at && at <= away.last.until ? away.last.from : at
