/** [W7] What text may hold. Lengths in characters count code points. */

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
const NOT_IN_ONE_LINE = /[\t\n\u2028\u2029\u202a-\u202e\u2066-\u2069]/

export interface TextRule {
  /** One-line field: no line breaks, tabs or bidi controls. */
  line?: boolean
  /** At most this many code points. */
  chars?: number
  /** At most this many bytes of UTF-8. */
  bytes?: number
  /** At least this many code points. */
  min?: number
}

/** Why this text is refused, or undefined. */
export function textFault(text: string, rule: TextRule): string | undefined {
  if (!text.isWellFormed()) return 'lone surrogate'
  if (CONTROL.test(text)) return 'control character'
  if (rule.line && NOT_IN_ONE_LINE.test(text)) return 'not for a one-line field'
  if (rule.chars !== undefined && text.length > rule.chars && characters(text) > rule.chars) return 'too long'
  if (rule.bytes !== undefined && utf8Length(text) > rule.bytes) return 'too long'
  if (rule.min !== undefined && characters(text) < rule.min) return 'too short'
  return undefined
}

/** Code points in the text. */
export function characters(text: string): number {
  let n = 0
  for (const _ of text) n++
  return n
}

/** Bytes of the text in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let n = 0
  for (const char of text) {
    const code = char.codePointAt(0)!
    n += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return n
}
