import { ChevronLeft } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { IconButton } from './Button.tsx'
import { cx } from './cx.ts'
import { Icon } from './Icon.tsx'
import css from './Page.module.css'

interface PageProps {
  /** Without one the page brings its own heading. */
  title?: ReactNode
  /** Name of the region. */
  name: string
  back: string
  onBack: () => void
  /** Back is drawn in wide windows too: the page stands over another. */
  isOver?: boolean
  /** What is on it stands in the middle. */
  isCentred?: boolean
  /** Lists of things with buttons need more width than text. */
  isWide?: boolean
  /** Buttons beside the heading; below it where it is narrow. */
  actions?: ReactNode
  children: ReactNode
}

/** A page of the right pane: a heading that takes the focus, a column of at most 760 px. */
export function Page({ title, name, back, onBack, isOver = false, isCentred = false, isWide = false, actions, children }: PageProps) {
  const heading = useHeadingFocus()
  return (
    <section className={css.page} aria-label={name}>
      <header className={cx(css.head, isWide && css.wide)}>
        <IconButton label={back} className={isOver ? css.backOver : css.back} onClick={onBack}><Icon of={ChevronLeft} /></IconButton>
        {title && <h1 ref={heading} tabIndex={-1}>{title}</h1>}
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      <div className={css.scroll}><div className={cx(isCentred ? css.centre : css.column, isWide && css.wide)}>{children}</div></div>
    </section>
  )
}

/** The heading takes the focus when the page comes. */
export function useHeadingFocus() {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return heading
}

export function SectionTitle({ children }: { children: ReactNode }) {
  return <h2 className={css.section}>{children}</h2>
}

/** A page in the middle: what to do next, in one sentence and one button. */
export function Empty({ children, tall = false }: { children: ReactNode; tall?: boolean }) {
  return <div className={cx(css.empty, tall && css.tall)}>{children}</div>
}
