import { memo, useId, useState } from 'react'
import type { ChatItem } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useParley } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import textCss from '../ui/text.module.css'
import { Ticks } from '../ui/signs.tsx'
import { clock } from '../words/dates.ts'
import { t } from '../words/index.ts'
import type { ArticleProps } from './article.ts'
import { findLinks } from './links.ts'
import css from './Message.module.css'
import { MessageMenu } from './MessageMenu.tsx'
import { type DeliveryContext, deliveryTip } from './strip.ts'

/** Longer texts are folded, lines and characters. */
const FOLD_LINES = 20
const FOLD_CHARACTERS = 2_000

interface MessageProps extends ArticleProps {
  item: ChatItem & { kind: 'message' }
  context: DeliveryContext
}

/** One message. Its neighbours of the same sender stand close; time and delivery stand once for them all. */
export const Message = memo(function Message({ row, place, of, item, buddy, context, id, isTabStop, onFocus }: MessageProps) {
  const { client } = useParley()
  const textId = useId()
  // A chat shows many: only the one that is looked at has its menu.
  const [isNear, setIsNear] = useState(false)
  const time = clock(item.at)
  const state = item.mine ? t(`state.${item.state ?? 'sent'}`) : undefined
  const tip = item.mine ? deliveryTip(item, context) : undefined
  const isFailed = item.state === 'failed'
  return (
    <article
      id={id}
      aria-label={state === undefined ? t('message.theirs', { name: buddy.name, time }) : t('message.mine', { time, state })}
      aria-describedby={textId}
      aria-posinset={place}
      aria-setsize={of}
      tabIndex={isTabStop ? 0 : -1}
      data-stop={isTabStop ? 'log' : undefined}
      className={cx(css.message, item.mine ? css.mine : css.theirs, row.isFirst && css.first, row.isLast && css.last)}
      onPointerEnter={() => setIsNear(true)}
      onFocus={(event) => {
        setIsNear(true)
        if (event.target.closest('article') === event.currentTarget) onFocus(item.id)
      }}
    >
      {!item.mine && row.isFirst && <header className={css.from}><b><bdi>{buddy.name}</bdi></b><time>{time}</time></header>}
      <div className={css.line}>
        <div className={css.text} id={textId} dir="auto"><Text text={item.text} isTabStop={isTabStop} /></div>
        {(isNear || isTabStop) && (
          <div className={css.tools}>
            <MessageMenu item={item} buddy={buddy} isTabStop={isTabStop} />
            {!row.hasMeta && !(row.isFirst && !item.mine) && <time className={css.quietTime} aria-hidden>{time}</time>}
          </div>
        )}
      </div>
      {row.hasMeta && tip && (
        <p className={cx(css.meta, isFailed && css.failed)}>
          {isFailed && <><b>{state}</b> {t(tip.k, tip.values)}<Button look="inline" tabIndex={isTabStop ? 0 : -1} onClick={() => void client.call('sendAgain', { ik: buddy.ik, id: item.id })}>{t('sendAgain')}</Button></>}
          <time>{time}</time>
          <Ticks of={item.state ?? 'sent'} title={t(tip.k, tip.values)} />
          {!isFailed && <span className={textCss.sr}>{t(tip.k, tip.values)}</span>}
        </p>
      )}
    </article>
  )
})

function Text({ text, isTabStop }: { text: string; isTabStop: boolean }) {
  const { ask } = useShell()
  const [isOpen, setIsOpen] = useState(false)
  const isLong = text.length > FOLD_CHARACTERS || text.split('\n').length > FOLD_LINES
  return (
    <>
      <div className={cx(isLong && !isOpen && css.folded)}>
        {findLinks(text).map((part, index) =>
          part.kind === 'text'
            ? part.text
            : <Link key={index} text={part.text} isTabStop={isTabStop} onOpen={() => ask({ about: 'link', href: part.href, host: part.host })} />)}
      </div>
      {isLong && <Button look="inline" tabIndex={isTabStop ? 0 : -1} className={css.fold} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>{t(isOpen ? 'message.less' : 'message.all')}</Button>}
    </>
  )
}

/** Not an anchor: there is nothing to drag, to middle-click or to follow by accident. */
function Link({ text, isTabStop, onOpen }: { text: string; isTabStop: boolean; onOpen: () => void }) {
  return (
    <span
      role="link"
      tabIndex={isTabStop ? 0 : -1}
      className={css.link}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onOpen()
      }}
    >
      {text}
    </span>
  )
}
