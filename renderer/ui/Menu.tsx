import * as Ariakit from '@ariakit/react'
import type { ReactElement, ReactNode } from 'react'
import { cx } from './cx.ts'
import css from './Menu.module.css'

interface MenuProps {
  /** The button that opens it. */
  button: ReactElement
  label: string
  children: ReactNode
}

/** A menu at a button: arrow keys, first letters and Esc as everywhere. */
export function Menu({ button, label, children }: MenuProps) {
  return (
    <Ariakit.MenuProvider>
      <Ariakit.MenuButton render={button} />
      <Ariakit.Menu className={css.menu} aria-label={label} gutter={4} fixed unmountOnHide>{children}</Ariakit.Menu>
    </Ariakit.MenuProvider>
  )
}

export function MenuItem({ children, danger = false, onSelect }: { children: ReactNode; danger?: boolean; onSelect: () => void }) {
  return <Ariakit.MenuItem className={cx(css.item, danger && css.danger)} onClick={onSelect}>{children}</Ariakit.MenuItem>
}

/** One of several, the present one ticked. */
export function MenuChoice({ children, value, name, isChosen, onSelect }: { children: ReactNode; value: string; name: string; isChosen: boolean; onSelect: () => void }) {
  return (
    <Ariakit.MenuItemRadio className={css.item} name={name} value={value} checked={isChosen} onChange={onSelect} hideOnClick>
      {children}
      <Ariakit.MenuItemCheck className={css.tick} />
    </Ariakit.MenuItemRadio>
  )
}
