import { useEffect, useState } from 'react'
import type { Result } from '../../protocol/app/api.ts'
import type { Buddy } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { useShell } from '../shell.ts'
import { useAct, useBuddy, useParley } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { QrCode } from '../ui/QrCode.tsx'
import text from '../ui/text.module.css'
import { useUndo } from '../ui/Undo.tsx'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { block } from './block.ts'
import css from './Numbers.module.css'

/** Twelve groups to compare by voice or face to face; the only way to "verified", and the way out of a changed key. */
export function Numbers({ ik, onClose }: { ik: Ik; onClose: () => void }) {
  const buddy = useBuddy(ik)
  const { client } = useParley()
  const { act, refusal } = useAct()
  const undo = useUndo()
  const [number, setNumber] = useState<Result<'safetyNumber'>>()
  const [isDifferent, setIsDifferent] = useState(false)
  useEffect(() => {
    void act(() => client.call('safetyNumber', { ik })).then((found) => found.done && setNumber(found.value))
  }, [act, client, ik])
  if (buddy === undefined) return null
  if (isDifferent) return <Different buddy={buddy} onClose={onClose} />
  const { name, keyChanged } = buddy
  const answer = async (method: 'numbersMatch' | 'acceptKey') => {
    if (number === undefined) return
    const answered = await act(() => client.call(method, { ik, code: number.code }))
    if (answered.done) {
      const { taken } = answered.value
      if (taken !== undefined && taken.waiting > 0) {
        undo({
          text: t('key.taken', { name, level: method === 'numbersMatch' ? 'verified' : 'unverified', count: taken.waiting }),
          label: t('key.dontSend', { count: taken.waiting }),
          undo: () => void client.call('dropWaiting', { ik: taken.ik }).catch(() => {}),
        })
      }
      return onClose()
    }
    // The key changed while the numbers stood here: these are the ones that count now.
    const found = await act(() => client.call('safetyNumber', { ik }))
    if (found.done) setNumber(found.value)
  }
  return (
    <Dialog title={<Words k={keyChanged ? 'key.still' : 'numbers.title'} name={name} />} onClose={onClose} onSubmit={() => void answer('numbersMatch')}>
      <p className={css.about}><Words k={keyChanged ? 'key.about' : 'numbers.about'} name={name} /></p>
      {number && <Groups groups={number.groups} />}
      {number && <div className={css.code}><QrCode text={number.code} label={t('numbers.qr')} small /></div>}
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      {keyChanged && (
        <details className={css.more}>
          <summary>{t('more')}</summary>
          <p><Words k="key.without.about" name={name} /></p>
          <Button look="line" onClick={() => void answer('acceptKey')}>{t('key.without')}</Button>
        </details>
      )}
      <Actions>
        <Button big onClick={onClose}>{t('later')}</Button>
        <Button big look="line" onClick={() => setIsDifferent(true)}>{t('numbers.differ')}</Button>
        <Button big look="primary" type="submit">{t('numbers.match')}</Button>
      </Actions>
    </Dialog>
  )
}

function Groups({ groups }: { groups: readonly string[] }) {
  const [isRead, setIsRead] = useState(false)
  const spoken = groups.map((digits, index) => t('numbers.group', { n: index + 1, digits: [...digits].join(' ') }))
  useEffect(() => {
    if (!isRead) return
    const timer = setTimeout(() => setIsRead(false), 500)
    return () => clearTimeout(timer)
  }, [isRead])
  return (
    <>
      <ol className={css.groups} dir="ltr" aria-label={t('numbers.list')}>
        {groups.map((digits, index) => <li key={index} aria-label={spoken[index]}>{digits}</li>)}
      </ol>
      <button type="button" className={css.again} onClick={() => setIsRead(true)}>{t('numbers.again')}</button>
      <p className={text.sr} role="status">{isRead && spoken.join('. ')}</p>
    </>
  )
}

function Different({ buddy, onClose }: { buddy: Buddy; onClose: () => void }) {
  const { client } = useParley()
  const { ask } = useShell()
  const undo = useUndo()
  return (
    <Dialog title={<Words k="numbers.stopped" name={buddy.name} />} about={t(buddy.keyChanged ? 'numbers.stopped.key' : 'numbers.stopped.about')} onClose={onClose}>
      <Actions>
        <Button big onClick={onClose}>{t('close')}</Button>
        <Button big look="line" onClick={() => ask({ about: 'remove', ik: buddy.ik })}>{t('remove')}</Button>
        <Button big look="line" danger onClick={() => void block(client, undo, buddy).then(onClose)}>{t('block')}</Button>
      </Actions>
    </Dialog>
  )
}
