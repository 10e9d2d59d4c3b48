import { type ReactNode, useState } from 'react'
import { type ErrorCode, errors } from '../../protocol/errors.ts'
import { MAX_NAME } from '../../protocol/limits.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { ErrorLine, Field } from '../ui/Field.tsx'
import { t } from '../words/index.ts'
import { handleFrom, handleProblem } from './handle.ts'
import { Step } from './Step.tsx'

export interface Naming { name: string; handle: string }
/** What the core refused, and its sentence. */
export interface Problem { code: ErrorCode; words: string }

interface NameStepProps {
  title: ReactNode
  naming: Naming
  /** Only the name is asked; the handle shows when it needs another. */
  isInvited: boolean
  problem: Problem | undefined
  /** The code that the server asks for. */
  code: { value: string; onChange: (code: string) => void } | undefined
  isBusy: boolean
  onBack: () => void
  onNext: (naming: Naming) => void
}

export function NameStep({ title, naming, isInvited, problem, code, isBusy, onBack, onNext }: NameStepProps) {
  const [name, setName] = useState(naming.name)
  const [handle, setHandle] = useState(naming.handle)
  const [isOwnHandle, setIsOwnHandle] = useState(naming.handle !== '')
  const [left, setLeft] = useState<{ name?: boolean; handle?: boolean }>({})
  const nameError = left.name && name.trim() === '' ? errors['bad-name'] : problem?.code === 'bad-name' && name === naming.name ? problem.words : undefined
  const localError = handleProblem(handle)
  const isAboutHandle = problem?.code === 'bad-handle' || problem?.code === 'handle-taken'
  const handleError = left.handle && localError ? t(localError) : isAboutHandle && handle === naming.handle ? problem.words : undefined

  const typeName = (value: string) => {
    setName(value)
    if (!isOwnHandle) setHandle(handleFrom(value))
  }
  const showsHandle = !isInvited || isAboutHandle || (left.name === true && localError !== undefined)
  const next = () => {
    setLeft({ name: true, handle: true })
    if (name.trim() !== '' && localError === undefined && !isBusy) onNext({ name: name.trim(), handle })
  }
  return (
    <Step title={title} onSubmit={next}>
      <Field label={t('name')} hint={t('name.hint')} value={name} onChange={typeName} maxLength={MAX_NAME} error={nameError} onBlur={() => setLeft({ ...left, name: left.name === true || name !== '' })} />
      {showsHandle && (
        <Field
          label={t('handle')}
          hint={t('handle.hint')}
          value={handle}
          dir="ltr"
          error={handleError}
          onChange={(value) => {
            setHandle(value)
            setIsOwnHandle(value !== '')
          }}
          onBlur={() => setLeft({ ...left, handle: left.handle === true || handle !== '' })}
        />
      )}
      {code && <Field label={t('where.code')} value={code.value} onChange={code.onChange} dir="ltr" />}
      {problem && problem.code !== 'bad-name' && !isAboutHandle && <ErrorLine>{problem.words}</ErrorLine>}
      <Actions>
        <Button big onClick={onBack}>{t('back')}</Button>
        <Button big look="primary" type="submit">{t(isBusy ? 'welcome.busy' : 'next')}</Button>
      </Actions>
    </Step>
  )
}
