import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Dialogs } from '../ports.ts'
import type { Electron } from './electron.ts'

/** The system's dialogs; the one for saving asks itself before it names a file that is there: GTK only when told to. */
export function electronDialogs({ dialog }: Pick<Electron, 'dialog'>): Dialogs {
  async function pickSave(name: string) {
    const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: basename(name), properties: ['showOverwriteConfirmation'] })
    return canceled || filePath === '' ? null : filePath
  }
  return {
    pickSave,
    async saveFile({ name, content }) {
      const path = await pickSave(name)
      if (path === null) return false
      await writeFile(path, content, { mode: 0o600 })
      return true
    },
    async pickFiles() {
      const { canceled, filePaths } = await dialog.showOpenDialog({ properties: ['openFile', 'multiSelections'] })
      return canceled ? [] : filePaths
    },
    async confirm(question) {
      const { response } = await dialog.showMessageBox({ type: 'warning', message: question, buttons: ['Cancel', 'Allow'], defaultId: 0, cancelId: 0, noLink: true })
      return response === 1
    },
    async pickFolder() {
      const { canceled, filePaths } = await dialog.showOpenDialog({ properties: ['openDirectory'] })
      return canceled ? null : (filePaths[0] ?? null)
    },
  }
}
