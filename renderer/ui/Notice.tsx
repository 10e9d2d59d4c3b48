import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { Icon } from './Icon.tsx'
import css from './Notice.module.css'

interface NoticeProps {
  children: ReactNode
  /** Buttons after the words. */
  actions?: ReactNode
  attention?: boolean
  className?: string | undefined
}

/** A few words that concern the place they stand in, with the way out. */
export function Notice({ children, actions, attention = false, className }: NoticeProps) {
  return (
    <div className={cx(css.notice, attention && css.attention, className)}>
      {attention && <Icon of={TriangleAlert} />}
      <div className={css.body}>
        <div className={css.words}>{children}</div>
        {actions}
      </div>
    </div>
  )
}

/** A bar across: words and one action. Red for danger, amber (`calm`) for what only wants attention. */
export function Alarm({ children, actions, calm = false }: { children: ReactNode; actions?: ReactNode; calm?: boolean }) {
  return (
    <div className={cx(css.alarm, calm && css.calm)} role="alert">
      <Icon of={TriangleAlert} />
      <p>{children}</p>
      {actions}
    </div>
  )
}
