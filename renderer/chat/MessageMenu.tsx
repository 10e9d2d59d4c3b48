import { Check, Ellipsis } from 'lucide-react'
import type { Buddy, ChatItem } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useParley } from '../store/parley.ts'
import { IconButton } from '../ui/Button.tsx'
import { useCopied } from '../ui/copied.ts'
import { Icon } from '../ui/Icon.tsx'
import { Menu, MenuItem } from '../ui/Menu.tsx'
import text from '../ui/text.module.css'
import { useUndo } from '../ui/Undo.tsx'
import { t } from '../words/index.ts'
import css from './Message.module.css'

interface MessageMenuProps {
  item: ChatItem & { kind: 'message' }
  buddy: Buddy
  isTabStop: boolean
}

/** What can be done with one message, here. */
export function MessageMenu({ item, buddy, isTabStop }: MessageMenuProps) {
  const { client } = useParley()
  const { setMessageLeaving } = useShell()
  const undo = useUndo()
  const { isCopied, copy } = useCopied()
  const { id } = item
  // Out of sight at once, gone when the time to take it back is over.
  const deleteHere = () => {
    setMessageLeaving(id, true)
    undo({
      text: t('message.deleted'),
      undo: () => setMessageLeaving(id, false),
      commit: () => void client.call('deleteMessage', { ik: buddy.ik, id }).catch(() => {}).then(() => setMessageLeaving(id, false)),
    })
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-stop=composer]')?.focus())
  }
  return (
    <>
      <Menu label={t('message.menu')} button={<IconButton label={t('message.menu')} className={css.more} tabIndex={isTabStop ? 0 : -1}><Icon of={isCopied ? Check : Ellipsis} /></IconButton>}>
        <MenuItem onSelect={() => void copy(item.text)}>{t('message.copy')}</MenuItem>
        <MenuItem danger onSelect={deleteHere}>{t('message.delete')}</MenuItem>
      </Menu>
      <span className={text.sr} role="status">{isCopied && t('copied')}</span>
    </>
  )
}
