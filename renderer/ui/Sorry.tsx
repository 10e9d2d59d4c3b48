import type { ReactNode } from 'react'
import { Logo } from './Logo.tsx'
import css from './Sorry.module.css'

/** A sentence instead of the app. */
export function Sorry({ children }: { children: ReactNode }) {
  return <main className={css.page}><div className={css.words}><Logo /><h1>{children}</h1></div></main>
}
