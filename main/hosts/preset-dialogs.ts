import { lstat, mkdir, open } from 'node:fs/promises'
import { basename, delimiter, dirname, join, parse, resolve } from 'node:path'
import type { Dialogs } from '../ports.ts'

/** As many copies of one name as anybody looks through. */
const MOST_COPIES = 1_000

interface Deps {
  /** Where saved files go. */
  downloads: string
  /** Answers given beforehand (`--pick`), taken in order, one for each dialog. */
  picks: string[]
  /** Stands in for a host with dialogs: without an answer left they are put off. Else the window is to ask. */
  hasDialogs: boolean
}

/**
 * Nobody is asked (web host, tests): each dialog takes the next answer, and the one for several files takes its paths apart at the
 * system's path delimiter. Files are saved where the answer says, else in one folder, and never over another file.
 */
export function presetDialogs({ downloads, picks, hasDialogs }: Deps): Dialogs {
  const answers = [...picks]
  return {
    async saveFile({ name, content }) {
      const wanted = answers.shift() ?? join(downloads, plainName(name))
      await mkdir(dirname(wanted), { recursive: true })
      return writeNew(wanted, content)
    },
    async pickFiles() {
      const answer = answers.shift()
      if (answer === undefined) return hasDialogs ? [] : undefined
      return answer.split(delimiter).map((path) => resolve(path))
    },
    async pickFolder() {
      const answer = answers.shift()
      if (answer === undefined) return hasDialogs ? null : undefined
      return resolve(answer)
    },
    /** Nobody is there to say yes but an answer that does. */
    confirm: async () => answers.shift() === 'yes',
    async pickSave(name) {
      const wanted = resolve(answers.shift() ?? join(downloads, basename(name)))
      await mkdir(dirname(wanted), { recursive: true })
      return firstFree(wanted)
    },
  }
}

/** One component, nothing invisible, nothing hidden. */
function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  return last.replace(/[\p{Cc}\p{Cf}:*?"<>|]/gu, '').replace(/^\.+/, '') || 'file'
}

/** `a.txt`, `a (2).txt`, `a (3).txt` … */
function* copiesOf(path: string): Generator<string> {
  yield path
  const { dir, name, ext } = parse(path)
  for (let copy = 2; copy <= MOST_COPIES; copy++) yield join(dir, `${name} (${copy})${ext}`)
}

async function firstFree(path: string): Promise<string | null> {
  for (const copy of copiesOf(path)) {
    const isThere = await lstat(copy).then(() => true, () => false)
    if (!isThere) return copy
  }
  return null
}

async function writeNew(path: string, content: string): Promise<boolean> {
  for (const copy of copiesOf(path)) {
    const file = await open(copy, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined
      throw error
    })
    if (file === undefined) continue
    await file.writeFile(content)
    await file.close()
    return true
  }
  return false
}
