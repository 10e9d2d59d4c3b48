import { type FormEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import css from './Dialog.module.css'

interface DialogProps {
  title: ReactNode
  /** A line under the title. */
  about?: ReactNode
  /** Stands before the title. */
  sign?: ReactNode
  /** Esc, and what "Not now" does. */
  onClose: () => void
  onSubmit?: () => void
  children: ReactNode
}

/** Asks one question. The heading takes the focus first; the browser keeps the focus inside and gives it back. */
export function Dialog({ title, about, sign, onClose, onSubmit, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    heading.current?.focus()
    return () => element?.close()
  }, [])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit?.()
  }
  return (
    <dialog
      ref={dialog}
      className={css.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <form className={css.form} onSubmit={submit} noValidate>
        <div className={css.head}>
          {sign}
          <div className={css.words}>
            <h1 id={id} ref={heading} tabIndex={-1}>{title}</h1>
            {about !== undefined && <p className={css.about}>{about}</p>}
          </div>
        </div>
        {children}
      </form>
    </dialog>
  )
}
