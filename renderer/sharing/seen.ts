import type { Share } from '../../protocol/app/views.ts'

export const isOn = ({ state }: Share): boolean => state.at === 'on'
/** Those with a card on the page: what was dropped on a chat stands in that chat [B8]. */
export const isListed = ({ once }: Share): boolean => !once

/** [B7] What others can see of this computer while one is online: all of it, also what was given in a chat. */
export function seenOf(shares: readonly Share[]): { folders: number; people: number; given: number } {
  const on = shares.filter(isOn)
  return { folders: on.length, people: new Set(on.flatMap((share) => share.with)).size, given: on.filter(({ once }) => once).length }
}
