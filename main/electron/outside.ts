/** Longer than any link a person was shown and read. */
const MAX_LINK = 2_048
const SCHEMES = ['http:', 'https:', 'mailto:']

/** The one wrapper around links that leave Parley: web and mail only, no passwords in them. Undefined where it isn't opened. */
export function outsideLink(text: string): string | undefined {
  if (text.length > MAX_LINK || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const hasPassword = url.username !== '' || url.password !== ''
  return SCHEMES.includes(url.protocol) && !hasPassword ? url.href : undefined
}
