import type { B64, Ms, RuleId } from '../../protocol/ids.ts'
import { MAX_RULES, POOL_KEYS, POOL_LIFE, POOL_REFILL } from '../../protocol/limits.ts'
import { toB64 } from '../../protocol/wire/bytes.ts'
import type { AclRule, KnockMode, Ready } from '../../protocol/wire/signaling.ts'
import { aclStateInput } from '../../protocol/wire/tbs.ts'
import type { Keyring } from '../envelopes/keyring.ts'
import { sha256 } from '../identity/crypto.ts'
import type { Identities, Me } from '../identity/me.ts'
import { makePrekey } from '../identity/records.ts'
import type { Roster } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'
import type { Session } from './session.ts'

/** [S11] What a client does at each log-on before it talks: audit, rules, prekeys, knock mode. */

export interface Upkeep {
  afterReady(ready: Ready): Promise<void>
  /** [S16] */
  refill(): Promise<void>
  tellKnockMode(): Promise<void>
  /** [S9] A code with which somebody new takes a name at this server. Undefined: none is to be had now, or none is needed. */
  newCode(): Promise<string | undefined>
}

export interface UpkeepDeps {
  store: Store
  identities: Identities
  roster: Roster
  keyring: Keyring
  session: Pick<Session, 'request' | 'patiently'>
  now(): Ms
  /** The server judges when a prekey is over, so its clock says when that is [W10, S16]. */
  correctedNow(): Ms
  knockMode(): KnockMode
  gateHashes(): B64[]
  /** [I8] The server shows another record of me than my own (true), or mine again. */
  onAudit(isWrong: boolean): void
}

const WEEK = 7 * 24 * 3_600_000
/** Monday 5 January 1970, 00:00 UTC. */
const A_MONDAY = 4 * 24 * 3_600_000
/** [S16] rounded up to Monday, so that keys don't tell when they were made */
export const expiry = (now: Ms): Ms => Math.ceil((now + POOL_LIFE - A_MONDAY) / WEEK) * WEEK + A_MONDAY

export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { store, identities, roster, keyring, session } = deps
  const me = (): Me => identities.me()!

  async function audit() {
    const ask = { t: 'account.get', addr: me().kept.addr } as const
    const judge = (answer: Awaited<ReturnType<typeof session.request<typeof ask>>>) => {
      if (answer.ok) deps.onAudit(answer.r.rec.p !== me().rec.p)
      else if (answer.code === 'not-found') deps.onAudit(true)
    }
    const answer = await session.request(ask)
    // Where the server puts it off nothing else waits for it.
    if (!answer.ok && answer.code === 'rate') void session.patiently(() => ask).then(judge)
    else judge(answer)
  }

  /** [C23] The server's rules are made equal to mine; where I have none, mine to the server's. */
  async function alignRules(ready: Ready) {
    const due = roster.rules().filter((rule) => rule.until !== null && rule.until < deps.now())
    store.write(() => {
      for (const rule of due) roster.dropRule(rule.id)
    })
    const rules = roster.aclRules()
    const denied = roster.denied().map(({ h }) => h)
    if (toB64(sha256(aclStateInput(rules, denied))) === ready.acl) return
    if (me().kept.adoptAcl) return adopt()
    // a series: the first message replaces, the others add
    for (let i = 0; i === 0 || i < rules.length; i += MAX_RULES) {
      await session.patiently(() => ({ t: 'acl.put', rules: rules.slice(i, i + MAX_RULES), ...(i === 0 ? { replace: true as const } : {}) }))
    }
    const deniedNow = roster.denied().map(({ h }) => h)
    for (let i = 0; i === 0 || i < deniedNow.length; i += 1000) {
      await session.patiently(() => ({ t: 'acl.deny', add: deniedNow.slice(i, i + 1000), del: [], ...(i === 0 ? { replace: true as const } : {}) }))
    }
  }

  async function adopt() {
    const rules: AclRule[] = []
    const denied: B64[] = []
    let after: B64 | undefined
    for (let page = 0; page < 32; page++) {
      const next: { t: 'acl.get'; after?: B64 } = { t: 'acl.get', ...(after === undefined ? {} : { after }) }
      const answer = await session.patiently(() => next)
      if (!answer.ok) return
      rules.push(...answer.r.rules)
      denied.push(...answer.r.deny)
      after = answer.r.deny.at(-1) ?? (answer.r.rules.at(-1)?.id as RuleId | undefined)
      if (!answer.r.more || after === undefined) break
    }
    store.write(() => {
      roster.adopt(rules, denied)
      identities.change({ adoptAcl: false })
    })
  }

  async function putKeys(once: number, isReplacing: boolean) {
    const { ik, dev, dk } = me()
    const exp = expiry(deps.correctedNow())
    const made = store.write(() => keyring.makePool(once, isReplacing))
    const sign = (key: (typeof made)[number]) => makePrekey(dk, { ik, dev, id: key.id, pk: key.pk, use: key.kind === 'last' ? 'last-resort' : 'once', exp })
    const last = made.find((key) => key.kind === 'last')
    const keys = { t: 'keys.put', once: made.filter((key) => key.kind === 'pool').map(sign), replace: isReplacing, ...(last === undefined ? {} : { last: sign(last) }) } as const
    const answer = await session.patiently(() => keys)
    // Only now are the older ones over: had it failed, the server would still give those out.
    if (answer.ok && isReplacing) store.write(() => keyring.replacePool(made.map((key) => key.id)))
  }

  return {
    async afterReady(ready) {
      await audit()
      await alignRules(ready)
      const made = keyring.poolMade()
      const isOver = ready.keys.last === 0 || made === undefined || deps.now() - made > POOL_LIFE
      if (isOver) await putKeys(POOL_KEYS, true)
      else if (ready.keys.once <= POOL_REFILL) await putKeys(POOL_KEYS - ready.keys.once, false)
      await this.tellKnockMode()
    },
    refill: () => putKeys(POOL_KEYS - POOL_REFILL, false),
    async tellKnockMode() {
      await session.patiently(() => ({ t: 'knock.mode', mode: deps.knockMode(), hashes: deps.gateHashes() }))
    },
    async newCode() {
      // This computer's own server takes everybody.
      if (deps.identities.me()?.kept.server.kind !== 'server') return undefined
      const answer = await session.request({ t: 'reg.new' })
      return answer.ok ? answer.r.code : undefined
    },
  }
}

