import { useState } from 'react'
import type { Where } from '../../protocol/app/api.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { ErrorLine, Field } from '../ui/Field.tsx'
import { RadioCards } from '../ui/RadioCards.tsx'
import { t } from '../words/index.ts'
import type { Problem } from './NameStep.tsx'
import { Step } from './Step.tsx'

interface WhereStepProps {
  where: Where | undefined
  problem: Problem | undefined
  isBusy: boolean
  onBack: () => void
  onNext: (where: Where) => void
}

/** Where buddies can find you. Nothing is preset: both answers have a cost. */
export function WhereStep({ where, problem, isBusy, onBack, onNext }: WhereStepProps) {
  const choice = useWhere(where)
  const next = () => {
    const chosen = choice.chosen()
    if (chosen && !isBusy) onNext(chosen)
  }
  return (
    <Step title={t('where.title')} onSubmit={next}>
      <WhereGroup choice={choice} problem={problem} />
      <Actions>
        <Button big onClick={onBack}>{t('back')}</Button>
        <Button big look="primary" type="submit">{t(isBusy ? 'welcome.busy' : 'next')}</Button>
      </Actions>
    </Step>
  )
}

export function useWhere(before?: Where) {
  const [kind, setKind] = useState(before?.kind)
  const [server, setServer] = useState(before?.kind === 'server' ? before.server : '')
  const [invite, setInvite] = useState('')
  const [isMissing, setIsMissing] = useState(false)
  const chosen = (): Where | undefined => {
    if (kind === 'this-computer') return { kind }
    if (kind === 'server' && server.trim()) return { kind, server: server.trim(), ...(invite.trim() && { invite: invite.trim() }) }
    setIsMissing(true)
    return undefined
  }
  return { kind, setKind, server, setServer, invite, setInvite, isMissing, chosen }
}

export function WhereGroup({ choice, problem }: { choice: ReturnType<typeof useWhere>; problem: Problem | undefined }) {
  const { kind, server, invite, isMissing } = choice
  const isCodeAsked = problem?.code === 'invite-required' || invite !== ''
  const atServer = kind === 'server'
  return (
    <>
      <RadioCards
        legend={t('where')}
        value={kind}
        onChange={choice.setKind}
        error={isMissing && kind === undefined ? t('where.choose') : undefined}
        cards={[
          { value: 'this-computer', label: t('where.here'), about: t('where.here.about') },
          { value: 'server', label: t('where.server'), about: t('where.server.about') },
        ]}
      />
      {atServer && (
        <Field
          label={t('where.server.field')}
          placeholder={t('where.server.hint')}
          value={server}
          onChange={choice.setServer}
          dir="ltr"
          error={isMissing && server.trim() === '' ? t('where.server.missing') : problem?.words}
        />
      )}
      {atServer && isCodeAsked && <Field label={t('where.code')} value={invite} onChange={choice.setInvite} dir="ltr" />}
      {!atServer && problem && <ErrorLine>{problem.words}</ErrorLine>}
    </>
  )
}
