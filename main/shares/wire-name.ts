import { characters, textFault, utf8Length } from '../../protocol/wire/text.ts'

/** [W7] The name of a shared folder as it can travel and be shown: what can't stand in a line becomes `_`, and what is too long is cut. */
export function wireName(name: string): string {
  const clean = Array.from(name, (char) => (textFault(char, { line: true }) === undefined ? char : '_'))
  while (utf8Length(clean.join('')) > 255) clean.pop()
  return characters(clean.join('')) === 0 ? '_' : clean.join('')
}
