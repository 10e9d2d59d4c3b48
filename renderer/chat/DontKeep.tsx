import type { Ik } from '../../protocol/ids.ts'
import { useAct, useBuddy, useParley } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { useCount } from './count.ts'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'

/** Before a conversation is no longer kept: what becomes of what is here. */
export function DontKeep({ ik, onClose }: { ik: Ik; onClose: () => void }) {
  const buddy = useBuddy(ik)
  const { client } = useParley()
  const { act, refusal } = useAct()
  const count = useCount(ik)
  if (buddy === undefined || count === undefined) return null
  const set = async (deleteHere: boolean) => {
    const { done } = await act(() => client.call('setKeep', { ik, keep: 'off', deleteHere }))
    if (done) onClose()
  }
  return (
    <Dialog title={t('dontKeep')} about={<Words k="dontKeep.about" name={buddy.name} count={count.messages} />} onClose={onClose}>
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <Actions>
        <Button big onClick={onClose}>{t('cancel')}</Button>
        <Button big look="line" onClick={() => void set(false)}>{t('dontKeep.leave')}</Button>
        <Button big look="line" danger onClick={() => void set(true)}>{t('delete')}</Button>
      </Actions>
    </Dialog>
  )
}
