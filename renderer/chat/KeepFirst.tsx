import type { Buddy } from '../../protocol/app/views.ts'
import { useAct, useParley } from '../store/parley.ts'
import { keepCards } from '../invite/Consent.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { RadioCards } from '../ui/RadioCards.tsx'
import { sentence, t } from '../words/index.ts'
import css from './KeepFirst.module.css'

/** Asked once, above the composer: who invited has not yet said what is kept. One click answers it. */
export function KeepFirst({ buddy }: { buddy: Buddy }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  return (
    <div className={css.place} data-first-choice>
      <RadioCards
        legend={t('keep')}
        cards={keepCards()}
        value={undefined}
        atOnce={t('choose.enter')}
        onChange={(keep) => void act(() => client.call('setKeep', { ik: buddy.ik, keep, deleteHere: false }))}
      />
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
    </div>
  )
}
