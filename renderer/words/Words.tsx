import { Fragment, type ReactNode } from 'react'
import { type Key, message, textOf } from './index.ts'

interface WordsProps {
  k: Key
  [value: string]: string | number | boolean | undefined
}

/** Words in which names stand: each text put in is set apart, so that a name in another script, or a hostile one, stays in its place. */
export function Words({ k, ...values }: WordsProps) {
  const apart = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, set(value)]))
  const parts = message(textOf(k)).format<ReactNode>(apart)
  return Array.isArray(parts) ? parts.map((part, index) => <Fragment key={index}>{part}</Fragment>) : parts
}

/** `mid: 'yes'` and the like choose between forms and are not shown. */
const CHOICES = new Set(['yes', 'no'])
const set = (value: string | number | boolean | undefined): ReactNode =>
  typeof value === 'string' && !CHOICES.has(value) ? <bdi>{value}</bdi> : value
