/**
 * [T9] Names of received files. What came over the wire becomes one component that every system takes for the same plain file, and
 * nothing in it hides from the eye. Sources: Microsoft, "Naming Files, Paths, and Namespaces"; UAX #9, #15, #29, #44; APFS and ext4 limits.
 */

/** Bytes of UTF-8 that ext4 and APFS take. UTF-16 never has more units than UTF-8 has bytes, so NTFS takes it too. */
export const MAX_NAME_BYTES = 255
/** Longest last ending (`.settingcontent-ms` has 18), and longest pair of endings; UTF-16 units. */
const LONGEST_ENDING = 20
const LONGEST_ENDINGS = 24

/** A separator, a drive, a stream or a wildcard to one system or another. */
const FORBIDDEN = /[/\\:*?"<>|]/gu
/** Takes no room on screen: controls, all format characters (bidi among them), variation selectors, fillers. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
/** Every blank looks the same, so it is the same. The Braille blank is a symbol to Unicode. */
const BLANK = /[\t\n\v\f\r\u0085\p{Z}\u2800]/gu
/** APFS refuses what isn't assigned; network disks write what is forbidden in the private area (U+F03A is a colon). */
const UNASSIGNED = /[\p{Cn}\p{Co}]/gu
/** Windows opens a device by these, whatever ending follows; superscript digits are digits to it. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$|clock\$)$/i

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** One path component for whatever came: never empty, at most 255 bytes of UTF-8, NFC. A name made here stays as it is. */
export function safeName(wireName: string): string {
  let name = wireName
  // Each step may give an earlier one work again: a cut name may end in a dot.
  for (;;) {
    const next = cleaned(name)
    if (next === name) return name
    name = next
  }
}

function cleaned(name: string): string {
  const seen = name.toWellFormed().replace(BLANK, ' ').replace(INVISIBLE, '').replace(FORBIDDEN, '_').replace(UNASSIGNED, '_')
  const bare = trimmed(seen.normalize('NFC'))
  if (bare === '') return 'file'
  return shortened(isDevice(bare) ? `_${bare}` : bare)
}

/** Without dots and blanks at both ends: hidden on Unix, dropped by Windows. A loop, for a regular expression takes quadratic time. */
function trimmed(name: string): string {
  const isEdge = (at: number) => name[at] === '.' || name[at] === ' '
  let from = 0
  let to = name.length
  while (from < to && isEdge(from)) from++
  while (to > from && isEdge(to - 1)) to--
  return name.slice(from, to)
}

const isDevice = (name: string): boolean => DEVICE.test((name.split('.', 1)[0] ?? '').trimEnd().normalize('NFKC'))

/** `name`, `extra` before its ending, the stem cut so that all of it fits. */
function shortened(name: string, extra = ''): string {
  const ending = endingOf(name)
  const stem = name.slice(0, name.length - ending.length)
  return cut(stem, MAX_NAME_BYTES - Buffer.byteLength(extra + ending)) + extra + ending
}

/** As much of it as so many bytes hold, whole characters only as people see them; one that is larger by itself is cut between code points. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  return fitting(Array.from(graphemes.segment(text), ({ segment }) => segment), bytes) || fitting(Array.from(text), bytes)
}

function fitting(parts: string[], bytes: number): string {
  let left = bytes
  const tooMuch = parts.findIndex((part) => (left -= Buffer.byteLength(part)) < 0)
  return parts.slice(0, tooMuch).join('')
}

/**
 * What is never cut on screen: the last ending, and the one before it where that looks like one too (`.pdf.exe`, `.tar.gz`,
 * `.pdf   .exe`). '' where there is none; at most 24 UTF-16 units.
 */
export function endingOf(name: string): string {
  const at = name.lastIndexOf('.')
  const last = name.slice(at)
  if (at <= 0 || last.length < 2 || last.length > LONGEST_ENDING + 1 || /\s/.test(last)) return ''
  const before = /\.(?=[\d_-]*[a-z])[\w-]{1,8} *$/i.exec(name.slice(Math.max(0, at - LONGEST_ENDINGS), at))
  if (before === null) return last
  const both = before[0] + last
  return both.length <= LONGEST_ENDINGS && both.length < name.length ? both : last
}

/** `name`, or `stem (2).ending`, `stem (3).ending`, … until one isn't taken. Still at most 255 bytes. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  let free = name
  for (let n = 2; isTaken(free); n++) free = shortened(name, ` (${n})`)
  return free
}

/** The same for any two names that a disk which ignores case, width or composition may take for one. Only to compare. */
export const clashKey = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
