import { useState } from 'react'
import type { InvitePreview } from '../../protocol/app/api.ts'
import { useAct, useParley } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Field } from '../ui/Field.tsx'
import { sentence, t } from '../words/index.ts'
import { Step } from './Step.tsx'

/** A pasted link, before there is an identity. */
export function OpenInvite({ onBack, onRead }: { onBack: () => void; onRead: (link: string, preview: InvitePreview) => void }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const [link, setLink] = useState('')
  const read = async () => {
    const found = await act(() => client.call('readInvite', { link: link.trim() }))
    if (found.done) onRead(link.trim(), found.value)
  }
  return (
    <Step title={t('welcome.openInvite')} onSubmit={read}>
      <Field label={t('invite.link')} hint={t('openInvite.hint')} value={link} onChange={setLink} dir="ltr" error={refusal && sentence(refusal)} />
      <Actions>
        <Button big onClick={onBack}>{t('back')}</Button>
        <Button big look="primary" type="submit">{t('next')}</Button>
      </Actions>
    </Step>
  )
}
