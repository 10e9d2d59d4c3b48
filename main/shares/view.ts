import { relative, sep } from 'node:path'
import type { Share } from '../../protocol/app/views.ts'
import type { Books, Kept } from './books.ts'
import type { Fetches } from './fetches.ts'
import type { Reading } from './reading.ts'
import type { Tally } from './tally.ts'
import { wireName } from './wire-name.ts'

/** A share as its owner sees it. */
export function shareView(share: Kept, { home, books, tally, reading, fetches }: { home: string; books: Books; tally: Tally; reading: Reading; fetches: Fetches }): Share {
  const { id, name, until, rate, daily, ended, why } = share
  // Of one that was read before, the numbers stand until there are new ones.
  const isReading = share.files === 0 && reading.isReading(id)
  const { files, bytes } = isReading ? (reading.soFar(id) ?? share) : share
  return {
    id, name, until, rate, daily, files, bytes, isReading,
    place: placeOf(share.root, home),
    with: books.people(id),
    servedToday: tally.today(id).filter((one) => one.files > 0 || one.bytes > 0).map((one) => ({ ik: one.ik, files: one.files, bytes: one.bytes })),
    fetched: tally.fetched(id),
    now: fetches.now(id),
    state: ended === null || why === null || why === 'forgotten' ? { at: 'on' } : { at: 'ended', when: ended, why },
    once: share.once === 1,
  }
}

/** The last parts of a path, from the home folder on. */
export function placeOf(root: string, home: string): string {
  const inHome = relative(home, root)
  const parts = (inHome.startsWith('..') ? root : inHome).split(sep).filter((part) => part !== '')
  return parts.slice(-3).map(wireName).join(sep)
}
