import { useVirtualizer, defaultRangeExtractor } from '@tanstack/react-virtual'
import { ArrowDown } from 'lucide-react'
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Buddy, ChatItem } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useNow } from '../store/now.ts'
import { useParley, useShown } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { Icon } from '../ui/Icon.tsx'
import textCss from '../ui/text.module.css'
import { clock, day } from '../words/dates.ts'
import { t } from '../words/index.ts'
import type { ArticleProps } from './article.ts'
import { FileItem } from './FileItem.tsx'
import { Line } from './Line.tsx'
import { Message } from './Message.tsx'
import css from './Messages.module.css'
import { useNew } from './new.ts'
import { rowsOf } from './rows.ts'
import type { DeliveryContext } from './strip.ts'

const NOTHING: readonly ChatItem[] = []
/** This near to the end counts as being there, and this near to the start asks for the page before; CSS pixels. */
const NEAR_END = 24
const NEAR_START = 400

/** What was said. Stays at the end only if it is there; older pages come as one scrolls up. */
export function Messages({ buddy }: { buddy: Buddy }) {
  const { ik } = buddy
  const { store } = useParley()
  const chat = useShown((state) => state.chats[ik])
  const { leavingMessages, leavingTransfers } = useShell()
  const items = useMemo(() => (chat?.items ?? NOTHING).filter((item) => !leavingMessages.has(item.id) && !(item.kind === 'file' && leavingTransfers.has(item.transfer.id))), [chat?.items, leavingMessages, leavingTransfers])
  const mark = useNew(ik, items, chat?.isRead === true)
  const rows = useMemo(() => rowsOf(items, mark?.id), [items, mark?.id])
  const context = useContextOf(buddy)
  const now = useNow()
  const place = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<string>()
  const stop = tabStop(items, focused)

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    getItemKey: (index) => rows[index]?.item.id ?? index,
    estimateSize: () => 56,
    overscan: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    // The tab stop of the log is always there, also out of sight.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), ...(stop >= 0 ? [stop] : [])])].sort((a, b) => a - b),
  })
  const { isAtEnd, hasNew, onScroll, toEnd } = useEnd(place, items, chat?.isRead === true, () => virtual.scrollToEnd())
  const scrolled = () => {
    onScroll()
    if (chat?.more && (place.current?.scrollTop ?? 0) < NEAR_START) store.readOlder(ik)
  }
  const focusRow = (index: number) => {
    const id = items[index]?.id
    if (id === undefined) return
    setFocused(id)
    virtual.scrollToIndex(index, { align: 'auto' })
    requestAnimationFrame(() => document.getElementById(articleId(id))?.focus({ preventScroll: true }))
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || !(event.target instanceof HTMLElement) || event.target.role !== 'article' && event.target.tagName !== 'ARTICLE') return
    const to = nextMessage(items, stop, event.key)
    if (to === undefined) return
    event.preventDefault()
    focusRow(to)
  }
  return (
    <div className={css.around} data-area="log">
      <div ref={place} className={css.scroll} onScroll={scrolled}>
        {chat?.isRead && items.length === 0 && <p className={css.empty}>{t('chat.empty', { name: buddy.name })}</p>}
        <div className={css.fill}>
          <div role="log" aria-live="off" aria-label={t('messages')} className={css.log} style={{ blockSize: virtual.getTotalSize() }} onKeyDown={onKey}>
            {virtual.getVirtualItems().map(({ index, key, start }) => {
              const row = rows[index]
              if (row === undefined) return null
              return (
                <div key={key} data-index={index} ref={virtual.measureElement} className={css.row} style={{ transform: `translateY(${start}px)` }}>
                  {row.day !== undefined && <p className={css.day}>{day(row.day, now)}</p>}
                  {row.isNew && mark && <p className={css.new}>{t('messages.newSince', { time: clock(mark.at) })}</p>}
                  <Item row={row} place={index + 1} of={chat?.more ? -1 : rows.length} buddy={buddy} context={context} id={articleId(row.item.id)} isTabStop={index === stop} onFocus={setFocused} />
                </div>
              )
            })}
          </div>
        </div>
      </div>
      {hasNew && !isAtEnd && <Button look="line" className={css.jump} onClick={toEnd}><Icon of={ArrowDown} small />{t('messages.new')}</Button>}
      <Announcer buddy={buddy} items={items} isRead={chat?.isRead === true} />
    </div>
  )
}

type ItemProps = Omit<ArticleProps, 'item'> & { context: DeliveryContext }

