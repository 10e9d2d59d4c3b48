import { useState } from 'react'
import type { FileType } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { useAct, useBuddy, useParley } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Check, ErrorLine, Field } from '../ui/Field.tsx'
import { RadioCards } from '../ui/RadioCards.tsx'
import text from '../ui/text.module.css'
import { amountOf } from '../words/amounts.ts'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './Always.module.css'

/** [FI2] What a rule may take. Programs, and what can run them, are not among them: those always ask. */
export const PLAIN_TYPES = ['image', 'video', 'audio', 'pdf', 'document', 'sheet', 'slides', 'text', 'book', 'zip', 'archive', 'font', 'calendar', 'contact'] as const satisfies readonly FileType[]

const MB = 1_000_000
const DAY = 86_400_000
const UNTIL = { week: 7, month: 30, year: 365 } as const

/** *Always accept from Ben…*: kinds, sizes and an end. */
export function Always({ ik, onClose }: { ik: Ik; onClose: () => void }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const name = useBuddy(ik)?.name ?? ''
  const [types, setTypes] = useState<readonly FileType[]>([])
  const [largest, setLargest] = useState('50')
  const [daily, setDaily] = useState('500')
  const [until, setUntil] = useState<keyof typeof UNTIL>('month')
  const [isTried, setIsTried] = useState(false)
  const amounts = { largest: amountOf(largest, MB), daily: amountOf(daily, MB) }
  const wrong = (amount: number | undefined) => (isTried && !amount ? t('amount.wrong') : undefined)
  const make = async () => {
    setIsTried(true)
    if (types.length === 0 || !amounts.largest || !amounts.daily) return
    const { done } = await act(() => client.call('addRule', { ik, types: [...types], largest: amounts.largest!, daily: amounts.daily!, until: Date.now() + UNTIL[until] * DAY }))
    if (done) onClose()
  }
  return (
    <Dialog title={<Words k="rule.title" name={name} />} about={t('rule.about')} onClose={onClose} onSubmit={() => void make()}>
      <fieldset className={css.types}>
        <legend>{t('rule.types')}</legend>
        {isTried && types.length === 0 && <ErrorLine>{t('rule.types.missing')}</ErrorLine>}
        <div>
          {PLAIN_TYPES.map((type) => (
            <Check key={type} label={t(`type.${type}`)} checked={types.includes(type)} onChange={(on) => setTypes(on ? [...types, type] : types.filter((one) => one !== type))} />
          ))}
        </div>
      </fieldset>
      <div className={css.amounts}>
        <Field label={t('rule.largest')} inputMode="decimal" value={largest} onChange={setLargest} error={wrong(amounts.largest)} />
        <Field label={t('rule.daily')} inputMode="decimal" value={daily} onChange={setDaily} error={wrong(amounts.daily)} />
      </div>
      <RadioCards legend={t('rule.until')} cards={(['week', 'month', 'year'] as const).map((value) => ({ value, label: t(`rule.until.${value}`) }))} value={until} onChange={setUntil} />
      {refusal && <div className={text.apart}><ErrorLine>{sentence(refusal)}</ErrorLine></div>}
      <Actions>
        <Button big onClick={onClose}>{t('cancel')}</Button>
        <Button big look="primary" type="submit">{t('rule.make')}</Button>
      </Actions>
    </Dialog>
  )
}
