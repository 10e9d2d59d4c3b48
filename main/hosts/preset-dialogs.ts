import { mkdir, open } from 'node:fs/promises'
import { dirname, join, parse } from 'node:path'
import type { Dialogs } from '../ports.ts'

/** As many copies of one name as anybody looks through. */
const MOST_COPIES = 1_000

interface Deps {
  /** Where saved files go. */
  downloads: string
  /** Answers given beforehand (`--pick`), taken in order, one for each dialog. */
  picks: string[]
}

/** Nobody is asked (web host, tests): files go to one folder, or where `--pick` says, and never over another file. */
export function presetDialogs({ downloads, picks }: Deps): Dialogs {
  const answers = [...picks]
  return {
    async saveFile({ name, content }) {
      const wanted = answers.shift() ?? join(downloads, plainName(name))
      await mkdir(dirname(wanted), { recursive: true })
      return writeNew(wanted, content)
    },
  }
}

/** One component, nothing invisible, nothing hidden. */
function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  return last.replace(/[\p{Cc}\p{Cf}:*?"<>|]/gu, '').replace(/^\.+/, '') || 'file'
}

async function writeNew(path: string, content: string): Promise<boolean> {
  const { dir, name, ext } = parse(path)
  for (let copy = 1; copy <= MOST_COPIES; copy++) {
    const file = await open(copy === 1 ? path : join(dir, `${name} (${copy})${ext}`), 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
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
