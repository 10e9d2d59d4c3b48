import type { Live } from '../live.ts'
import { isVisible, maySubscribe } from '../broker.ts'
import type { Address } from '../../protocol/ids.ts'
import type { Request } from '../session.ts'
import type { Rule } from '../store/acl.ts'
import { rvOf } from './accounts.ts'
import { accountAt, type Context, type Done, err, ok, ruleHash } from './context.ts'
import { sha256 } from '../crypto.ts'

type Of<T extends Request['t']> = Extract<Request, { t: T }>

/** [P1] Says nothing before the commit: what was held back for people who see us now is let go in it [P5]. */
export function setPresence(context: Context, live: Live, { state, cls }: Of<'presence.set'>): Done {
  const { store, backplane, lives } = context
  const presence = { state, cls: new Set(cls) }
  for (const tok of store.mail.heldTokens(live.account)) {
    if (isVisible(store.acl.rule(live.account, tok), presence)) store.mail.letGo(live.account, tok)
  }
  const account = store.accounts.byId(live.account)
  if (account === undefined) return err('not-found')
  const rv = rvOf(sha256(account.rec_p))
  return {
    ...ok(),
    then() {
      // A session that ended in this very tick must not be shown as on for ever.
      if (lives.get(live.account) !== live) return
      live.presence = presence
      backplane.say({ t: 'presence', account: live.account, addr: live.addr, presence, rv })
    },
  }
}

interface Target { account: number; addr: Address; h: Buffer; rule: Rule }

/** [P1, C20, C32] Each new subscription is answered by the state now; a tombstone's reads as off. */
export function subscribe(context: Context, live: Live, { add, del }: Of<'presence.sub'>): Done {
  const { store, presence, limits, lives } = context
  const gone = new Set(del)
  const kept = [...live.watching.keys()].filter((addr) => !gone.has(addr))
  const denied: Address[] = []
  const targets: Target[] = []
  for (const { addr, tok } of add) {
    const account = accountAt(context, addr)
    const h = ruleHash(tok, live.ik)
    const rule = account === undefined ? undefined : store.acl.rule(account.id, h)
    if (account !== undefined && rule !== undefined && maySubscribe(rule)) targets.push({ account: account.id, addr, h, rule })
    else denied.push(addr)
  }
  if (new Set([...kept, ...targets.map(({ addr }) => addr)]).size > limits.subscriptions) return err('quota')
  return {
    ...ok({ denied }),
    then() {
      if (lives.get(live.account) !== live) return
      for (const addr of gone) unsubscribe(context, live, addr)
      for (const target of targets) {
        // The address may belong to a later account than the one watched so far.
        if (live.watching.get(target.addr) !== target.account) unsubscribe(context, live, target.addr)
        live.watching.set(target.addr, target.account)
        presence.watch(live, target)
      }
    },
  }
}

function unsubscribe({ presence }: Context, live: Live, addr: Address) {
  const account = live.watching.get(addr)
  if (account === undefined) return
  live.watching.delete(addr)
  presence.unwatch(live, account)
}

/** The session ends: it is off, and watches nobody. */
export function signOff({ presence, backplane, lives }: Context, live: Live) {
  for (const account of live.watching.values()) presence.unwatch(live, account)
  live.watching.clear()
  if (lives.get(live.account) !== live) return
  lives.delete(live.account)
  if (live.presence !== undefined) backplane.say({ t: 'presence', account: live.account, addr: live.addr, presence: undefined, rv: '' })
}
