import type { ReactNode } from 'react'
import css from './Avatar.module.css'
import { cx } from './cx.ts'

interface AvatarProps {
  name: string
  /** Decides the colour: the key, which stays when the name changes. */
  seed: string
  large?: boolean
  /** A presence sign. */
  children?: ReactNode
}

/** The first letter on a quiet colour. */
export function Avatar({ name, seed, large = false, children }: AvatarProps) {
  // The first that is seen: a name may begin with marks that only turn the direction.
  const letter = /[\p{L}\p{N}\p{S}]/u.exec(name)?.[0].toLocaleUpperCase() ?? ''
  return (
    <span className={cx(css.avatar, large && css.large)} style={{ '--h': hue(seed) } as React.CSSProperties} aria-hidden>
      {letter}
      {children}
    </span>
  )
}

function hue(seed: string): number {
  let sum = 0
  for (const character of seed) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9_973
  return (sum % 18) * 20
}
