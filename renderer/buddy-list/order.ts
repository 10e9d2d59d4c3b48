import type { Buddy, Presence } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'

/** Only then a status text is still true. */
export const isThere = (presence: Presence) => presence === 'on' || presence === 'away' || presence === 'busy'
const rank = (buddy: Buddy) => (buddy.state === 'asked' ? 2 : isThere(buddy.presence) ? 0 : 1)
const lastAt = (buddy: Buddy) => buddy.last?.at ?? buddy.askedAt ?? 0

/** Online first, then by the last message; open requests last. */
export const listOrder = (buddies: readonly Buddy[]): Buddy[] =>
  buddies.toSorted((a, b) => rank(a) - rank(b) || lastAt(b) - lastAt(a) || a.name.localeCompare(b.name))

/** The order that was, while the pointer is in the list: rows don't move from under it. Newcomers go to the end. */
export function heldOrder(before: readonly Ik[], buddies: readonly Buddy[]): Buddy[] {
  const place = (buddy: Buddy) => {
    const at = before.indexOf(buddy.ik)
    return at === -1 ? before.length : at
  }
  return buddies.toSorted((a, b) => place(a) - place(b))
}

/** Whether name or address hold what was typed. */
export function isFound(buddy: Buddy, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase()
  return buddy.name.toLocaleLowerCase().includes(wanted) || buddy.addr.includes(wanted)
}

/** Names that more than one buddy has: those rows show the address too. */
/** A name as an eye reads it: without case, and without characters that show nothing. */
export const plainName = (name: string) => name.normalize('NFKC').replace(/\p{Cf}/gu, '').trim().toLocaleLowerCase()

export function twinNames(buddies: readonly Buddy[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const twins = new Set<string>()
  for (const { name } of buddies) {
    const plain = plainName(name)
    if (seen.has(plain)) twins.add(plain)
    seen.add(plain)
  }
  return twins
}
