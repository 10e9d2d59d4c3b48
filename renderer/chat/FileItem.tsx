import { memo, useId } from 'react'
import type { ChatItem } from '../../protocol/app/views.ts'
import { useTransfer } from '../store/parley.ts'
import { Buttons } from '../transfers/Buttons.tsx'
import { FileName, FileSign, StateBar, StateLine } from '../transfers/parts.tsx'
import { Picture } from '../transfers/Picture.tsx'
import { factsOf, fileSays, nameSaid } from '../transfers/says.ts'
import { useActs } from '../transfers/useActs.ts'
import { cx } from '../ui/cx.ts'
import { ErrorLine } from '../ui/Field.tsx'
import { clock } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import type { ArticleProps } from './article.ts'
import css from './FileItem.module.css'
import message from './Message.module.css'

/** Whose line has its size, or more of it, already. */
const SAYS_SIZE: ReadonlySet<string> = new Set(['asking', 'moving'])

/** A file or a folder among the messages: what it is, what has become of it, what can be done. */
export const FileItem = memo(function FileItem({ row, place, of, item, buddy, id, isTabStop, onFocus }: ArticleProps & { item: ChatItem & { kind: 'file' } }) {
  const transfer = useTransfer(item.transfer)
  const { run, refusal } = useActs(transfer)
  const cardId = useId()
  const time = clock(item.at)
  const says = fileSays(transfer, buddy.name, true)
  const tabIndex = isTabStop ? 0 : -1
  return (
    <article
      id={id}
      aria-label={item.mine ? t('message.mine', { time, state: nameSaid(says.name) }) : t('message.theirs', { name: buddy.name, time })}
      aria-describedby={cardId}
      aria-posinset={place}
      aria-setsize={of}
      tabIndex={tabIndex}
      data-stop={isTabStop ? 'log' : undefined}
      className={cx(message.message, css.item, item.mine ? message.mine : message.theirs, row.isLast && message.last)}
      onFocus={(event) => event.target.closest('article') === event.currentTarget && onFocus(item.id)}
    >
      {!item.mine && row.isFirst && <header className={message.from}><b><bdi>{buddy.name}</bdi></b><time>{time}</time></header>}
      {transfer.hasPreview && <Picture id={transfer.id} name={transfer.name} />}
      <div className={css.card}>
        <FileSign type={transfer.type} inCard />
        <div className={css.body} id={cardId}>
          <FileName name={transfer.name} ending={transfer.ending} />
          <StateBar says={says} name={transfer.name} />
          <StateLine says={says} size={SAYS_SIZE.has(transfer.state.at) ? undefined : factsOf(transfer)} />
        </div>
        <Buttons transfer={transfer} name={buddy.name} run={run} inCard tabIndex={tabIndex} />
        {refusal && <div className={css.refusal}><ErrorLine>{sentence(refusal)}</ErrorLine></div>}
      </div>
      {row.hasMeta && <p className={message.meta}><time>{time}</time></p>}
    </article>
  )
})
