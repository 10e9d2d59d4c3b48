import type { ChatItem } from '../../protocol/app/views.ts'
import type { Ms } from '../../protocol/ids.ts'
import { isSameDay } from '../words/dates.ts'

/** One sender's messages and files within this long stand together, milliseconds. */
const GROUP_WITHIN = 5 * 60_000

/** An item and how it stands among its neighbours. */
export interface Row {
  item: ChatItem
  /** A new day begins here. */
  day?: Ms
  /** The first and the last of a group of one sender. */
  isFirst: boolean
  isLast: boolean
  /** Time and delivery stand under it: at the end of a group, and where the state changes within one. */
  hasMeta: boolean
  /** What comes from here on is new. */
  isNew: boolean
}

/** `newFrom`: id of the first item that is new. */
export function rowsOf(items: readonly ChatItem[], newFrom?: string): Row[] {
  const areTogether = (a: ChatItem, b: ChatItem) => b.id !== newFrom && areOneGroup(a, b)
  return items.map((item, index) => {
    const before = items[index - 1]
    const after = items[index + 1]
    const isLast = !after || !areTogether(item, after)
    const isNewDay = !before || !isSameDay(before.at, item.at)
    return {
      item,
      ...(isNewDay && { day: item.at }),
      isFirst: !before || !areTogether(before, item),
      isLast,
      isNew: item.id === newFrom,
      hasMeta: hasMeta(item, before, after, isLast),
    }
  })
}

/** A file says itself what has become of it; its time is that of what stands just above it. */
function hasMeta(item: ChatItem, before: ChatItem | undefined, after: ChatItem | undefined, isLast: boolean): boolean {
  if (item.kind === 'line' || !item.mine) return false
  if (item.kind === 'file') return isLast && !(before?.kind === 'message' && before.mine && item.at - before.at < 60_000)
  return isLast || after?.kind !== 'message' || after.state !== item.state
}

const areOneGroup = (a: ChatItem, b: ChatItem): boolean =>
  a.kind !== 'line' && b.kind !== 'line' && a.mine === b.mine && isSameDay(a.at, b.at) && Math.abs(b.at - a.at) <= GROUP_WITHIN
