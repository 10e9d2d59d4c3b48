import { lstat, realpath } from 'node:fs/promises'
import { posix, win32 } from 'node:path'
import type { ErrorCode } from '../../protocol/errors.ts'
import { HOMES, type Place, PRIVATE, THEMSELVES } from './private-places.ts'

/** [B2] Which folders may be shared at all. */

export interface Ground {
  /** My home folder. */
  home: string
  /** Parley's own folders: profile and data. */
  parley: readonly string[]
  platform: NodeJS.Platform
}

export type Judged = { ok: true; real: string } | { ok: false; code: ErrorCode }

/** Judges what stands on the disk. `real`: the path without links on its way. */
export async function judgeRoot(path: string, ground: Ground): Promise<Judged> {
  const { isAbsolute, resolve } = pathsOf(ground.platform)
  if (!isAbsolute(path) || path.includes('\0')) return no('share-root-missing')
  try {
    // Without the slash at its end, after which a link would be followed.
    const stats = await lstat(resolve(path))
    if (stats.isSymbolicLink()) return no('share-root-link')
    if (!stats.isDirectory()) return no('share-root-missing')
    const real = await realpath(path)
    const parley = await Promise.all(ground.parley.map((own) => realpath(own).catch(() => own)))
    const home = await realpath(ground.home).catch(() => ground.home)
    const code = judgePath(real, { ...ground, home, parley }) ?? (await holdsPrivate(real, ground))
    return code === undefined ? { ok: true, real } : no(code)
  } catch {
    return no('share-root-missing')
  }
}

const no = (code: ErrorCode): Judged => ({ ok: false, code })

/** Another's home, or a copy of one: what may lie anywhere lies in it. Hidden or not, such a folder is not what was meant. */
async function holdsPrivate(real: string, { platform }: Ground): Promise<ErrorCode | undefined> {
  const { join } = pathsOf(platform)
  for (const { code, pattern } of rulesFor(PRIVATE, platform)) {
    if (pattern[0] === '~' || pattern[0] === '' || pattern.some((part) => part.endsWith('*'))) continue
    if (await lstat(join(real, ...pattern)).then(() => true, () => false)) return code
  }
  return undefined
}

/**
 * Why this absolute path can't be shared, judged by its name alone; undefined where it can. What holds a private place is refused as
 * what lies in one is: a folder above a home, above Parley's own.
 */
export function judgePath(path: string, { home, parley, platform }: Ground): ErrorCode | undefined {
  const here = spotOf(path, platform)
  const mine = spotOf(home, platform)
  // `\\computer\C$` is the whole disk of a computer.
  if (here.parts.length === 0 || here.drive.endsWith('$\\')) return 'share-root-disk'
  if (isWithin(here, mine)) return 'share-root-home'
  const own = parley.map((one) => spotOf(one, platform))
  if (own.some((one) => isWithin(here, one) || isWithin(one, here))) return 'share-root-parley'

  // What is in my home is judged from there on: root's lies among the system's folders.
  const isMine = isWithin(mine, here)
  const parts = isMine ? here.parts.slice(mine.parts.length) : here.parts
  const rules = (places: readonly Place[]) => rulesFor(places, platform)
  if (!isMine) {
    const itself = rules(HOMES).find(({ pattern }) => parts.length < pattern.length && startsLike(pattern.slice(1, parts.length + 1), parts))
      ?? rules(THEMSELVES).find(({ pattern }) => parts.length === pattern.length - 1 && startsLike(pattern.slice(1), parts))
    if (itself !== undefined) return itself.code
  }
  const inHome = isMine ? parts : afterHome(parts, rules(HOMES))
  return rules(PRIVATE).find(({ pattern }) => {
    if (pattern[0] === '~') return inHome !== undefined && startsLike(pattern.slice(1), inHome)
    if (pattern[0] === '') return !isMine && startsLike(pattern.slice(1), parts)
    return parts.some((_, from) => startsLike(pattern, parts.slice(from)))
  })?.code
}

interface Rule { code: ErrorCode; pattern: string[] }

/** The patterns for this system, in their order; the first part of one is `~`, empty, or the first that has to fit. */
const rulesFor = (places: readonly Place[], platform: NodeJS.Platform): Rule[] =>
  places.filter(({ on }) => isFor(on, platform)).flatMap(({ code, at }) => at.map((text) => ({ code, pattern: foldFor(platform)(text).split('/') })))

/** A path taken apart: `drive` is the root, a drive or a network folder. */
interface Spot { drive: string; parts: string[] }

const isWithin = (outer: Spot, inner: Spot): boolean =>
  outer.drive === inner.drive && outer.parts.length <= inner.parts.length && outer.parts.every((part, i) => part === inner.parts[i])

const startsLike = (pattern: string[], parts: string[]): boolean =>
  pattern.length <= parts.length && pattern.every((one, i) => (one.endsWith('*') ? parts[i]!.startsWith(one.slice(0, -1)) : parts[i] === one))

const afterHome = (parts: string[], homes: Rule[]): string[] | undefined => {
  const home = homes.find(({ pattern }) => startsLike(pattern.slice(1), parts))
  return home === undefined ? undefined : parts.slice(home.pattern.length - 1)
}

const isFor = (on: Place['on'], platform: NodeJS.Platform): boolean => {
  switch (on) {
    case 'all': return true
    case 'unix': return platform !== 'win32'
    case 'darwin':
    case 'win32': return platform === on
    // And its relatives.
    case 'linux': return platform !== 'win32' && platform !== 'darwin'
  }
}

const pathsOf = (platform: NodeJS.Platform) => (platform === 'win32' ? win32 : posix)

/** These systems see no difference of case, and macOS none between two ways to write `é`. */
const foldFor = (platform: NodeJS.Platform) => (text: string): string =>
  platform === 'win32' || platform === 'darwin' ? text.normalize('NFC').toLowerCase() : text

function spotOf(path: string, platform: NodeJS.Platform): Spot {
  const fold = foldFor(platform)
  if (platform !== 'win32') return { drive: '/', parts: fold(posix.resolve('/', path)).split('/').filter((part) => part !== '') }
  const plain = win32.normalize(path.replace(/^[\\/]{2}[?.][\\/](UNC[\\/])?/i, (_, unc: string | undefined) => (unc === undefined ? '' : '\\\\')))
  const { root } = win32.parse(plain)
  // Windows ignores dots and blanks at the end of a name.
  const parts = plain.slice(root.length).split('\\').map((part) => fold(part.replace(/[. ]+$/, '')))
  return { drive: fold(root), parts: parts.filter((part) => part !== '') }
}
