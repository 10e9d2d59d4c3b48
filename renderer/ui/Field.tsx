import { type ComponentProps, type ReactNode, useId } from 'react'
import { cx } from './cx.ts'
import css from './Field.module.css'

/** What both kinds of field have: a label, and under the field a hint and an error that describe it. */
interface Common {
  label: string
  hint?: ReactNode
  error?: ReactNode
  value: string
  onChange: (value: string) => void
}
type FieldProps = Common & Omit<ComponentProps<'input'>, keyof Common>
type AreaProps = Common & Omit<ComponentProps<'textarea'>, keyof Common>

/** A line of text. */
export function Field({ label, hint, error, value, onChange, className, ...rest }: FieldProps) {
  const { control, around } = useLabelled({ label, hint, error, value, onChange })
  return around(<input autoComplete="off" spellCheck={false} dir="auto" {...rest} {...control} />, className)
}

/** The same for several lines. */
export function Area({ label, hint, error, value, onChange, ...rest }: AreaProps) {
  const { control, around } = useLabelled({ label, hint, error, value, onChange })
  return around(<textarea rows={3} dir="auto" {...rest} {...control} />)
}

function useLabelled({ label, hint, error, value, onChange }: Common) {
  const id = useId()
  const control = {
    id, value,
    'aria-invalid': error ? true as const : undefined,
    'aria-describedby': cx(Boolean(hint) && `${id}-hint`, Boolean(error) && `${id}-error`) || undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  }
  const around = (field: ReactNode, className?: string) => (
    <div className={cx(css.field, className)}>
      <label htmlFor={id}>{label}</label>
      {field}
      {hint && <p id={`${id}-hint`} className={css.hint}>{hint}</p>}
      {error && <p id={`${id}-error`} className={css.error} role="alert">{error}</p>}
    </div>
  )
  return { control, around }
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
