import { useRef, useState } from 'react'
import type { Pick } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { SHARE_DAILY, SHARE_RATE } from '../../protocol/limits.ts'
import { useShell } from '../shell.ts'
import { useAct, useParley } from '../store/parley.ts'
import { facts } from '../transfers/says.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorLine, Field } from '../ui/Field.tsx'
import { amountOf, amountText } from '../words/amounts.ts'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { UntilGroup, With } from './Form.tsx'
import css from './ShareSheet.module.css'
import { type Until, untilOf } from './until.ts'

const MB = 1_000_000
const GB = 1_000 * MB

/** A folder was chosen: with whom, until when, and how much at most. */
export function ShareSheet({ pick, onClose }: { pick: Pick; onClose: () => void }) {
  const { client } = useParley()
  const { go } = useShell()
  const { act, refusal } = useAct()
  const [chosen, setChosen] = useState<readonly Ik[]>([])
  const [until, setUntil] = useState<Until>({ is: '7' })
  const [rate, setRate] = useState(amountText(SHARE_RATE, MB))
  const [daily, setDaily] = useState(amountText(SHARE_DAILY, GB))
  const [isTried, setIsTried] = useState(false)
  const people = useRef<HTMLFieldSetElement>(null)
  const amounts = { rate: amountOf(rate, MB), daily: amountOf(daily, GB) }
  const wrong = (amount: number | undefined) => (isTried && !amount ? t('amount.wrong') : undefined)
  const end = untilOf(until, Date.now())

  const share = async () => {
    setIsTried(true)
    if (chosen.length === 0) return (people.current?.querySelector('input') ?? people.current)?.focus()
    if (end === undefined || !amounts.rate || !amounts.daily) return
    const { done } = await act(() => client.call('shareFolder', { pick: pick.pick, with: [...chosen], until: end, rate: amounts.rate!, daily: amounts.daily! }))
    if (!done) return
    onClose()
    go({ at: 'sharing' })
  }
  const leave = () => {
    void client.call('dropPick', { pick: pick.pick }).catch(() => {})
    onClose()
  }
  return (
    <Dialog title={<Words k="share.title" share={pick.name} />} onClose={leave} onSubmit={() => void share()}>
      <p className={css.about}>{t('share.about', { facts: facts(pick) })}</p>
      <With chosen={chosen} onChange={setChosen} error={isTried && chosen.length === 0 ? t('share.choose') : undefined} place={people} />
      <UntilGroup value={until} onChange={setUntil} error={isTried && end === undefined ? t('share.until.wrong') : undefined} />
      <details className={css.more} open={isTried && (!amounts.rate || !amounts.daily) ? true : undefined}>
        <summary>{t('share.more')}</summary>
        <div>
          <Field label={t('share.rate')} inputMode="decimal" value={rate} onChange={setRate} error={wrong(amounts.rate)} />
          <Field label={t('share.daily')} hint={t('share.daily.hint')} inputMode="decimal" value={daily} onChange={setDaily} error={wrong(amounts.daily)} />
        </div>
      </details>
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <Actions>
        <Button big onClick={leave}>{t('cancel')}</Button>
        <Button big look="primary" type="submit">{t('share.go', { count: chosen.length })}</Button>
      </Actions>
    </Dialog>
  )
}
