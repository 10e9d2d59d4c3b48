import type { Live } from '../live.ts'
import type { Request } from '../session.ts'
import { bytesOf } from '../crypto.ts'
import { type Context, type Done, err, ok } from './context.ts'

type Of<T extends Request['t']> = Extract<Request, { t: T }>

/** Rules and denied hashes on one page [C23]. */
const PAGE = 500
/** An id of a rule is this long, a deny hash longer: `after` says by its length in which list it stands. */
const RULE_ID_LENGTH = 8

/** Undoes what a request has written so far, without the rest of its tick. */
class Undo extends Error {}

/** Writes, then judges what came of it; where that is too much, nothing was written. */
function attempt({ store }: Context, write: () => void, isFine: () => boolean): boolean {
  try {
    store.nested(() => {
      write()
      if (!isFine()) throw new Undo()
    })
    return true
  } catch (error) {
    if (error instanceof Undo) return false
    throw error
  }
}

/** [C21, C23] `replace` stands in the first message of a series that puts all rules anew. */
export function putRules(context: Context, live: Live, { rules, replace }: Of<'acl.put'>): Done {
  const { store, limits, backplane } = context
  const isFine = () => {
    const { live: alive, dead } = store.acl.counts(live.account)
    return alive <= limits.rules && dead <= limits.tombstones
  }
  let hasTwins = false
  const done = attempt(context, () => {
    if (replace) store.acl.clearRules(live.account)
    store.acl.putRules(live.account, rules)
  }, () => {
    hasTwins = store.acl.hasTwins(live.account)
    return !hasTwins && isFine()
  })
  if (!done) return err(hasTwins ? 'conflict' : 'quota')
  return { ...ok(), then: () => backplane.say({ t: 'rules', account: live.account }) }
}

/** [C30] */
export function deleteRules({ store, backplane }: Context, live: Live, { ids }: Of<'acl.del'>): Done {
  store.acl.removeRules(live.account, ids)
  return { ...ok(), then: () => backplane.say({ t: 'rules', account: live.account }) }
}

/** [C23] Rules by id, then denied hashes, in the order the state is computed in. */
export function getRules({ store }: Context, live: Live, { after }: Of<'acl.get'>): Done {
  const from = after === undefined ? undefined : bytesOf(after)
  const isInDenied = from !== undefined && from.length > RULE_ID_LENGTH
  const rules = isInDenied ? [] : store.acl.rulesAfter(live.account, from, PAGE)
  // One more than fits says whether there is more.
  const denied = store.acl.deniedAfter(live.account, isInDenied ? from : undefined, PAGE - rules.length + 1)
  const deny = denied.slice(0, PAGE - rules.length)
  const hasMoreRules = rules.length === PAGE && store.acl.rulesAfter(live.account, bytesOf(rules.at(-1)!.id), 1).length > 0
  return ok({ rules, deny, more: hasMoreRules || denied.length > deny.length })
}

/** [C31, C34] */
export function changeDenied(context: Context, live: Live, { add, del, replace }: Of<'acl.deny'>): Done {
  const { store, limits } = context
  const done = attempt(context,
    () => store.acl.changeDenied(live.account, { add, del, replace: replace === true }),
    () => store.acl.countDenied(live.account) <= limits.denied)
  return done ? ok() : err('quota')
}
