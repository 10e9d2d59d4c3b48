import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Dialogs } from '../ports.ts'
import type { Electron } from './electron.ts'

/** The system's dialogs; the one for saving asks itself before it writes over a file. */
export function electronDialogs({ dialog }: Pick<Electron, 'dialog'>): Dialogs {
  return {
    async saveFile({ name, content }) {
      const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: basename(name) })
      if (canceled || filePath === '') return false
      await writeFile(filePath, content, { mode: 0o600 })
      return true
    },
  }
}
