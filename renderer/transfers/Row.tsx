import type { Transfer } from '../../protocol/app/views.ts'
import { useBuddy } from '../store/parley.ts'
import { ErrorLine } from '../ui/Field.tsx'
import text from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { Buttons } from './Buttons.tsx'
import { FileName, FileSign, StateBar, StateLine } from './parts.tsx'
import css from './Row.module.css'
import { fileSays, nameSaid } from './says.ts'
import { useActs } from './useActs.ts'

/** One transfer on the page. */
export function Row({ transfer }: { transfer: Transfer }) {
  const name = useBuddy(transfer.ik)?.name ?? t('transfer.someone')
  const { run, refusal, isTold } = useActs(transfer)
  const says = fileSays(transfer, name)
  return (
    <li className={css.row} aria-label={t('transfer.item', { file: transfer.name, state: nameSaid(says.name) })}>
      <FileSign type={transfer.type} />
      <div className={css.body}>
        <FileName name={transfer.name} ending={transfer.ending} />
        <StateBar says={says} name={transfer.name} />
        <StateLine says={says} />
        <p role="status" className={isTold ? text.quiet : text.sr}>{isTold && <Words k="transfer.told" name={name} />}</p>
        {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      </div>
      <Buttons transfer={transfer} name={name} run={run} />
    </li>
  )
}
