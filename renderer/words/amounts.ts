import { locale, t } from './index.ts'

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const
type Unit = (typeof UNITS)[number]

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
const tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
/** Two figures that matter: 6.2, 41, 820. */
const figure = (value: number, unit: Unit): string => (unit === 'bytes' || value >= 9.95 ? whole : tenth).format(value)

/** Decimal, as disks and file managers count. A value that would be rounded to 1000 is one of the next unit. */
function inUnit(bytes: number): { unit: Unit; per: number } {
  let at = 0
  let per = 1
  while (at < UNITS.length - 1 && bytes / per >= (at === 0 ? 1_000 : 999.5)) {
    at++
    per *= 1_000
  }
  return { unit: UNITS[at] ?? 'bytes', per }
}

/** 2.1 MB */
export function size(bytes: number): string {
  const { unit, per } = inUnit(bytes)
  return unit === 'bytes' ? t('size.bytes', { count: bytes }) : t(`size.${unit}`, { amount: figure(bytes / per, unit) })
}

/** 2 GB: a limit, which is a round number. */
export function roundSize(bytes: number): string {
  const { unit, per } = inUnit(bytes)
  const value = Math.round((bytes / per) * 10) / 10
  return Number.isInteger(value) && unit !== 'bytes' ? t(`size.${unit}`, { amount: whole.format(value) }) : size(bytes)
}

/** 1.2 of 3.0 GB */
export function sizeOf(done: number, all: number): string {
  const { unit, per } = inUnit(all)
  return t('size.of', { done: figure(Math.min(done, all) / per, unit), all: size(all) })
}

/** 6.2 MB/s */
export const speed = (bytes: number): string => t('size.speed', { size: size(bytes) })

/** Whole percent, 100 only when all of it is there. */
export const percent = (done: number, all: number): number => (all === 0 ? 100 : Math.min(100, Math.floor((done / all) * 100)))

/** 5 min left */
export function timeLeft(seconds: number): string {
  const { k, count, minutes } = partsOf(seconds)
  return t(`left.${k}`, { count, minutes })
}

/** 5 minutes left, as it is said. */
export function timeLeftSaid(seconds: number): string {
  const { k, count, minutes } = partsOf(seconds)
  return t(`left.${k}.said`, { count, minutes })
}

/** The largest unit, and with hours the minutes to the next five. */
function partsOf(seconds: number): { k: 'seconds' | 'minutes' | 'hours' | 'days'; count: number; minutes: number } {
  if (seconds < 55) return { k: 'seconds', count: Math.max(5, Math.ceil(seconds / 5) * 5), minutes: 0 }
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 60) return { k: 'minutes', count: minutes, minutes: 0 }
  const rounded = Math.ceil(minutes / 5) * 5
  if (rounded < 24 * 60) return { k: 'hours', count: Math.floor(rounded / 60), minutes: rounded % 60 }
  return { k: 'days', count: Math.round(minutes / (24 * 60)), minutes: 0 }
}

const joined = new Intl.ListFormat(locale, { type: 'conjunction' })
/** Ben, Chen and Dora */
export const listed = (names: readonly string[]): string => joined.format(names)

/** What a field for an amount holds, and back: in `unit` bytes, without grouping. Undefined for what is no amount. */
export const amountText = (bytes: number, unit: number): string => String(Math.round((bytes / unit) * 100) / 100)
export function amountOf(text: string, unit: number): number | undefined {
  const value = Number(text.trim().replace(',', '.'))
  return text.trim() === '' || !Number.isFinite(value) || value < 0 ? undefined : Math.round(value * unit)
}
