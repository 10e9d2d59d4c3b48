import { useState } from 'react'
import type { Ik } from '../../protocol/ids.ts'
import { useShell } from '../shell.ts'
import { useBuddy, useParley } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Check } from '../ui/Field.tsx'
import text from '../ui/text.module.css'
import { useUndo } from '../ui/Undo.tsx'
import { useCount } from './count.ts'
import { t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'

/** Out of sight at once, gone when the time to take it back is over. */
export function Remove({ ik, onClose }: { ik: Ik; onClose: () => void }) {
  const buddy = useBuddy(ik)
  const { client } = useParley()
  const { go, setLeaving } = useShell()
  const undo = useUndo()
  const [deleteMessages, setDeleteMessages] = useState(false)
  const count = useCount(ik)
  if (buddy === undefined || count === undefined) return null
  const { name } = buddy
  const remove = () => {
    setLeaving(ik, true)
    undo({
      text: t('remove.done', { name }),
      undo: () => setLeaving(ik, false),
      commit: () => void client.call('removeBuddy', { ik, deleteMessages }).catch(() => {}).then(() => setLeaving(ik, false)),
    })
    onClose()
    go({ at: 'home' })
  }
  return (
    <Dialog title={<Words k="remove.title" name={name} />} about={<Words k="remove.about" name={name} count={count.messages} waiting={count.waiting} />} onClose={onClose} onSubmit={remove}>
      <div className={text.apart}><Check label={t('remove.deleteToo')} checked={deleteMessages} onChange={setDeleteMessages} /></div>
      <Actions>
        <Button big onClick={onClose}>{t('cancel')}</Button>
        <Button big look="line" danger type="submit">{t('remove')}</Button>
      </Actions>
    </Dialog>
  )
}
