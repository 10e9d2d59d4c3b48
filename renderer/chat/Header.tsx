import { ChevronLeft, Ellipsis, NotebookText, SquareArrowOutUpRight } from 'lucide-react'
import type { Buddy, KeepChoice } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useSecondsUntil } from '../store/now.ts'
import { useParley, useShown } from '../store/parley.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { Icon } from '../ui/Icon.tsx'
import { cx } from '../ui/cx.ts'
import { Menu, MenuChoice, MenuItem } from '../ui/Menu.tsx'
import { LinkSign, Seal } from '../ui/signs.tsx'
import { useUndo } from '../ui/Undo.tsx'
import { shortDate } from '../words/dates.ts'
import { t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { block } from './block.ts'
import { useKeepChoice } from './keep.ts'
import css from './Header.module.css'
import { keepTip, keepWords, linkWords } from './strip.ts'

/** Who it is, whether verified, how you are connected, and what both sides keep. */
export function Header({ buddy }: { buddy: Buddy }) {
  const { go, isPopOut } = useShell()
  const { client } = useParley()
  const canPopOut = useShown((state) => state.can.popOut)
  const popOut = async () => {
    const { url } = await client.call('popOut', { ik: buddy.ik })
    if (url !== undefined) window.open(url, '_blank', 'popup,width=480,height=640')
    go({ at: 'home' })
  }
  return (
    <header className={css.head}>
      {!isPopOut && <IconButton label={t('back')} className={css.back} onClick={() => go({ at: 'home' })}><Icon of={ChevronLeft} /></IconButton>}
      <div className={css.title}>
        <h1><bdi>{buddy.name}</bdi></h1>
        {!buddy.keyChanged && <Trust buddy={buddy} />}
      </div>
      <div className={css.tools}>
        {canPopOut && !isPopOut && <IconButton label={t('popOut')} title={t('popOut.tip')} onClick={() => void popOut()}><Icon of={SquareArrowOutUpRight} /></IconButton>}
        {!isPopOut && <BuddyMenu buddy={buddy} />}
      </div>
      <div className={css.strip}>
        <Connection buddy={buddy} />
        <Logging buddy={buddy} />
      </div>
    </header>
  )
}

function Trust({ buddy }: { buddy: Buddy }) {
  if (buddy.level === 'unverified') return null
  if (buddy.level === 'linked') return <Seal verified={false} title={t('trust.linked.tip')} />
  return <Seal verified title={buddy.verifiedAt === undefined ? t('trust.verified') : t('trust.verified.tip', { date: shortDate(buddy.verifiedAt) })} />
}

function BuddyMenu({ buddy }: { buddy: Buddy }) {
  const { go, ask } = useShell()
  const { client } = useParley()
  const undo = useUndo()
  const { ik } = buddy
  return (
    <Menu label={t('more')} button={<IconButton label={t('more')}><Icon of={Ellipsis} /></IconButton>}>
      <MenuItem onSelect={() => go({ at: 'profile', ik })}>{t('profile')}</MenuItem>
      {buddy.canShares && <MenuItem onSelect={() => go({ at: 'shares', ik })}>{t('shares.browse')}</MenuItem>}
      <MenuItem onSelect={() => ask({ about: 'numbers', ik })}>{t('numbers')}</MenuItem>
      <MenuItem onSelect={() => void client.call('setNotify', { ik, on: !buddy.notify })}>{t(buddy.notify ? 'notify.stop' : 'notify.start', { name: buddy.name })}</MenuItem>
      <MenuItem onSelect={() => ask({ about: 'remove', ik })}>{t('remove.more')}</MenuItem>
      <MenuItem danger onSelect={() => void block(client, undo, buddy)}>{t('block')}</MenuItem>
    </Menu>
  )
}

function Connection({ buddy }: { buddy: Buddy }) {
  const { go, isPopOut } = useShell()
  const { client } = useParley()
  const server = useShown((state) => state.me?.serverLabel ?? '')
  const { shape, text, tip, name } = linkWords(buddy.link, buddy, server)
  const shown = <>{shape && <LinkSign of={shape} />}<span className={css.text}><Words k={text.k} {...text.values} /></span></>
  const title = tip && t(tip.k, tip.values)
  return (
    <span className={css.part}>
      <span className={css.part} role="status" aria-label={t(name.k, name.values)} title={title}>
        {isPopOut ? <span className={css.half}>{shown}</span> : <button type="button" className={css.half} onClick={() => go({ at: 'profile', ik: buddy.ik })}>{shown}</button>}
      </span>
      {buddy.link.at === 'alarm' && <Button look="inline" onClick={() => void client.call('retryLink', { ik: buddy.ik })}>{t('link.alarm.again')}</Button>}
      {buddy.link.at === 'retry' && <Retry until={buddy.link.until} onNow={() => void client.call('retryLink', { ik: buddy.ik })} />}
    </span>
  )
}

function Retry({ until, onNow }: { until: number; onNow: () => void }) {
  const seconds = useSecondsUntil(until)
  return <span>{t('connection.again', { seconds })} <Button look="inline" onClick={onNow}>{t('now')}</Button></span>
}

const KEEPS: readonly KeepChoice[] = ['disk', 'session', 'off']

function Logging({ buddy }: { buddy: Buddy }) {
  const { name, mine, theirs } = buddy
  const yours = keepWords(mine, 'mine', name)
  const his = keepWords(theirs, 'theirs', name)
  const inName = [keepWords(mine, 'mine', name, 'yes'), keepWords(theirs, 'theirs', name, 'yes')].map(({ k, values }) => t(k, values))
  const yourTip = keepTip(mine, 'mine', name)
  const hisTip = keepTip(theirs, 'theirs', name)
  const choose = useKeepChoice(buddy)
  return (
    <span className={css.part} role="status" aria-label={t('logging', { mine: inName[0], theirs: inName[1] })}>
      <Icon of={NotebookText} small />
      <Menu label={t('keep')} button={<button type="button" className={cx(css.half, css.own)} title={t('logging.change', { tip: t(yourTip.k, yourTip.values) })}><span><Words k={yours.k} {...yours.values} /></span></button>}>
        {KEEPS.map((keep) => (
          <MenuChoice key={keep} name="keep" value={keep} isChosen={mine.chosen && mine.mode === keep} onSelect={() => choose(keep)}>{t(`keep.${keep}`)}</MenuChoice>
        ))}
      </Menu>
      <span aria-hidden className={css.own}>·</span>
      <span title={t(hisTip.k, hisTip.values)}><Words k={his.k} {...his.values} /></span>
    </span>
  )
}
