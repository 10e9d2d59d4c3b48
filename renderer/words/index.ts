import { IntlMessageFormat, type PrimitiveType } from 'intl-messageformat'
import { type ErrorCode, errors } from '../../protocol/errors.ts'
import en, { locale } from './en.ts'

export type Key = keyof typeof en
export type Values = Record<string, PrimitiveType>
export { locale }

const compiled = new Map<string, IntlMessageFormat>()

/** A message, read once. */
export function message(text: string): IntlMessageFormat {
  const known = compiled.get(text)
  if (known) return known
  const made = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true })
  compiled.set(text, made)
  return made
}

/** The words for a key. */
export const t = (key: Key, values?: Values): string => String(message(en[key]).format(values))

export const textOf = (key: Key): string => en[key]

/** The sentence for a code, with what the window knows about the place. */
export function sentence(code: ErrorCode, values: Values = {}): string {
  const known = { server: t('error.theServer'), handle: t('error.theHandle'), n: '', port: '7275', ...values }
  return String(message(errors[code]).format(known))
}
