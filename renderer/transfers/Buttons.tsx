import { Ellipsis, FolderOpen, Pause, Play, X } from 'lucide-react'
import { useId } from 'react'
import type { Transfer } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useShown } from '../store/parley.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { Icon } from '../ui/Icon.tsx'
import { Menu, MenuItem } from '../ui/Menu.tsx'
import text from '../ui/text.module.css'
import { type Key, t } from '../words/index.ts'
import { type Act, actionsOf } from './actions.ts'
import css from './Buttons.module.css'

const WORDS: Record<Act, Key> = {
  accept: 'accept', reject: 'transfer.reject', pause: 'transfer.pause', resume: 'transfer.resume', cancel: 'cancel', open: 'transfer.open', 'open-step': 'transfer.openStep',
  show: 'transfer.show', 'show-step': 'transfer.showStep', save: 'transfer.saveAs', 'save-step': 'transfer.saveAs', tell: 'transfer.tell', delete: 'delete',
  'ask-again': 'transfer.askAgain', 'offer-again': 'transfer.offerAgain', 'offer-new': 'transfer.offerNew', find: 'transfer.find', always: 'transfer.always', 'set-up-scanner': 'transfer.scanner',
}
const ICONS = { pause: Pause, resume: Play, cancel: X, show: FolderOpen } as const
/** Beside another button these are plain: that one is what one mostly wants. */
const PLAIN: ReadonlySet<Act> = new Set(['reject', 'tell'])

interface ButtonsProps {
  transfer: Transfer
  name: string
  run(act: Act): void
  /** There is little room beside the words. */
  inCard?: boolean
  /** Reached with Tab; in a chat only those of the message that has the focus. */
  tabIndex?: 0 | -1
}

/** What can be done with a transfer. */
export function Buttons({ transfer, name, run, inCard = false, tabIndex = 0 }: ButtonsProps) {
  const openFiles = useShown((state) => state.can.openFiles)
  const { isPopOut } = useShell()
  const { buttons, more: all } = actionsOf(transfer, openFiles)
  // A window of one chat has no Settings.
  const more = isPopOut ? all.filter((act) => act !== 'set-up-scanner') : all
  const id = useId()
  if (buttons.length + more.length === 0) return null
  const { state } = transfer
  const isWordy = buttons.length > 1 && !(buttons[0]! in ICONS)
  const off = state.at === 'asking' && state.needs !== undefined ? t('transfer.noRoom') : state.at === 'scanning' ? t('file.tip.scanning') : undefined
  return (
    <div className={cx(css.acts, isWordy && css.wordy, isWordy && inCard && css.below, buttons.length + Math.min(1, more.length) > 2 && css.many, buttons.some((act) => !(act in ICONS)) && css.wide)}>
      {more.length > 0 && (
        <Menu label={t('transfer.more')} button={<IconButton label={t('transfer.more')} tabIndex={tabIndex}><Icon of={Ellipsis} /></IconButton>}>
          {more.map((act) => <MenuItem key={act} danger={act === 'delete'} onSelect={() => run(act)}>{t(WORDS[act], { name })}</MenuItem>)}
        </Menu>
      )}
      {buttons.map((act) => {
        if (act in ICONS) return <IconButton key={act} label={t(WORDS[act])} tabIndex={tabIndex} onClick={() => run(act)}><Icon of={ICONS[act as keyof typeof ICONS]} /></IconButton>
        const isOff = off !== undefined && act !== 'reject'
        return (
          <Button
            key={act}
            look={act === 'accept' && !isOff ? 'primary' : PLAIN.has(act) ? 'plain' : 'line'}
            danger={act === 'delete'}
            tabIndex={tabIndex}
            aria-disabled={isOff || undefined}
            aria-describedby={isOff ? id : undefined}
            className={cx(isOff && css.off)}
            onClick={() => isOff || run(act)}
          >
            {t(WORDS[act], { name })}
          </Button>
        )
      })}
      {off !== undefined && <span id={id} className={text.sr}>{off}</span>}
    </div>
  )
}
