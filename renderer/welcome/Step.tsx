import type { FormEvent, ReactNode } from 'react'
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

const Logo = () => (
  <svg className={css.logo} viewBox="0 0 32 32" aria-hidden>
    <rect width="32" height="32" rx="8" />
    <path className={css.near} d="M8 9h11a3 3 0 0 1 3 3v4a3 3 0 0 1-3 3h-5l-4 4v-4H8a3 3 0 0 1-3-3v-4a3 3 0 0 1 3-3z" />
    <path className={css.far} d="M25 13a3 3 0 0 1 2 3v4a3 3 0 0 1-3 3v3l-4-3h-3" />
  </svg>
)
