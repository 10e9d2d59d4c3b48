import { useEffect, useState } from 'react'
import { useAct, useParley } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { ErrorLine, Field } from '../ui/Field.tsx'
import text from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'
import { Step } from './Step.tsx'
import css from './Phrase.module.css'

/** The words to keep, then three of them to check. */
export function PhraseSteps({ onDone }: { onDone: () => void }) {
  const [isChecking, setIsChecking] = useState(false)
  return isChecking
    ? <Check onBack={() => setIsChecking(false)} onDone={onDone} />
    : <Show onWritten={() => setIsChecking(true)} onLater={onDone} />
}

function Show({ onWritten, onLater }: { onWritten: () => void; onLater: () => void }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const [words, setWords] = useState<string[]>()
  useEffect(() => {
    void act(() => client.call('showWords', {})).then((shown) => shown.done && setWords(shown.value.words))
  }, [act, client])
  // Nothing moves under the pointer: buttons and words come together.
  if (words === undefined && refusal === undefined) return null
  return (
    <Step title={t('phrase')} about={t('phrase.about')}>
      <p className={text.sr}>{t('phrase.headphones')}</p>
      {words && <ol className={css.words} aria-label={t('phrase.list')}>{words.map((word, index) => <li key={index}><span>{index + 1}</span> <bdi>{word}</bdi></li>)}</ol>}
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <Actions>
        <Button big onClick={onLater}>{t('later')}</Button>
        <Button big look="line" onClick={() => print()}>{t('print')}</Button>
        {words && <Button big look="primary" onClick={onWritten}>{t('phrase.written')}</Button>}
      </Actions>
    </Step>
  )
}

function Check({ onBack, onDone }: { onBack: () => void; onDone: () => void }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const [at, setAt] = useState<readonly number[]>([])
  const [typed, setTyped] = useState<readonly string[]>(['', '', ''])
  const [wrong, setWrong] = useState<number>()
  useEffect(() => {
    void act(() => client.call('askForWords', {})).then((asked) => asked.done && setAt(asked.value.at))
  }, [act, client])
  const confirm = async () => {
    const words = typed.map((word) => word.trim().toLowerCase())
    const checked = await act(() => client.call('confirmWords', { words }))
    if (!checked.done) return
    if (checked.value.ok) onDone()
    else setWrong(checked.value.wrong)
  }
  const [first, second, third] = at
  return (
    <Step title={t('phrase.check')} about={third !== undefined && t('phrase.type', { first, second, third })} onSubmit={confirm}>
      {at.map((number, index) => (
        <Field
          key={number}
          label={t('phrase.word', { number })}
          value={typed[index] ?? ''}
          onChange={(word) => {
            setTyped(typed.with(index, word))
            if (wrong === number) setWrong(undefined)
          }}
          autoCapitalize="none"
          error={wrong === number && t('phrase.wrong', { number })}
        />
      ))}
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <Actions>
        <Button big onClick={onBack}>{t('back')}</Button>
        <Button big look="primary" type="submit">{t('next')}</Button>
      </Actions>
    </Step>
  )
}
