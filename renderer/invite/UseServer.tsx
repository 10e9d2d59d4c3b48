import { useState } from 'react'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorLine, Field } from '../ui/Field.tsx'
import text from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'

/** From "this computer" to a server, with the same keys; offered while there is no buddy. */
export function UseServer({ onClose }: { onClose: () => void }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const own = useShown((state) => state.me?.addr.split('@')[0])
  const [handle, setHandle] = useState(own ?? '')
  const [server, setServer] = useState('')
  const [invite, setInvite] = useState('')
  const [isMissing, setIsMissing] = useState(false)
  const move = async () => {
    setIsMissing(server.trim() === '')
    if (server.trim() === '') return
    const where = { kind: 'server', server: server.trim(), ...(invite.trim() && { invite: invite.trim() }) } as const
    const { done } = await act(() => client.call('moveToServer', { handle, where }))
    if (done) onClose()
  }
  const words = refusal && sentence(refusal, { server, handle })
  const isAboutHandle = refusal === 'bad-handle' || refusal === 'handle-taken'
  const isAboutServer = refusal === 'bad-server' || refusal === 'no-server' || refusal === 'invite-required' || refusal === 'wrong-server'
  return (
    <Dialog title={t('invite.useServer')} about={t('useServer.about')} onClose={onClose} onSubmit={move}>
      <div style={{ display: 'grid', gap: 'var(--s4)', marginBlockStart: 'var(--s4)' }}>
        <Field label={t('handle')} value={handle} onChange={setHandle} dir="ltr" error={isAboutHandle && words} />
        <Field label={t('where.server.field')} placeholder={t('where.server.hint')} value={server} onChange={setServer} dir="ltr" error={isMissing ? t('where.server.missing') : isAboutServer && words} />
        {(refusal === 'invite-required' || invite !== '') && <Field label={t('where.code')} value={invite} onChange={setInvite} dir="ltr" />}
        {words && !isAboutHandle && !isAboutServer && <ErrorLine>{words}</ErrorLine>}
        <p className={`${text.quiet} ${text.small}`}>{t('useServer.keys')}</p>
      </div>
      <Actions>
        <Button big onClick={onClose}>{t('notNow')}</Button>
        <Button big look="primary" type="submit">{t('useServer.go')}</Button>
      </Actions>
    </Dialog>
  )
}
