import { useState } from 'react'
import { useShell } from '../shell.ts'
import { useAct, useParley } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Field } from '../ui/Field.tsx'
import text from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'

/** Which folder, typed: for hosts that can't ask with the system's dialog. A browser would not tell the path. */
export function SharePath({ onClose }: { onClose: () => void }) {
  const { client } = useParley()
  const { ask } = useShell()
  const { act, refusal, forget } = useAct()
  const [path, setPath] = useState('')
  const [isTried, setIsTried] = useState(false)
  const isMissing = isTried && path.trim() === ''
  const next = async () => {
    setIsTried(true)
    if (path.trim() === '') return
    const answer = await act(() => client.call('pickShare', { path: path.trim() }))
    if (answer.done && answer.value.pick) ask({ about: 'share', pick: answer.value.pick })
  }
  const type = (value: string) => {
    setPath(value)
    forget()
  }
  return (
    <Dialog title={t('shareFolder.title')} onClose={onClose} onSubmit={() => void next()}>
      <div className={text.apart}>
        <Field label={t('shareFolder.field')} hint={t('shareFolder.hint')} value={path} onChange={type} error={isMissing ? t('shareFolder.missing') : refusal && sentence(refusal)} />
      </div>
      <Actions>
        <Button big onClick={onClose}>{t('cancel')}</Button>
        <Button big look="primary" type="submit">{t('next')}</Button>
      </Actions>
    </Dialog>
  )
}
