import type { LucideIcon } from 'lucide-react'

/** A sign beside words, or one that a name stands for: never read aloud itself. */
export function Icon({ of: Sign, small = false }: { of: LucideIcon; small?: boolean }) {
  return <Sign aria-hidden size={small ? 14 : 18} strokeWidth={small ? 2 : 1.75} style={{ flex: 'none' }} />
}
