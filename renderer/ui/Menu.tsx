import * as Ariakit from '@ariakit/react'
import type { KeyboardEvent, ReactElement, ReactNode } from 'react'
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
  const menu = Ariakit.useMenuStore()
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Tab') return
    event.preventDefault()
    menu.hide()
  }
  return (
    // Not where the button is: a row of messages would hide it behind the next one. Still inside of the window's landmark.
    <Ariakit.PortalContext value={document.querySelector('main')}>
      <Ariakit.MenuProvider store={menu}>
        <Ariakit.MenuButton render={button} />
        <Ariakit.Menu className={css.menu} aria-label={label} gutter={4} fixed portal preserveTabOrder={false} unmountOnHide onKeyDown={onKeyDown}>{children}</Ariakit.Menu>
      </Ariakit.MenuProvider>
    </Ariakit.PortalContext>
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
