import type { Transfer } from '../../protocol/app/views.ts'
import { placeBefore } from '../keys.ts'
import { useShell } from '../shell.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { KeepFocus } from '../ui/KeepFocus.tsx'
import { Page } from '../ui/Page.tsx'
import text from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'
import { type Part, PARTS, partOf } from './sections.ts'
import { Row } from './Row.tsx'
import css from './Transfers.module.css'

/** Everything that is asked, on its way, here or over. */
export function Transfers() {
  const { place, go, lastChat, leavingTransfers } = useShell()
  const all = useShown((state) => state.transfers)
  const shown = all.filter(({ id, cleared }) => !cleared && !leavingTransfers.has(id))
  const { act, refusal } = useAct()
  const { client } = useParley()
  const moving = shown.filter(({ state }) => state.at === 'moving' || state.at === 'queued')
  const paused = shown.filter(({ state }) => state.at === 'paused' && state.why === 'me')
  const pauseAll = (on: boolean) => void act(() => client.call('pauseAll', { on }))
  const actions = (
    <>
      {moving.length > 0
        ? <Button look="link" onClick={() => pauseAll(true)}>{t('transfers.pauseAll')}</Button>
        : paused.length > 1 && <Button look="link" onClick={() => pauseAll(false)}>{t('transfers.resumeAll')}</Button>}
      {shown.some((transfer) => isFinished(transfer)) && <Button look="link" onClick={() => void act(() => client.call('clearFinished', {}))}>{t('transfers.clear')}</Button>}
    </>
  )
  return (
    <Page title={t('transfers')} name={t('transfers')} back={t('back')} onBack={() => go(placeBefore(place, lastChat))} actions={actions} isWide>
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      {shown.length === 0 && <p className={text.quiet}>{t('transfers.none')}</p>}
      <KeepFocus>{PARTS.map((part) => <KeepFocus key={part}><Section part={part} transfers={shown.filter((transfer) => partOf(transfer) === part)} /></KeepFocus>)}</KeepFocus>
    </Page>
  )
}

const isFinished = ({ state }: Transfer) => state.at === 'arrived' || state.at === 'damaged' || state.at === 'sent' || state.at === 'ended'

function Section({ part, transfers }: { part: Part; transfers: readonly Transfer[] }) {
  if (transfers.length === 0) return null
  const title = t(`transfers.part.${part}`)
  return (
    <div className={css.part}>
      <h2>{title}</h2>
      <ul aria-label={title}>{transfers.map((transfer) => <Row key={transfer.id} transfer={transfer} />)}</ul>
    </div>
  )
}
