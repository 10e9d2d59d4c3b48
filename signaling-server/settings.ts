import { z } from 'zod'
import {
  HANDLE_QUARANTINE, KNOCKS_FOR_GATES, LOGON_STEP, MAIL_BYTES, MAIL_COUNT, MAX_DENIED, MAX_FETCH, MAX_KNOCKS_PENDING, MAX_RULES,
  MAX_SIG_WAITING, MAX_SUBSCRIPTIONS, MAX_TOMBSTONES, POOL_KEYS, POOL_REFILL, PRESENCE_SPACING, SERVER_SILENT, TOKEN_ALWAYS_BYTES,
  TOKEN_ALWAYS_COUNT, TOKEN_BYTES, TOKEN_COUNT, TTL_KNOCK, TTL_MSG, TTL_SIG,
} from '../protocol/limits.ts'

/** [S24] Every limit is a setting with the protocol's value as its default. Tests and benches set limits, never code paths. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const MiB = 1024 * 1024

const count = (value: number) => z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(value)
const ms = (value: number, least = 1, most = 400 * day) => z.number().int().min(least).max(most).default(value)

/** A token bucket: so many at once, then one each so many milliseconds. */
const rate = (burst: number, everyMs: number) =>
  z.strictObject({ burst: z.number().int().min(0).max(1e9), everyMs: z.number().min(0.001).max(400 * day) }).default({ burst, everyMs })

export const limits = z.strictObject({
  // ---------- per address; loopback is skipped ----------
  /** New connections. */
  connect: rate(20, 3 * second),
  /** After so many failed log-ons of one IK from one address it waits, twice as long each time. */
  failedLogOns: count(3),
  failedWaitMs: ms(60 * second),
  failedWaitLongestMs: ms(day),
  messagesPerAddress: rate(200, 20),
  knocksPerAddress: rate(30, day / 30),
  claimsPerAddress: rate(60, minute),
  getsPerAddress: rate(120, 30 * second),
  registrationsPerAddress: rate(3, 8 * hour),
  // ---------- per account ----------
  messages: rate(60, 50),
  drops: rate(60, second),
  sigs: rate(30, 2 * second),
  knocks: rate(5, 15 * minute),
  knocksPerDay: rate(20, day / 20),
  /** The first days of an account: fewer knocks, so that many accounts are worth little. */
  newKnocks: rate(2, 15 * minute),
  newKnocksPerDay: rate(5, day / 5),
  newForMs: ms(7 * day, 0),
  claims: rate(20, minute),
  gets: rate(30, 10 * second),
  codes: rate(5, day / 5),
  /** [S17] Prekeys of one target that one claimer gets in a day. */
  claimsPerTarget: count(2),
  rules: count(MAX_RULES),
  tombstones: count(MAX_TOMBSTONES),
  denied: count(MAX_DENIED),
  subscriptions: count(MAX_SUBSCRIPTIONS),
  // ---------- mailbox ----------
  mailBytes: count(MAIL_BYTES),
  mailCount: count(MAIL_COUNT),
  tokenBytes: count(TOKEN_BYTES),
  tokenCount: count(TOKEN_COUNT),
  tokenAlwaysBytes: count(TOKEN_ALWAYS_BYTES),
  tokenAlwaysCount: count(TOKEN_ALWAYS_COUNT),
  /** [section 13] 1 to 30 days. */
  ttlMs: ms(TTL_MSG, day, 30 * day),
  knockTtlMs: ms(TTL_KNOCK),
  sigTtlMs: ms(TTL_SIG),
  /** [P5] How long mail fetched by someone hidden goes on counting. */
  heldMs: ms(day),
  unacknowledged: count(MAX_FETCH),
  knocksPending: count(MAX_KNOCKS_PENDING),
  knocksForGates: count(KNOCKS_FOR_GATES),
  sigsPerToken: count(MAX_SIG_WAITING),
  /** All signals that wait in memory together; the oldest make room. */
  sigMemory: count(64 * MiB),
  // ---------- keys ----------
  poolKeys: count(POOL_KEYS),
  poolRefill: count(POOL_REFILL),
  // ---------- presence ----------
  presenceSpacingMs: ms(PRESENCE_SPACING, 0),
  // ---------- accounts ----------
  quarantineMs: ms(HANDLE_QUARANTINE),
  /** A registration code is good for so long. The invite it travels in lives 7 days; the rest is for codes given by hand. */
  codeLifeMs: ms(30 * day),
  // ---------- connections ----------
  stepMs: ms(LOGON_STEP),
  silentMs: ms(SERVER_SILENT),
  /** Headers of a request, and the handshake of TLS. Node's defaults left 400 of 400 slow sockets open. */
  headersMs: ms(5 * second),
  checkConnectionsMs: ms(second),
  /** Sockets at once. A client costs about 16 KiB; what is beyond waits for its next try. */
  connections: count(20_000),
  /** Bytes not yet taken by a slow client before it is cut: more than the 50 largest envelopes that may be on their way. */
  bufferedBytes: count(8 * MiB),
})
export type Limits = z.infer<typeof limits>
export type Rate = Limits['connect']
export const defaultLimits: Limits = limits.parse({})

export const registration = z.enum(['open', 'code'])
export type Registration = z.infer<typeof registration>
