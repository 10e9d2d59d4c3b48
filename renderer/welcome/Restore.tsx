import { useEffect, useRef, useState } from 'react'
import type { WordsCheck } from '../../protocol/app/api.ts'
import { MAX_NAME } from '../../protocol/limits.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Area, Field } from '../ui/Field.tsx'
import text from '../ui/text.module.css'
import { Notice } from '../ui/Notice.tsx'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { Step } from './Step.tsx'
import css from './Restore.module.css'
import { useWhere, WhereGroup } from './WhereStep.tsx'

/** Back with the 24 words: the words, where you were, the question, done. */
export function Restore({ onBack, onDone }: { onBack: () => void; onDone: () => void }) {
  const [words, setWords] = useState('')
  const [at, setAt] = useState<'words' | 'where' | 'done'>('words')
  if (at === 'words') return <TypeWords words={words} setWords={setWords} onBack={onBack} onNext={() => setAt('where')} />
  if (at === 'where') return <WhereWereYou words={words} onBack={() => setAt('words')} onDone={() => setAt('done')} />
  return <Back onDone={onDone} />
}

interface TypeWordsProps {
  words: string
  setWords: (words: string) => void
  onBack: () => void
  onNext: () => void
}

function TypeWords({ words, setWords, onBack, onNext }: TypeWordsProps) {
  const { client } = useParley()
  const { act } = useAct()
  const [check, setCheck] = useState<WordsCheck>()
  const [endings, setEndings] = useState<readonly string[]>([])
  const [isAsked, setIsAsked] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const start = /\S*$/.exec(words)?.[0].toLowerCase() ?? ''
  // The word that is being typed is no mistake yet.
  const [isTyping, setIsTyping] = useState(false)
  useEffect(() => {
    let isOver = false
    void act(() => client.call('checkWords', { words: isTyping ? words.slice(0, words.length - start.length) : words })).then((found) => found.done && !isOver && setCheck(found.value))
    if (start.length < 2) setEndings([])
    else void act(() => client.call('completeWord', { start })).then((found) => found.done && !isOver && setEndings(found.value.words.filter((word) => word !== start).slice(0, 4)))
    return () => {
      isOver = true
    }
  }, [words, start, isTyping, act, client])

  const complete = (word: string) => {
    setWords(`${words.slice(0, words.length - start.length)}${word} `)
    area.current?.focus()
  }
  const count = check?.ok ? 24 : (check?.count ?? 0)
  return (
    <Step title={t('restore.words')} about={t('restore.warn')} onSubmit={() => {
      setIsTyping(false)
      if (check?.ok) onNext()
      else setIsAsked(true)
    }}>
      <Area
        ref={area}
        label={t('restore.field')}
        hint={t('restore.count', { count })}
        value={words}
        onChange={(typed) => {
          setWords(typed)
          setIsTyping(wordsIn(typed) < 24)
        }}
        onBlur={() => setIsTyping(false)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
        error={check && !check.ok && problemOf(check, isAsked)}
      />
      <p className={text.sr} role="status">{endings.length > 0 && t('restore.found', { count: endings.length })}</p>
      <div className={css.endings} role="group" aria-label={t('restore.endings')}>
        {endings.map((word) => <Button key={word} look="line" onClick={() => complete(word)}>{word}</Button>)}
      </div>
      <Actions>
        <Button big onClick={onBack}>{t('back')}</Button>
        <Button big look="primary" type="submit">{t('next')}</Button>
      </Actions>
    </Step>
  )
}

const wordsIn = (typed: string) => typed.trim().split(/\s+/).length

function problemOf(check: WordsCheck & { ok: false }, isAsked: boolean) {
  if (check.unknown?.like) return <Words k="restore.unknown.like" n={check.unknown.at} like={check.unknown.like} />
  if (check.unknown) return sentence('unknown-word', { n: check.unknown.at })
  if (check.misfit) return sentence('bad-words')
  return isAsked && t('restore.missing')
}

function WhereWereYou({ words, onBack, onDone }: { words: string; onBack: () => void; onDone: () => void }) {
  const { client } = useParley()
  const { act, refusal, isBusy } = useAct()
  const [name, setName] = useState('')
  const [handle, setHandle] = useState('')
  const choice = useWhere()
  const restore = async () => {
    const where = choice.chosen()
    if (where === undefined || isBusy) return
    const { done } = await act(() => client.call('restoreIdentity', { words: words.trim(), handle: handle.trim(), name: name.trim(), where }))
    if (done) onDone()
  }
  const isAboutHandle = refusal === 'bad-handle'
  const isAboutName = refusal === 'bad-name'
  const problem = refusal && { code: refusal, words: sentence(refusal, { server: choice.server, handle }) }
  return (
    <Step title={t('restore.where')} onSubmit={restore}>
      <Field label={t('name')} hint={t('name.hint')} value={name} onChange={setName} maxLength={MAX_NAME} error={isAboutName && problem?.words} />
      <Field label={t('handle')} hint={t('restore.handle')} value={handle} onChange={setHandle} dir="ltr" error={isAboutHandle && problem?.words} />
      <WhereGroup choice={choice} problem={isAboutHandle || isAboutName ? undefined : problem} />
      <Notice attention><p>{t('restore.lost')}</p></Notice>
      <Actions>
        <Button big onClick={onBack}>{t('back')}</Button>
        <Button big look="primary" type="submit">{t(isBusy ? 'welcome.busy' : 'restore.go')}</Button>
      </Actions>
    </Step>
  )
}

function Back({ onDone }: { onDone: () => void }) {
  const addr = useShown((state) => state.me?.addr)
  return (
    <Step title={<Words k="restore.back" addr={addr} />} onSubmit={onDone}>
      <p>{t('restore.buddies')}</p>
      <p>{t('restore.sameWords')}</p>
      <Actions><Button big look="primary" type="submit">{t('next')}</Button></Actions>
    </Step>
  )
}
