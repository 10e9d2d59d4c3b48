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

/** What opened it: for a menu's item, the button of the menu. */
function openerOf(active: Element | null): HTMLElement | undefined {
  const menu = active?.closest('[role=menu]')
  const opener = menu ? document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`) : active
  return opener instanceof HTMLElement && opener !== document.body ? opener : undefined
}

/** Asks one question. The heading takes the focus first; the browser keeps the focus inside and gives it back. */
export function Dialog({ title, about, sign, onClose, onSubmit, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const element = dialog.current
    const opener = openerOf(document.activeElement)
    element?.showModal()
    heading.current?.focus()
    return () => {
      element?.close()
      // The browser gives the focus back to what had it; a menu's item is gone by then.
      requestAnimationFrame(() => document.activeElement === document.body && opener?.isConnected && opener.focus())
    }
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