function Item({ context, ...props }: ItemProps) {
  const { item } = props.row
  switch (item.kind) {
    case 'message': return <Message {...props} item={item} context={context} />
    case 'file': return <FileItem {...props} item={item} />
    case 'line': return <Line item={item} buddy={props.buddy} />
  }
}

const articleId = (id: string) => `message-${id}`

const isArticle = (item: ChatItem) => item.kind !== 'line'

/** The message that Tab reaches: the one that had the focus, else the last. */
function tabStop(items: readonly ChatItem[], focused: string | undefined): number {
  const at = items.findIndex((item) => item.id === focused)
  return at >= 0 ? at : items.findLastIndex(isArticle)
}

function nextMessage(items: readonly ChatItem[], from: number, key: string): number | undefined {
  const found = (at: number) => (at === -1 ? undefined : at)
  switch (key) {
    case 'ArrowDown': return found(items.findIndex((item, index) => index > from && isArticle(item)))
    case 'ArrowUp': return found(items.findLastIndex((item, index) => index < from && isArticle(item)))
    case 'Home': return found(items.findIndex(isArticle))
    case 'End': return found(items.findLastIndex(isArticle))
    default: return undefined
  }
}

function useContextOf({ name, hasMailbox }: Buddy): DeliveryContext {
  const server = useShown((state) => state.me?.serverLabel ?? '')
  const isOff = useShown((state) => state.connection.at === 'off' || state.connection.at === 'stopped')
  return useMemo(() => ({ name, server, isOff, hasMailbox }), [name, server, isOff, hasMailbox])
}

/** Whether the end is in sight, and whether something new came below it. */
function useEnd(place: React.RefObject<HTMLDivElement | null>, items: readonly ChatItem[], isRead: boolean, scrollToEnd: () => void) {
  const [isAtEnd, setIsAtEnd] = useState(true)
  const [hasNew, setHasNew] = useState(false)
  const last = items.at(-1)
  const lastId = last?.id
  const isMine = last !== undefined && last.kind !== 'line' && last.mine
  const atEnd = useRef(true)
  const scroll = useRef(scrollToEnd)
  scroll.current = scrollToEnd
  const onScroll = () => {
    const element = place.current
    if (element === null) return
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR_END
    setIsAtEnd(atEnd.current)
    if (atEnd.current) setHasNew(false)
  }
  useLayoutEffect(() => {
    if (lastId === undefined) return
    if (atEnd.current || isMine) scroll.current()
    else setHasNew(true)
  }, [lastId, isMine])
  // One in the middle went, or came back.
  const count = items.length
  useLayoutEffect(() => {
    if (count > 0 && atEnd.current) scroll.current()
  }, [count])
  // The room changes when the composer grows or a question above it goes: the end stays in sight.
  useEffect(() => {
    const element = place.current
    if (element === null || !isRead) return
    const observer = new ResizeObserver(() => atEnd.current && scroll.current())
    observer.observe(element)
    return () => observer.disconnect()
  }, [place, isRead])
  return { isAtEnd, hasNew, onScroll, toEnd: () => scroll.current() }
}

/** So much of a message is said, characters; and so long its words stand there, milliseconds. */
const SAID = 300
const SAID_FOR = 10_000

/** Says incoming messages one after the other; nothing that was there before, and no state of delivery but "Not delivered". */
function Announcer({ buddy, items, isRead }: { buddy: Buddy; items: readonly ChatItem[]; isRead: boolean }) {
  const { store } = useParley()
  const [said, setSaid] = useState<readonly { id: string; words: string }[]>([])
  const known = useRef<ReadonlySet<string>>(undefined)
  useEffect(() => {
    if (isRead && known.current === undefined) known.current = new Set(items.map((item) => item.id))
  }, [isRead, items])
  useEffect(() => store.onEvent((event) => {
    if (event.e !== 'item' || event.ik !== buddy.ik || event.item.kind !== 'message' || known.current === undefined) return
    const { id, mine, text, state } = event.item
    if (mine ? state !== 'failed' : known.current.has(id)) return
    known.current = new Set([...known.current, id])
    const short = text.length > SAID ? `${text.slice(0, SAID)}…` : text
    setSaid((before) => [...before, { id, words: mine ? t('messages.notDelivered', { text: short }) : t('messages.said', { name: buddy.name, text: short }) }])
    setTimeout(() => setSaid((before) => before.filter((one) => one.id !== id)), SAID_FOR)
  }), [store, buddy.ik, buddy.name])
  return <div className={textCss.sr} role="status" aria-atomic={false} aria-relevant="additions">{said.map(({ id, words }) => <p key={id}>{words}</p>)}</div>
}
