import { type ComponentProps, type ReactNode, type Ref, useId } from 'react'
import { cx } from './cx.ts'
import css from './Field.module.css'

interface Common {
  label: string
  hint?: ReactNode
  error?: ReactNode
}
interface FieldProps extends Common, Omit<ComponentProps<'input'>, 'onChange'> {
  value: string
  onChange: (value: string) => void
}

/** A line of text with its label; a hint and an error stand under it and describe it. */
export function Field({ label, hint, error, value, onChange, className, ...rest }: FieldProps) {
  const { id, described, under } = useUnder(hint, error)
  return (
    <div className={cx(css.field, className)}>
      <label htmlFor={id}>{label}</label>
      <input
        autoComplete="off"
        spellCheck={false}
        dir="auto"
        {...rest}
        id={id}
        value={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={described}
        onChange={(event) => onChange(event.target.value)}
      />
      {under}
    </div>
  )
}

interface AreaProps extends Common, Omit<ComponentProps<'textarea'>, 'onChange'> {
  value: string
  onChange: (value: string) => void
  ref?: Ref<HTMLTextAreaElement>
}

/** The same for several lines. */
export function Area({ label, hint, error, value, onChange, ...rest }: AreaProps) {
  const { id, described, under } = useUnder(hint, error)
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <textarea
        rows={3}
        dir="auto"
        {...rest}
        id={id}
        value={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={described}
        onChange={(event) => onChange(event.target.value)}
      />
      {under}
    </div>
  )
}

function useUnder(hint: ReactNode, error: ReactNode) {
  const id = useId()
  const described = cx(Boolean(hint) && `${id}-hint`, Boolean(error) && `${id}-error`) || undefined
  const under = (
    <>
      {hint && <p id={`${id}-hint`} className={css.hint}>{hint}</p>}
      {error && <p id={`${id}-error`} className={css.error} role="alert">{error}</p>}
    </>
  )
  return { id, described, under }
}

interface CheckProps {
  label: ReactNode
  hint?: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
}

/** A box to tick. */
export function Check({ label, hint, checked, onChange }: CheckProps) {
  const id = useId()
  return (
    <label className={css.check}>
      <input type="checkbox" checked={checked} aria-labelledby={id} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(event) => onChange(event.target.checked)} />
      <span>
        <span id={id}>{label}</span>
        {hint && <span id={`${id}-hint`} className={css.hint}>{hint}</span>}
      </span>
    </label>
  )
}

/** An error at the place where it happened. */
export function ErrorLine({ children }: { children: ReactNode }) {
  return <p className={css.error} role="alert">{children}</p>
}
