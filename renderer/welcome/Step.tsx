import type { FormEvent, ReactNode } from 'react'
import { Logo } from '../ui/Logo.tsx'
import { useHeadingFocus } from '../ui/Page.tsx'
import css from './Step.module.css'

interface StepProps {
  title: ReactNode
  about?: ReactNode
  hasLogo?: boolean
  onSubmit?: () => void
  children: ReactNode
}

/** One step of Welcome: a heading that takes the focus, and one question. */
export function Step({ title, about, hasLogo = false, onSubmit, children }: StepProps) {
  const heading = useHeadingFocus()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit?.()
  }
  return (
    <div className={css.page}>
      <form className={css.step} onSubmit={submit} noValidate>
        {hasLogo && <Logo />}
        <div>
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {about && <p className={css.about}>{about}</p>}
        </div>
        {children}
      </form>
    </div>
  )
}
