import { type Ref, useState } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { isFound } from '../buddy-list/order.ts'
import { useNow } from '../store/now.ts'
import { useShown } from '../store/parley.ts'
import { Check, ErrorLine, Field } from '../ui/Field.tsx'
import { RadioCards } from '../ui/RadioCards.tsx'
import text from '../ui/text.module.css'
import { longDate } from '../words/dates.ts'
import { t } from '../words/index.ts'
import css from './Form.module.css'
import { dayText, daysFrom, type Until, UNTILS, untilOf } from './until.ts'

/** So many buddies are seen at a glance; more can be searched. */
const MANY = 8

/** Who could see a folder. */
export const useSharers = (): Buddy[] => {
  const buddies = useShown((state) => state.buddies)
  return buddies.filter(({ state, canShares }) => state === 'accepted' && canShares).sort((a, b) => a.name.localeCompare(b.name))
}

interface WithProps {
  chosen: readonly Ik[]
  onChange(chosen: readonly Ik[]): void
  error: string | undefined
  /** Takes the focus when somebody has to be chosen. */
  place: Ref<HTMLFieldSetElement>
}

/** Who may see it: one box a buddy. */
export function With({ chosen, onChange, error, place }: WithProps) {
  const all = useSharers()
  const [search, setSearch] = useState('')
  const shown = search.trim() === '' ? all : all.filter((buddy) => isFound(buddy, search))
  return (
    <fieldset className={css.with} ref={place} tabIndex={-1}>
      <legend>{t('sharing.with')}</legend>
      {error && <ErrorLine>{error}</ErrorLine>}
      {all.length === 0 && <p className={`${text.quiet} ${text.small}`}>{t('share.with.none')}</p>}
      {all.length > MANY && <Field label={t('share.with.find')} value={search} onChange={setSearch} />}
      <div className={css.people}>
        {shown.map(({ ik, name }) => (
          <Check key={ik} label={<bdi>{name}</bdi>} checked={chosen.includes(ik)} onChange={(on) => onChange(on ? [...chosen, ik] : chosen.filter((one) => one !== ik))} />
        ))}
      </div>
    </fieldset>
  )
}

interface UntilProps {
  value: Until
  onChange(value: Until): void
  error: string | undefined
}

/** Until when, with the day it comes to. */
export function UntilGroup({ value, onChange, error }: UntilProps) {
  const now = useNow()
  const end = untilOf(value, now)
  const isDate = value.is === 'date'
  return (
    <RadioCards
      legend={t('sharing.until')}
      cards={UNTILS.map((is) => ({ value: is, label: t(`share.until.${is}`) }))}
      value={value.is}
      onChange={(is) => onChange(is === 'date' ? { is, day: dayText(now + 90 * 86_400_000) } : { is })}
      under={
        <div className={css.under}>
          {isDate && <Field label={t('share.until.field')} type="date" {...daysFrom(now)} value={value.day} onChange={(day) => onChange({ is: 'date', day })} error={error} />}
          {end !== undefined && <p className={`${text.quiet} ${text.small}`}>{t('share.until.about', { date: longDate(end) })}</p>}
        </div>
      }
    />
  )
}
