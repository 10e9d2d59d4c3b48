import type { ComponentProps, ReactNode } from 'react'
import css from './Button.module.css'
import { cx } from './cx.ts'

type Look = 'plain' | 'primary' | 'line' | 'link' | 'inline'

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look
  big?: boolean
  danger?: boolean
}

/** A button with words. It is never grey: one that cannot act yet says why when pressed. */
export function Button({ look = 'plain', big = false, danger = false, className, ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={cx(css.button, css[look], big && css.big, danger && css.danger, className)} />
}

interface IconButtonProps extends ComponentProps<'button'> {
  label: string
  children: ReactNode
  look?: 'plain' | 'send'
}

/** A button with a sign: its words are the tooltip and the accessible name. */
export function IconButton({ label, look = 'plain', className, ...rest }: IconButtonProps) {
  return <button type="button" aria-label={label} title={label} {...rest} className={cx(css.icon, look === 'send' && css.send, className)} />
}

interface ActionsProps {
  children: ReactNode
  /** At the start instead of the end. */
  start?: boolean
  /** One under the other, as wide as there is room. */
  stacked?: boolean
}

/** Buttons side by side at the end of a dialog or a page. */
export function Actions({ children, start = false, stacked = false }: ActionsProps) {
  return <div className={cx(css.actions, start && css.start, stacked && css.stacked)}>{children}</div>
}
