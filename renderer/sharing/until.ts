import type { Ms } from '../../protocol/ids.ts'
import { SHARE_LIFE_MOST } from '../../protocol/limits.ts'

/** Until when a folder is shared, as it is asked. */
export type Until = { is: '1' | '7' | '30' } | { is: 'date'; day: string }
export const UNTILS = ['1', '7', '30', 'date'] as const

const DAY = 86_400_000

/** `2026-11-30`, as a date field has it, by this computer's calendar. */
export function dayText(at: Ms): string {
  const date = new Date(at)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}

/** The days that may be chosen. */
export const daysFrom = (now: Ms): { min: string; max: string } => ({ min: dayText(now + DAY), max: dayText(now + SHARE_LIFE_MOST - DAY) })

/** The end of the chosen day; undefined for a day that may not be chosen, or is none. */
export function untilOf(until: Until, now: Ms): Ms | undefined {
  if (until.is !== 'date') return now + Number(until.is) * DAY
  const [year = 0, month = 0, day = 0] = until.day.split('-').map(Number)
  const end = new Date(year, month - 1, day, 23, 59).getTime()
  const { min, max } = daysFrom(now)
  return until.day >= min && until.day <= max && Number.isFinite(end) ? end : undefined
}
