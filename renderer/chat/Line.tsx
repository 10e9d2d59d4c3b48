import type { Buddy, ChatItem } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useParley } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { clock } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './Line.module.css'
import { lineWords } from './strip.ts'

/** Something that happened, between the messages. */
export function Line({ item, buddy }: { item: ChatItem & { kind: 'line' }; buddy: Buddy }) {
  const { ask, go, isPopOut } = useShell()
  const { client } = useParley()
  const { line } = item
  if (line.what === 'alarm') return <p className={cx(css.line, css.attention)}><span>{sentence(line.code)}</span> <time>{clock(item.at)}</time></p>
  const { k, values, isAttention } = lineWords(line, buddy.name, item.at)
  return (
    <p className={cx(css.line, isAttention && css.attention)}>
      <span><Words k={k} {...values} /></span>
      {!('time' in values) && <time>{clock(item.at)}</time>}
      {line.what === 'added-by-my-invite' && buddy.byMyInvite && (
        <span><Words k="line.notThem" name={buddy.name} /> <Button look="inline" onClick={() => ask({ about: 'remove', ik: buddy.ik })}>{t('remove')}</Button></span>
      )}
      {line.what === 'they-share' && !isPopOut && <Button look="inline" onClick={() => go({ at: 'shares', ik: buddy.ik })}>{t('shares.browse')}</Button>}
      {line.what === 'i-share' && !isPopOut && <Button look="inline" onClick={() => go({ at: 'sharing' })}>{t('sharing')}</Button>}
      {line.what === 'missing' && line.mayAsk && (
        <Button look="inline" onClick={() => void client.call('askForMissing', { ik: buddy.ik, id: item.id })}>{t('line.missing.ask', { name: buddy.name })}</Button>
      )}
    </p>
  )
}
