import type { Ik } from '../../protocol/ids.ts'

/** Drafts of chats that are not kept never reach the core: they stay in this window, until sign-off or until it closes. */
const held = new Map<Ik, string>()
/** Where it was said already that a draft isn't kept. */
const said = new Set<Ik>()

export const heldDraft = (ik: Ik): string => held.get(ik) ?? ''
export const forgetDrafts = (): void => held.clear()

export function holdDraft(ik: Ik, text: string): void {
  if (text === '') held.delete(ik)
  else held.set(ik, text)
}

/** True the first time. */
export function saysOnce(ik: Ik): boolean {
  if (said.has(ik)) return false
  said.add(ik)
  return true
}
