import { useRef, useState } from 'react'
import type { Share } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { UntilGroup, With } from './Form.tsx'
import { dayText, type Until, untilOf } from './until.ts'

interface Props {
  id: string
  what: 'with' | 'until'
  onClose: () => void
}

/** Who sees a folder, or until when, for one that is shared. */
export function ChangeShare({ id, what, onClose }: Props) {
  const share = useShown((state) => state.shares.find((one) => one.id === id))
  return share && <Sheet share={share} what={what} onClose={onClose} />
}

function Sheet({ share, what, onClose }: Omit<Props, 'id'> & { share: Share }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const [chosen, setChosen] = useState<readonly Ik[]>(share.with)
  const [until, setUntil] = useState<Until>({ is: 'date', day: dayText(share.until) })
  const [isTried, setIsTried] = useState(false)
  const people = useRef<HTMLFieldSetElement>(null)
  const end = untilOf(until, Date.now())
  const save = async () => {
    setIsTried(true)
    if (what === 'with' ? chosen.length === 0 : end === undefined) return people.current?.focus()
    const { done } = await act(() => client.call('changeShare', what === 'with' ? { id: share.id, with: [...chosen] } : { id: share.id, until: end }))
    if (done) onClose()
  }
  return (
    <Dialog title={<Words k="share.change.title" share={share.name} />} onClose={onClose} onSubmit={() => void save()}>
      {what === 'with'
        ? <With chosen={chosen} onChange={setChosen} error={isTried && chosen.length === 0 ? t('share.choose.stop') : undefined} place={people} />
        : <UntilGroup value={until} onChange={setUntil} error={isTried && end === undefined ? t('share.until.wrong') : undefined} />}
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <Actions>
        <Button big onClick={onClose}>{t('cancel')}</Button>
        <Button big look="primary" type="submit">{t('save')}</Button>
      </Actions>
    </Dialog>
  )
}
