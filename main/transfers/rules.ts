import type { FileRule, FileType } from '../../protocol/app/views.ts'
import type { Ik, Ms } from '../../protocol/ids.ts'

/** [T7] FI2: what accepts a file by itself. Pure. */

/** `day`: the day that `usedToday` is of. */
export interface Rule extends FileRule { day: number }

/** Midnight of this computer's own calendar, as a number that rises. */
export const dayOf = (at: Ms): number => {
  const date = new Date(at)
  return date.getFullYear() * 10_000 + (date.getMonth() + 1) * 100 + date.getDate()
}

const LEAST_COUNTED = 1_000

export interface Offered { ik: Ik; type: FileType; isRisky: boolean; size: number }

/** The rule that accepts this, with what it has used then; never for what can run programs. */
export function ruleFor(rules: readonly Rule[], { ik, type, isRisky, size }: Offered, now: Ms): Rule | undefined {
  if (isRisky) return undefined
  const today = dayOf(now)
  // Empty files are not free: a thousand of them are a thousand scans.
  const counted = Math.max(size, LEAST_COUNTED)
  for (const rule of rules) {
    const used = rule.day === today ? rule.usedToday : 0
    if (rule.ik !== ik || now >= rule.until || !rule.types.includes(type) || size > rule.largest || used + counted > rule.daily) continue
    return { ...rule, day: today, usedToday: used + counted }
  }
  return undefined
}
