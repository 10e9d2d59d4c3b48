import { Hand, TriangleAlert } from 'lucide-react'
import { useId } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useNow } from '../store/now.ts'
import { useParley, useShown } from '../store/parley.ts'
import { Avatar } from '../ui/Avatar.tsx'
import { Button } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { Icon } from '../ui/Icon.tsx'
import { PresenceSign, Ticks } from '../ui/signs.tsx'
import { rowTime, shortDate } from '../words/dates.ts'
import { t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { isThere } from './order.ts'
import css from './rows.module.css'

interface BuddyRowProps {
  buddy: Buddy
  isTwin: boolean
  isTabStop: boolean
  onFocus: () => void
}

export function BuddyRow({ buddy, isTwin, isTabStop, onFocus }: BuddyRowProps) {
  return buddy.state === 'asked' ? <AskedRow buddy={buddy} /> : <AcceptedRow {...{ buddy, isTwin, isTabStop, onFocus }} />
}

function AcceptedRow({ buddy, isTwin, isTabStop, onFocus }: BuddyRowProps) {
  const { place, go } = useShell()
  const now = useNow()
  const id = useId()
  const isSelected = (place.at === 'chat' || place.at === 'profile') && place.ik === buddy.ik
  const name = nameOf(buddy)
  return (
    <li aria-label={name}>
      <button
        type="button"
        data-row
        data-stop={isTabStop ? 'list' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        className={cx(css.row, isSelected && css.selected, buddy.unread > 0 && css.unread)}
        aria-label={name}
        aria-describedby={id}
        aria-current={isSelected || undefined}
        onFocus={onFocus}
        onClick={() => go({ at: 'chat', ik: buddy.ik })}
      >
        <Avatar name={buddy.name} seed={buddy.ik}>{buddy.presence !== 'unknown' && <PresenceSign of={buddy.presence} />}</Avatar>
        <span className={css.body}>
          <span className={css.who}>
            <bdi className={css.name}>{buddy.name}</bdi>
            {buddy.status !== '' && isThere(buddy.presence) && <bdi className={css.status}>{buddy.status}</bdi>}
          </span>
          <span className={css.last} id={id}><LastLine buddy={buddy} isTwin={isTwin} /></span>
        </span>
        <span className={css.side}>
          {buddy.last ? <time>{rowTime(buddy.last.at, now)}</time> : <i />}
          {buddy.unread > 0 ? <span className={css.badge} aria-hidden>{buddy.unread}</span> : buddy.waiting > 0 && <Ticks of="waiting" title={t('state.waiting')} />}
        </span>
      </button>
    </li>
  )
}

function LastLine({ buddy, isTwin }: { buddy: Buddy; isTwin: boolean }) {
  if (buddy.keyChanged) return <span className={css.alarm}><Icon of={TriangleAlert} small />{t('list.keyChanged')}</span>
  if (isTwin || buddy.last === undefined) return <bdi>{buddy.addr}</bdi>
  return buddy.last.mine ? <Words k="list.you" text={buddy.last.text} /> : <bdi>{buddy.last.text}</bdi>
}

/** `NAME, STATUS`, then what waits; tests match the beginning. */
function nameOf(buddy: Buddy): string {
  const parts = [buddy.presence === 'unknown' ? buddy.name : t(`list.item.${buddy.presence}`, { name: buddy.name })]
  if (buddy.unread > 0) parts.push(t('list.item.unread', { count: buddy.unread }))
  if (buddy.waiting > 0) parts.push(t('list.item.waiting', { count: buddy.waiting }))
  if (buddy.status !== '' && isThere(buddy.presence)) parts.push(buddy.status)
  return parts.join(', ')
}

function AskedRow({ buddy }: { buddy: Buddy }) {
  const { client } = useParley()
  const asked = t('list.asked', { date: shortDate(buddy.askedAt ?? 0) })
  return (
    <li aria-label={t('list.item.asked', { name: buddy.name, asked })} className={css.row}>
      <Avatar name={buddy.name} seed={buddy.ik} />
      <span className={css.body}>
        <span className={css.who}><bdi className={css.name}>{buddy.name}</bdi></span>
        <span className={css.last}>{asked}</span>
      </span>
      <Button look="link" onClick={() => void client.call('withdrawRequest', { ik: buddy.ik })}>{t('withdraw')}</Button>
    </li>
  )
}

/** Strangers who wait, as one row. */
export function RequestsRow() {
  const { place, go } = useShell()
  const waiting = useShown((state) => state.requests.length)
  const refused = useShown((state) => state.refused)
  return (
    <button
      type="button"
      className={cx(css.row, css.unread, css.requests, place.at === 'requests' && css.selected)}
      aria-label={t('requests.name', { waiting })}
      aria-current={place.at === 'requests' || undefined}
      onClick={() => go({ at: 'requests' })}
    >
      <span className={css.sign}><Icon of={Hand} /></span>
      <span className={css.body}>
        <span className={css.who}><span className={css.name}>{t('requests')}</span></span>
        <span className={css.last}>{t('requests.count', { waiting, refused })}</span>
      </span>
      <span className={css.side}><i /><span className={css.badge} aria-hidden>{waiting}</span></span>
    </button>
  )
}
