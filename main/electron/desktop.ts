import assert from 'node:assert/strict'
import { isAbsolute } from 'node:path'
import type { Desktop } from '../ports.ts'
import type { Electron } from './electron.ts'

/** The system's own way with files. What opens them are other programs: a path that is not whole could be read as an option. */
export function electronDesktop({ shell }: Pick<Electron, 'shell'>): Desktop {
  return {
    async open(path) {
      assert.ok(isAbsolute(path))
      // The answer is what went wrong.
      return (await shell.openPath(path)) === ''
    },
    async reveal(path) {
      assert.ok(isAbsolute(path))
      shell.showItemInFolder(path)
      // Electron doesn't tell.
      return true
    },
  }
}
