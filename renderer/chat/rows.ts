import type { ChatItem } from '../../protocol/app/views.ts'
import type { Ms } from '../../protocol/ids.ts'
import { isSameDay } from '../words/dates.ts'

/** One sender's messages within this long stand together, milliseconds. */
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
}

export function rowsOf(items: readonly ChatItem[]): Row[] {
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
      hasMeta: item.kind === 'message' && item.mine && (isLast || (after?.kind === 'message' && after.state !== item.state)),
    }
  })
}

const areTogether = (a: ChatItem, b: ChatItem): boolean =>
  a.kind === 'message' && b.kind === 'message' && a.mine === b.mine && isSameDay(a.at, b.at) && Math.abs(b.at - a.at) <= GROUP_WITHIN
