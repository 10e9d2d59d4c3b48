import { X } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import type { Params, Result } from '../../protocol/app/api.ts'
import type { Scanner } from '../../protocol/app/views.ts'
import { useNow } from '../store/now.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Actions, Button, IconButton } from '../ui/Button.tsx'
import { Area, ErrorLine, Field } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import { KeepFocus } from '../ui/KeepFocus.tsx'
import { Notice } from '../ui/Notice.tsx'
import text from '../ui/text.module.css'
import { amountOf, amountText, listed, roundSize, size } from '../words/amounts.ts'
import { shortDate } from '../words/dates.ts'
import { type Key, sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { commandText, wordsOf } from './command.ts'
import css from './Files.module.css'

/** What looks at files, how fast they go, what stays behind, what is accepted without asking. */
export function Files() {
  return (
    <div className={css.parts}>
      <ScannerPart />
      <Command />
      <Limits />
      <LeaveOut />
      <Rules />
    </div>
  )
}

function scannerWords({ kind, answers }: Scanner): Key {
  if (kind === 'none') return 'settings.scanner.none'
  return answers ? `settings.scanner.${kind}` : `settings.scanner.${kind}.silent`
}

function ScannerPart() {
  const scanner = useShown((state) => state.scanner)
  const { client } = useParley()
  const { act, refusal, isBusy } = useAct()
  const [result, setResult] = useState<Result<'testScanner'>>()
  // Both look for a scanner anew; only the test is asked what it found.
  const look = async (isTest: boolean) => {
    setResult(undefined)
    const answer = await act(() => client.call('testScanner', {}))
    if (answer.done && isTest) setResult(answer.value)
  }
  const words = t(scannerWords(scanner))
  const hasNone = scanner.kind === 'none' || !scanner.answers
  return (
    <div>
      {hasNone
        ? <Notice attention><p>{words}</p>{scanner.kind === 'none' && <p>{t('settings.scanner.none.about')}</p>}</Notice>
        : <p>{words}</p>}
      <Actions start>
        {hasNone && <Button look="line" onClick={() => void look(false)}>{t('settings.scanner.again')}</Button>}
        {scanner.kind !== 'none' && <Button look="line" onClick={() => void look(true)}>{t('settings.scanner.test')}</Button>}
      </Actions>
      <p role="status" className={`${text.small} ${text.quiet} ${css.result}`}>{isBusy ? t('settings.scanner.testing') : result && t(resultWords(result))}</p>
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
    </div>
  )
}

function resultWords({ verdict }: Result<'testScanner'>): Key {
  if (verdict.is === 'infected') return 'settings.scanner.works'
  return verdict.is === 'unscanned' ? 'settings.scanner.noAnswer' : 'settings.scanner.blind'
}

/** A setting that is typed: it takes effect with *Save*, which is there while something else stands in the field than is set. */
function useTyped(set: string, read: (typed: string) => Params<'setSetting'> | undefined, wrong?: string) {
  const { client } = useParley()
  const { act, refusal, forget } = useAct()
  const [typed, setTyped] = useState(set)
  const [isWrong, setIsWrong] = useState(false)
  const [isSaved, setIsSaved] = useState(false)
  useEffect(() => setTyped(set), [set])
  const save = async (event: FormEvent) => {
    event.preventDefault()
    const setting = read(typed)
    setIsWrong(setting === undefined)
    if (setting === undefined) return
    const { done } = await act(() => client.call('setSetting', setting))
    setIsSaved(done)
  }
  const onChange = (value: string) => {
    setTyped(value)
    setIsWrong(false)
    setIsSaved(false)
    forget()
  }
  return { value: typed, onChange, error: isWrong ? wrong : refusal && sentence(refusal), save, isChanged: typed !== set, isSaved }
}

type Typed = ReturnType<typeof useTyped>
const SaveButton = ({ isChanged, isSaved }: Typed) => (
  <>
    {isChanged && <Button look="primary" type="submit">{t('save')}</Button>}
    <span role="status" className={text.sr}>{isSaved && t('saved')}</span>
  </>
)

function Command() {
  const command = useShown((state) => state.settings.scanCommand)
  const typed = useTyped(commandText(command), (value) => ({ key: 'scanCommand', value: wordsOf(value) }))
  return (
    <form className={css.field} onSubmit={(event) => void typed.save(event)} noValidate>
      <Field label={t('settings.scanner.field')} hint={t('settings.scanner.hint')} dir="ltr" value={typed.value} onChange={typed.onChange} error={typed.error} />
      <SaveButton {...typed} />
    </form>
  )
}

const MB = 1_000_000

function Limits() {
  return (
    <div>
      <div className={css.limits}>
        <Limit setting="uploadLimit" label={t('settings.limit.up')} />
        <Limit setting="downloadLimit" label={t('settings.limit.down')} />
      </div>
      <p className={`${text.quiet} ${text.small}`}>{t('settings.limit.hint')}</p>
    </div>
  )
}

function Limit({ setting, label }: { setting: 'uploadLimit' | 'downloadLimit'; label: string }) {
  const limit = useShown((state) => state.settings[setting])
  const typed = useTyped(
    limit === 0 ? '' : amountText(limit, MB),
    (value) => {
      const amount = value.trim() === '' ? 0 : amountOf(value, MB)
      return amount === undefined ? undefined : { key: setting, value: amount }
    },
    t('settings.limit.wrong'),
  )
  return (
    <form className={css.field} onSubmit={(event) => void typed.save(event)} noValidate>
      <Field label={label} inputMode="decimal" value={typed.value} onChange={typed.onChange} error={typed.error} />
      <SaveButton {...typed} />
    </form>
  )
}

function LeaveOut() {
  const names = useShown((state) => state.settings.leaveOut)
  const typed = useTyped(names.join('\n'), (value) => ({ key: 'leaveOut', value: value.split('\n').map((name) => name.trim()).filter((name) => name !== '') }))
  return (
    <form className={css.field} onSubmit={(event) => void typed.save(event)} noValidate>
      <Area label={t('settings.leaveOut')} hint={t('settings.leaveOut.hint')} dir="ltr" value={typed.value} onChange={typed.onChange} error={typed.error} />
      <SaveButton {...typed} />
    </form>
  )
}

function Rules() {
  const rules = useShown((state) => state.rules)
  const buddies = useShown((state) => state.buddies)
  const { client } = useParley()
  const now = useNow()
  return (
    <div>
      <h3 className={css.sub}>{t('settings.rules')}</h3>
      {rules.length === 0 && <p className={`${text.quiet} ${text.small}`}>{t('settings.rules.none')}</p>}
      <KeepFocus>
        <ul aria-label={t('settings.rules')}>
          {rules.filter(({ until }) => until > now).map(({ id, ik, types, largest, daily, until, usedToday }) => {
            const name = buddies.find((buddy) => buddy.ik === ik)?.name ?? t('transfer.someone')
            return (
              <li key={id} className={css.rule}>
                <div>
                  <p><bdi>{name}</bdi></p>
                  <p className={`${text.quiet} ${text.small}`}>
                    <Words k="rule.line" types={listed(types.map((type) => t(`type.${type}`)))} largest={roundSize(largest)} daily={roundSize(daily)} date={shortDate(until)} used={size(usedToday)} />
                  </p>
                </div>
                <IconButton label={t('rule.remove', { name })} onClick={() => void client.call('removeRule', { id }).catch(() => {})}><Icon of={X} /></IconButton>
              </li>
            )
          })}
        </ul>
      </KeepFocus>
    </div>
  )
}
