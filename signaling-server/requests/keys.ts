import { mayTakeFromPool } from '../broker.ts'
import { b64Of, bytesOf } from '../crypto.ts'
import type { Live } from '../live.ts'
import { takeAll } from '../rates.ts'
import { parsePrekey } from '../records.ts'
import type { Request } from '../session.ts'
import type { StoredKey } from '../store/keys.ts'
import type { Signed } from '../../protocol/wire/scalars.ts'
import type { ServerCode } from '../../protocol/wire/signaling.ts'
import { find } from './accounts.ts'
import { type Context, type Done, err, ok } from './context.ts'

type Of<T extends Request['t']> = Extract<Request, { t: T }>

/** [S16] All of them or none. */
export function putKeys(context: Context, live: Live, { once, last, replace }: Of<'keys.put'>): Done {
  const { store, clock, limits } = context
  const now = clock.now()
  const account = store.accounts.byId(live.account)
  if (account === undefined) return err('not-found')
  const owner = { ik: live.ik, dev: b64Of(account.dev) }
  const keys: StoredKey[] = []
  for (const signed of once) {
    const key = readKey(signed, 'once', owner, now)
    if (typeof key === 'string') return err(key)
    keys.push(key)
  }
  const lastKey = last === undefined ? undefined : readKey(last, 'last-resort', owner, now)
  if (typeof lastKey === 'string') return err(lastKey)

  // Asked before anything is written: a refusal leaves all as it was.
  const kept = replace ? 0 : store.keys.countOnce(live.account, now)
  if (kept + new Set(keys.map((key) => b64Of(key.id))).size > limits.poolKeys && !isRepeat(context, live, keys)) return err('quota')
  if (replace) store.keys.clear(live.account, 'once')
  for (const key of keys) store.keys.add(live.account, 'once', key)
  if (lastKey !== undefined) {
    store.keys.clear(live.account, 'last')
    store.keys.add(live.account, 'last', lastKey)
  }
  return { ...ok({ once: store.keys.countOnce(live.account, now) }), then: () => void (live.wasToldLow = false) }
}

/** [S12, S16] Kind, owner and end. The signature is not looked at: the claimer checks it under the record it holds. */
function readKey(signed: Signed, use: 'once' | 'last-resort', owner: { ik: string; dev: string }, now: number): StoredKey | ServerCode {
  const parsed = parsePrekey(signed)
  if (!parsed.ok || parsed.value.use !== use) return 'bad-frame'
  const { ik, dev, id, exp } = parsed.value
  if (ik !== owner.ik || dev !== owner.dev) return 'denied'
  if (exp <= now) return 'expired'
  return { id: bytesOf(id), p: bytesOf(signed.p), s: bytesOf(signed.s), expires: exp }
}

/** The same message again, because its answer was lost: every key of it is here or was claimed. */
const isRepeat = ({ store }: Context, live: Live, keys: StoredKey[]): boolean => keys.every((key) => store.keys.isKnown(live.account, key.id))

/** [S17, C32] One prekey, for a knock or a rejoin. Blocked people get theirs as anyone does. */
export function claimKey(context: Context, live: Live, request: Of<'keys.claim'>): Done {
  const { store, rates, recent, clock, limits, lives } = context
  const wait = takeAll([rates.claims, live.account], [rates.claimsPerAddress, live.address])
  if (wait > 0) return err('rate', wait)
  const found = find(context, live, request)
  if (found === undefined) return err('not-found')
  const { account, isPrivileged } = found
  if (!recent.mayClaim(live.account, account.id)) return err('rate', DAY_IN_SECONDS)
  const now = clock.now()
  const pool = store.keys.countOnce(account.id, now)
  const isFromPool = mayTakeFromPool({ pool, poolKeys: limits.poolKeys, isPrivileged })
  const key = isFromPool ? store.keys.takeOnce(account.id, now) : store.keys.last(account.id, now)
  if (key === undefined) return err('unavailable')
  recent.claimed(live.account, account.id)
  const once = isFromPool ? pool - 1 : pool
  return {
    ...ok({ key: { p: b64Of(key.p), s: b64Of(key.s) } }),
    then() {
      const owner = lives.get(account.id)
      if (owner === undefined || owner.wasToldLow || once > limits.poolRefill) return
      owner.wasToldLow = true
      owner.say({ t: 'keys.low', once })
    },
  }
}

/** Told where a target's two keys of the day are used up. */
const DAY_IN_SECONDS = 24 * 60 * 60
