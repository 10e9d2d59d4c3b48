import type { Live } from '../live.ts'
import { type Request, unreachable } from '../session.ts'
import { deleteAccount, getAccount, newCode, putAccount, setKnockMode } from './accounts.ts'
import { changeDenied, deleteRules, getRules, putRules } from './acl.ts'
import { type Context, type Done, err, ok } from './context.ts'
import { claimKey, putKeys } from './keys.ts'
import { acknowledge, drop, nextMail } from './mailbox.ts'
import { setPresence, subscribe } from './presence.ts'

/** Every request a session may make [14.4]. Runs inside the tick's transaction; `nonce` is that of the connection's challenge. */
export function answer(context: Context, live: Live, request: Request, nonce: string): Done {
  switch (request.t) {
    case 'drop': return drop(context, live, request)
    case 'mail.next': return nextMail(context, live, request)
    case 'mail.ack': return acknowledge(context, live, request)
    case 'ping': return ok()
    case 'presence.set': return setPresence(context, live, request)
    case 'presence.sub': return subscribe(context, live, request)
    case 'account.get': return getAccount(context, live, request)
    case 'account.put': return putAccount(context, live, request)
    case 'account.delete': return deleteAccount(context, live, request, nonce)
    case 'keys.put': return putKeys(context, live, request)
    case 'keys.claim': return claimKey(context, live, request)
    case 'acl.put': return putRules(context, live, request)
    case 'acl.del': return deleteRules(context, live, request)
    case 'acl.get': return getRules(context, live, request)
    case 'acl.deny': return changeDenied(context, live, request)
    case 'knock.mode': return setKnockMode(context, live, request)
    case 'reg.new': return newCode(context, live)
    // [S23] later; `ready.lim.turn` says so too.
    case 'turn.get': return err('unavailable')
    default: return unreachable(request)
  }
}

/** Requests that write nothing. `presence.set` is not among them: it may let go of what was held [P5]. */
export function isReadOnly(request: Request): boolean {
  switch (request.t) {
    case 'drop': return request.head.cls === 'sig'
    case 'account.get': case 'acl.get': case 'mail.next': case 'ping': case 'presence.sub': case 'turn.get': return true
    default: return false
  }
}
