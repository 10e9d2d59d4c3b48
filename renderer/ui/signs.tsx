import { Badge, BadgeCheck, Check, CheckCheck, Clock, Cloud, X } from 'lucide-react'
import { cx } from './cx.ts'
import { Icon } from './Icon.tsx'
import css from './signs.module.css'

/** Signs say by shape what the words beside them, or their tooltip and name, say too; never by colour alone. */

export type PresenceShape = 'on' | 'away' | 'busy' | 'off'

export function PresenceSign({ of }: { of: PresenceShape }) {
  return (
    <svg className={cx(css.presence, css[of])} viewBox="0 0 12 12" aria-hidden>
      {of === 'on' && <circle cx="6" cy="6" r="5" />}
      {of === 'away' && <path d="M8.2 1.2A5.2 5.2 0 1 0 10.9 8 4.6 4.6 0 0 1 8.2 1.2z" />}
      {of === 'busy' && <path fillRule="evenodd" d="M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zM3.2 5v2h5.6V5z" />}
      {of === 'off' && <circle cx="6" cy="6" r="4" />}
    </svg>
  )
}

const TICKS = { waiting: Clock, sent: Check, arrived: CheckCheck, read: CheckCheck, failed: X } as const

export function Ticks({ of, title }: { of: keyof typeof TICKS; title: string }) {
  return <span className={cx(css.ticks, css[of])} title={title}><Icon of={TICKS[of]} small /></span>
}

/** A seal with a tick after comparing numbers, a plain one after an invite link. */
export function Seal({ verified, title }: { verified: boolean; title: string }) {
  return <span className={css.seal} title={title} role="img" aria-label={title}><Icon of={verified ? BadgeCheck : Badge} /></span>
}

export type LinkShape = 'direct' | 'relayed' | 'server' | 'none'

export function LinkSign({ of }: { of: LinkShape }) {
  if (of === 'server') return <Icon of={Cloud} small />
  const isBent = of === 'relayed'
  const y = isBent ? 17 : 12
  return (
    <svg className={css.link} viewBox="0 0 24 24" aria-hidden>
      <circle cx="4.5" cy={y} r="2.5" />
      <circle cx="19.5" cy={y} r="2.5" />
      <path d={isBent ? 'm6 15 6-9 6 9' : of === 'direct' ? 'M7 12h10' : 'M10 12h.01M14 12h.01'} />
    </svg>
  )
}
