import type { Ik } from '../../protocol/ids.ts'
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

/** A request is accepted with two answers; Esc leaves it standing. */
export function Accept({ ik, onClose }: { ik: Ik; onClose: () => void }) {
  const request = useShown((state) => state.requests.find((other) => other.ik === ik))
  const { client } = useParley()
  const { go } = useShell()
  const { act, refusal } = useAct()
  const consent = useConsent()
  if (request === undefined) return null
  const accept = async () => {
    const answers = consent.answered()
    if (answers === undefined) return
    const { done } = await act(() => client.call('accept', { ik, ...answers }))
    if (!done) return
    onClose()
    go({ at: 'chat', ik })
  }
  const { name, addr } = request
  return (
    <Dialog
      sign={<Avatar name={name} seed={ik} />}
      title={<Words k="accept.title" name={name} />}
      about={<Words k={request.byInvite ? 'accept.byInvite' : 'accept.notVerified'} addr={addr} />}
      onClose={onClose}
      onSubmit={accept}
    >
      <ConsentGroups consent={consent} name={name} />
      <p className={`${text.quiet} ${text.tiny} ${text.apart}`}><Words k="accept.bothSee" name={name} /></p>
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <Actions>
        <Button big onClick={onClose}>{t('notNow')}</Button>
        <Button big look="primary" type="submit">{t('accept')}</Button>
      </Actions>
    </Dialog>
  )
}
