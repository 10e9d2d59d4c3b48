import type { Ms } from '../protocol/ids.ts'
import type { Clock } from './clock.ts'

/** A `sig` envelope that waits for its addressee. */
export interface Signal { account: number; tok: string; hash: string; at: Ms; envelope: Uint8Array }

export interface Deps {
  clock: Clock
  limits: { sigTtlMs: number; sigsPerToken: number; sigMemory: number }
}

/** [S19] Signals for those who are not there: in memory only, for a minute, a few per token. */
export function createSignals({ clock, limits }: Deps) {
  interface Held extends Signal { expires: Ms }
  /** In the order they came, which is the order they go. */
  const byAccount = new Map<number, Held[]>()
  let bytes = 0

  function drop(account: number, keep: (held: Held) => boolean) {
    const list = byAccount.get(account)
    if (list === undefined) return
    const kept = list.filter(keep)
    for (const held of list) if (!keep(held)) bytes -= held.envelope.length
    if (kept.length === 0) byAccount.delete(account)
    else byAccount.set(account, kept)
  }

  return {
    hold(signal: Signal, ttlMs: number) {
      const now = clock.now()
      drop(signal.account, (held) => held.expires > now)
      const list = byAccount.get(signal.account) ?? []
      const same = list.filter((held) => held.tok === signal.tok)
      if (same.some((held) => held.hash === signal.hash)) return
      // The newest matters: an offer that is followed by sixteen others is stale.
      if (same.length >= limits.sigsPerToken) drop(signal.account, (held) => held !== same[0])
      while (bytes + signal.envelope.length > limits.sigMemory && byAccount.size > 0) drop(byAccount.keys().next().value!, () => false)
      // A copy: the socket's buffer, of which this is a part, is not kept alive for a minute.
      const held = { ...signal, envelope: Uint8Array.from(signal.envelope), expires: now + Math.min(ttlMs, limits.sigTtlMs) }
      byAccount.set(signal.account, [...(byAccount.get(signal.account) ?? []), held])
      bytes += held.envelope.length
    },
    /** All that waits, which is then gone. */
    take(account: number): Signal[] {
      const now = clock.now()
      const list = (byAccount.get(account) ?? []).filter((held) => held.expires > now)
      drop(account, () => false)
      return list
    },
    clear: (account: number) => drop(account, () => false),
    prune() {
      const now = clock.now()
      for (const account of byAccount.keys()) drop(account, (held) => held.expires > now)
    },
    bytes: () => bytes,
  }
}
export type Signals = ReturnType<typeof createSignals>
