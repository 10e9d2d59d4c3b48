import { useEffect, useRef } from 'react'
import type { Transfer, Verdict } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useAct, useBuddy, useParley, useTransfer } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import text from '../ui/text.module.css'
import { type Key, sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './Release.module.css'
import { RELEASES } from './useActs.ts'

type How = keyof typeof RELEASES

/** [FI13] Before a file leaves the vault unchecked, or though it can run programs: what is known of it, and *Cancel* first. */
export function Release({ transfer: then, how, onClose }: { transfer: Transfer; how: How; onClose: () => void }) {
  const transfer = useTransfer(then)
  const isOver = transfer.state.at !== 'arrived'
  useEffect(() => {
    if (isOver) onClose()
  }, [isOver, onClose])
  return transfer.state.at === 'arrived' ? <Question transfer={transfer} verdict={transfer.state.verdict} how={how} onClose={onClose} /> : null
}

function Question({ transfer, verdict, how, onClose }: { transfer: Transfer; verdict: Verdict; how: How; onClose: () => void }) {
  const { client } = useParley()
  const { go, isPopOut } = useShell()
  const { act, refusal } = useAct()
  const name = useBuddy(transfer.ik)?.name ?? t('transfer.someone')
  const cancel = useRef<HTMLButtonElement>(null)
  useEffect(() => cancel.current?.focus(), [])
  const goOn = async () => {
    const { done } = await act<unknown>(() => client.call(RELEASES[how], { id: transfer.id, anyway: true }))
    if (done) onClose()
  }
  const setUp = () => {
    onClose()
    go({ at: 'settings', part: 'files' })
  }
  const isUnscanned = verdict.is === 'unscanned' && !transfer.isRisky
  return (
    <Dialog title={<Words k={isUnscanned ? `release.${how}.noScan` : `release.${how}`} file={transfer.name} />} onClose={onClose}>
      <p className={text.apart}>{why(transfer, verdict).map((k) => `${t(k)} `)}<Words k={`release.${how}.expected`} name={name} /></p>
      {verdict.is === 'unscanned' && verdict.why !== 'too-big' && !isPopOut && <p className={css.setUp}><Button look="inline" onClick={setUp}>{t('transfer.scanner')}</Button></p>}
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <Actions>
        <Button big look="line" onClick={() => void goOn()}>{t(GO_ON[how])}</Button>
        <Button big look="primary" ref={cancel} onClick={onClose}>{t('cancel')}</Button>
      </Actions>
    </Dialog>
  )
}

const GO_ON = { open: 'release.openAnyway', show: 'release.showAnyway', save: 'transfer.saveAs' } as const

/** What it could do, and what is not known of it. */
function why({ type, isRisky }: Transfer, verdict: Verdict): Key[] {
  const checked: Key[] = verdict.is === 'partly' || verdict.is === 'unscanned' ? [`release.${verdict.why}`] : []
  if (!isRisky) return checked
  switch (type) {
    case 'macro-document':
    case 'macro-sheet':
    case 'macro-slides':
    case 'unknown': return [`release.risky.${type}`, ...checked]
    default: return ['release.risky', ...checked]
  }
}
