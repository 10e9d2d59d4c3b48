import { useEffect, useRef, useState } from 'react'
import type { InvitePreview } from '../../protocol/app/api.ts'
import { useShell } from '../shell.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Avatar } from '../ui/Avatar.tsx'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import text from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { ConsentGroups, useConsent } from './Consent.tsx'

/** "Add Ada?" Nothing is sent before the answer. */
export function AddByInvite({ link, onClose }: { link: string; onClose: () => void }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const [preview, setPreview] = useState<InvitePreview>()
  useEffect(() => {
    let isOver = false
    void act(() => client.call('readInvite', { link })).then((read) => {
      if (read.done && !isOver) setPreview(read.value)
    })
    return () => {
      isOver = true
    }
  }, [act, client, link])
  if (preview) return <Question preview={preview} link={link} onClose={onClose} />
  if (refusal === undefined) return null
  return (
    <Dialog title={t('addByInvite.cannot')} onClose={onClose} onSubmit={onClose}>
      <ErrorLine>{sentence(refusal)}</ErrorLine>
      <Actions><Button big look="primary" type="submit">{t('close')}</Button></Actions>
    </Dialog>
  )
}

function Question({ preview, link, onClose }: { preview: InvitePreview; link: string; onClose: () => void }) {
  const { client } = useParley()
  const { go } = useShell()
  const { act, refusal } = useAct()
  const connection = useShown((state) => state.connection)
  const server = useShown((state) => state.me?.serverLabel ?? preview.server)
  const [isAdding, setIsAdding] = useState(false)
  const consent = useConsent()
  const name = preview.name ?? preview.addr
  const isOn = connection.at === 'on'
  const add = useRef(async () => {})
  add.current = async () => {
    const answers = consent.answered()
    const added = answers && (await act(() => client.call('addByInvite', { link, ...answers })))
    setIsAdding(false)
    if (!added?.done) return
    onClose()
    go({ at: 'chat', ik: added.value.ik })
  }
  const isDown = connection.at === 'off' || connection.at === 'stopped'
  const submit = async () => {
    if (consent.answered() === undefined || isAdding) return
    if (isDown && !(await act(() => client.call('goOnline', {}))).done) return
    setIsAdding(true)
  }
  // As soon as the server answers, once; where signing on came to an end, *Add* can be pressed again.
  useEffect(() => {
    if (isAdding && isOn) void add.current()
    else if (isDown) setIsAdding(false)
  }, [isAdding, isOn, isDown])
  return (
    <Dialog
      sign={<Avatar name={name} seed={preview.addr} />}
      title={<Words k="addByInvite.title" name={name} />}
      about={<Words k="addByInvite.about" addr={preview.addr} />}
      onClose={onClose}
      onSubmit={submit}
    >
      <ConsentGroups consent={consent} name={name} />
      <p className={`${text.quiet} ${text.tiny} ${text.apart}`}>
        {isOn || isAdding ? <Words k="accept.bothSee" name={name} /> : t('addByInvite.goesOnline')}
      </p>
      <p role="status" className={`${text.quiet} ${text.tiny}`}>{isAdding && !isOn && <Words k="addByInvite.waits" server={server} name={name} />}</p>
      {refusal && <ErrorLine>{sentence(refusal, { server })}</ErrorLine>}
      {connection.at === 'stopped' && <ErrorLine>{sentence(connection.code, { server })}</ErrorLine>}
      <Actions>
        <Button big onClick={onClose}>{t('notNow')}</Button>
        <Button big look="primary" type="submit">{t('add.add')}</Button>
      </Actions>
    </Dialog>
  )
}
