import type { Ms } from '../../protocol/ids.ts'
import { locale, t } from './index.ts'

const formats = new Map<string, Intl.DateTimeFormat>()
function format(at: Ms, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options)
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options)
  formats.set(key, known)
  return known.format(at)
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })

const midnight = (at: Ms): number => new Date(at).setHours(0, 0, 0, 0)
/** Whole days between two times by the calendar, whatever summer time does. */
const daysBetween = (earlier: Ms, later: Ms): number => Math.round((midnight(later) - midnight(earlier)) / 86_400_000)

/** 9:13 */
export const clock = (at: Ms): string => format(at, { hour: 'numeric', minute: '2-digit' })
/** Monday 30 November */
export const longDate = (at: Ms): string => format(at, { weekday: 'long', day: 'numeric', month: 'long' })
/** 30 November */
export const shortDate = (at: Ms): string => format(at, { day: 'numeric', month: 'long' })

/** In a sentence: today, yesterday, Friday, 30 November. */
export function nearDate(at: Ms, now: Ms): string {
  const ago = daysBetween(at, now)
  if (ago === 0 || ago === 1) return relative.format(-ago, 'day')
  return ago > 1 && ago < 7 ? format(at, { weekday: 'long' }) : shortDate(at)
}

/** The heading of a day in a chat. */
export function day(at: Ms, now: Ms): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return t('date.today')
  if (ago === 1) return t('date.yesterday')
  return ago < 300 ? longDate(at) : format(at, { day: 'numeric', month: 'long', year: 'numeric' })
}

/** The time at the end of a row in the list: 9:14, Mon, 3 May. */
export function rowTime(at: Ms, now: Ms): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return clock(at)
  if (ago < 7) return format(at, { weekday: 'short' })
  return format(at, ago < 300 ? { day: 'numeric', month: 'short' } : { day: 'numeric', month: 'short', year: 'numeric' })
}

/** 10 minutes ago */
export function ago(at: Ms, now: Ms): string {
  const minutes = Math.max(0, Math.round((now - at) / 60_000))
  if (minutes === 0) return t('date.justNow')
  if (minutes < 60) return relative.format(-minutes, 'minute')
  if (minutes < 24 * 60) return relative.format(-Math.round(minutes / 60), 'hour')
  return relative.format(-daysBetween(at, now), 'day')
}

export const isSameDay = (a: Ms, b: Ms): boolean => midnight(a) === midnight(b)
