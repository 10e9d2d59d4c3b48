import type { Address, B64, Handle, Ik, ServerName } from '../../protocol/ids.ts'
import { splitAddress } from '../../protocol/wire/scalars.ts'
import type { ServerCode } from '../../protocol/wire/signaling.ts'
import { ruleInput } from '../../protocol/wire/tbs.ts'
import type { Backplane } from '../backplane/backplane.ts'
import type { Clock } from '../clock.ts'
import { sha256, type Signer, type Verify } from '../crypto.ts'
import type { Live } from '../live.ts'
import type { Log } from '../log.ts'
import type { PresenceHub } from '../presence.ts'
import { type Bucket, createBucket, createFailures, type Failures } from '../rates.ts'
import type { Limits, Registration } from '../settings.ts'
import type { Signals } from '../signals.ts'
import type { Target } from '../store/accounts.ts'
import type { Store } from '../store/open.ts'

/** What requests are answered with. */
export interface Context {
  server: ServerName
  key: Signer
  registration: Registration
  limits: Limits
  clock: Clock
  random: (n: number) => Uint8Array
  /** Of a mail: random, so that it says nothing about how much passes through. */
  mailId: () => B64
  /** By device keys, which are wanted again at every log-on. */
  verify: Verify
  /** By account keys, which are wanted once in a long while. */
  verifyAccount: Verify
  store: Store
  presence: PresenceHub
  signals: Signals
  backplane: Backplane
  rates: Rates
  recent: Recent
  /** Sessions of this process that are logged on, the newest of each account [S10]. */
  lives: Map<number, Live>
  log: Log
}

/** An answer, and what follows once it is committed and said. */
export interface Done {
  reply: { ok: true; r?: object } | { ok: false; code: ServerCode; after?: number }
  /** Before the answer: the envelopes of mail.next [S20]. */
  first?: () => void
  then?: () => void
}

export const ok = (r?: object): Done => ({ reply: r === undefined ? { ok: true } : { ok: true, r } })
export const err = (code: ServerCode, after?: number): Done => ({ reply: after === undefined ? { ok: false, code } : { ok: false, code, after } })

/** The account of an address, where it is one of ours. */
export function accountAt({ server, store }: Context, addr: Address): Target | undefined {
  const { handle, server: where } = splitAddress(addr)
  return where === server ? store.accounts.target(handle) : undefined
}

export const addressOf = (server: ServerName, handle: string): Address => `${handle as Handle}@${server}` as Address

/** [C20] Computed with the session's IK: a token that was passed on is another, unknown one. */
export const ruleHash = (token: string, holder: Ik): Buffer => sha256(ruleInput(token, holder))

/** [S23] All buckets, made once. */
export function createRates(clock: Clock, limits: Limits) {
  const bucket = (rate: Limits['connect']): Bucket => createBucket(clock, rate)
  const buckets = {
    connect: bucket(limits.connect),
    messages: bucket(limits.messages),
    messagesPerAddress: bucket(limits.messagesPerAddress),
    drops: bucket(limits.drops),
    sigs: bucket(limits.sigs),
    knocks: bucket(limits.knocks),
    knocksPerDay: bucket(limits.knocksPerDay),
    newKnocks: bucket(limits.newKnocks),
    newKnocksPerDay: bucket(limits.newKnocksPerDay),
    knocksPerAddress: bucket(limits.knocksPerAddress),
    claims: bucket(limits.claims),
    claimsPerAddress: bucket(limits.claimsPerAddress),
    gets: bucket(limits.gets),
    getsPerAddress: bucket(limits.getsPerAddress),
    registrationsPerAddress: bucket(limits.registrationsPerAddress),
    codes: bucket(limits.codes),
  }
  const failures: Failures = createFailures(clock, { free: limits.failedLogOns, firstMs: limits.failedWaitMs, longestMs: limits.failedWaitLongestMs })
  return {
    ...buckets,
    failures,
    prune() {
      for (const one of Object.values(buckets)) one.prune()
      failures.prune()
    },
  }
}
export type Rates = ReturnType<typeof createRates>

/** What pairs of accounts did lately. In memory only: on disk it would say who knows whom [S25]. */
export function createRecent(clock: Clock, limits: Limits) {
  const DAY = 24 * 60 * 60 * 1000
  const claims = new Map<string, number[]>()
  const knocks = new Map<string, number>()
  const pair = (from: number, to: number) => `${from} ${to}`
  const livingClaims = (key: string) => (claims.get(key) ?? []).filter((at) => at + DAY > clock.now())
  return {
    /** [S17] */
    mayClaim: (from: number, to: number) => livingClaims(pair(from, to)).length < limits.claimsPerTarget,
    claimed(from: number, to: number) {
      const key = pair(from, to)
      claims.set(key, [...livingClaims(key), clock.now()])
    },
    /** [C6] */
    hasKnocked: (from: number, to: number) => (knocks.get(pair(from, to)) ?? 0) > clock.now(),
    knocked: (from: number, to: number) => void knocks.set(pair(from, to), clock.now() + limits.knockTtlMs),
    prune() {
      const now = clock.now()
      for (const key of claims.keys()) if (livingClaims(key).length === 0) claims.delete(key)
      for (const [key, until] of knocks) if (until <= now) knocks.delete(key)
    },
  }
}
export type Recent = ReturnType<typeof createRecent>
