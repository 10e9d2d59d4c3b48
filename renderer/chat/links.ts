/** Links in messages are text until they are clicked and the question is answered; nothing is fetched. */

export type Part = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string; host: string }

/** Longer ones are text: nobody reads where they lead. */
const MAX_LINK = 2_048
const SCHEMES = new Set(['http:', 'https:', 'mailto:'])
const CANDIDATE = /\b(?:https?:\/\/|mailto:)[^\s<>"'`]+/giu
/** Invisible characters and those that turn the direction: what is shown would not be what is opened. */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** The address and its host in punycode, or undefined for what Parley does not open. The one gate before `openLink`. */
export function openable(text: string): { href: string; host: string } | undefined {
  if (text.length > MAX_LINK || text !== text.trim() || DECEIVING.test(text) || text.includes('\\')) return undefined
  if (!/^(?:https?:\/\/[^/]|mailto:[^/])/i.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (!SCHEMES.has(url.protocol) || url.username !== '' || url.password !== '') return undefined
  if (url.protocol !== 'mailto:') return url.hostname === '' ? undefined : { href: url.href, host: url.host }
  // Only the address: a subject or an attachment is not the sender's to fill in.
  const [, person, host] = /^mailto:([^@/?#&,;%:]+)@([^@/?#&,;%:]+)(?:[?#]|$)/i.exec(text) ?? []
  const mailHost = host && URL.parse(`https://${host}`)?.hostname
  return person && mailHost ? { href: `mailto:${person}@${mailHost}`, host: `${person}@${mailHost}` } : undefined
}

/** A message as text and links, in order. */
export function findLinks(text: string): Part[] {
  const parts: Part[] = []
  let from = 0
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = withoutTail(match[0])
    const found = openable(shown)
    if (found === undefined) continue
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) })
    parts.push({ kind: 'link', text: shown, ...found })
    from = match.index + shown.length
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) })
  return parts
}

/** The full stop of the sentence, and a bracket that was opened before the link. */
function withoutTail(link: string): string {
  let shown = link
  for (;;) {
    const last = shown.at(-1) ?? ''
    const isClosing = last === ')' && shown.split(')').length > shown.split('(').length
    if (!isClosing && !'.,;:!?…]}'.includes(last)) return shown
    shown = shown.slice(0, -1)
  }
}

/** After the question; checked once more, since this is the only door out. */
export function openLink(href: string, open: (url: string) => void = outside): boolean {
  const found = openable(href)
  if (found) open(found.href)
  return found !== undefined
}

const outside = (url: string) => void window.open(url, '_blank', 'noopener,noreferrer')
