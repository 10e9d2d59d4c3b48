import { useEffect, useRef, useState } from 'react'
import type { ChatItem } from '../../protocol/app/views.ts'
import type { Ik, Ms } from '../../protocol/ids.ts'
import { newSince } from '../store/away.ts'
import { useParley } from '../store/parley.ts'

/** From this item on it is new, since then. */
export interface NewMark { id: string; at: Ms }

/** The first of the last `unread` messages and files that are not mine. */
export function firstUnread(items: readonly ChatItem[], unread: number): ChatItem | undefined {
  const theirs = items.filter((item) => item.kind !== 'line' && !item.mine)
  return unread === 0 ? undefined : theirs.at(-Math.min(unread, theirs.length))
}

/** A file is news when it is offered, not each time that something becomes of it. */
const isNews = (item: ChatItem): boolean => item.kind !== 'line' && !item.mine && (item.kind === 'message' || item.transfer.state.at === 'asking')

/** What is new in an open chat: what was unread when it was opened, and what came while nobody looked or nobody was signed on. Stays until the chat is left. */
export function useNew(ik: Ik, items: readonly ChatItem[], isRead: boolean): NewMark | undefined {
  const { store } = useParley()
  const [mark, setMark] = useState<NewMark>()
  // As it is before the core hears that the chat is on screen.
  const unread = useRef(store.get().buddies.find((buddy) => buddy.ik === ik)?.unread ?? 0)
  const markOf = (item: ChatItem): NewMark => ({ id: item.id, at: newSince(store.get().away, item.at) })

  useEffect(() => {
    if (!isRead || unread.current === 0) return
    const first = firstUnread(items, unread.current)
    unread.current = 0
    if (first) setMark(markOf(first))
  }, [isRead, items])

  useEffect(() => {
    let isMarked = false
    const again = () => (isMarked = false)
    const stop = store.onEvent((event) => {
      if (event.e === 'connection' && event.connection.at === 'on') again()
      if (isMarked || event.e !== 'item' || event.ik !== ik || !isNews(event.item)) return
      const { away } = store.get()
      const cameMeanwhile = away.at === 'here' && away.last !== undefined && event.item.at <= away.last.until
      if (!cameMeanwhile && document.visibilityState === 'visible' && document.hasFocus()) return
      isMarked = true
      setMark(markOf(event.item))
    })
    addEventListener('blur', again)
    return () => {
      stop()
      removeEventListener('blur', again)
    }
  }, [ik, store])
  return mark
}
