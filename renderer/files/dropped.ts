import type { InFolder } from './desk.ts'

/** What was dropped, pasted or chosen in the window. A folder is walked only when its bytes have to go over the pipe. */
export type Dropped =
  | { is: 'file'; name: string; file: File }
  | { is: 'folder'; name: string; file?: File; files(): Promise<InFolder[]> }

/** Whether files are dragged: only then the window takes the drop. */
export const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') ?? false

/** To be asked at once: after the event nothing of it is left. */
export function dropsOf(data: DataTransfer): Dropped[] {
  return [...data.items].flatMap((item): Dropped[] => {
    if (item.kind !== 'file') return []
    const entry = item.webkitGetAsEntry()
    const file = item.getAsFile() ?? undefined
    if (entry?.isDirectory) return [{ is: 'folder', name: entry.name, ...(file && { file }), files: () => walk(entry as FileSystemDirectoryEntry, []) }]
    return file === undefined ? [] : [{ is: 'file', name: file.name, file }]
  })
}

async function walk(folder: FileSystemDirectoryEntry, path: string[]): Promise<InFolder[]> {
  const found: InFolder[] = []
  for (const entry of await entriesOf(folder)) {
    const at = [...path, entry.name]
    if (entry.isDirectory) found.push(...(await walk(entry as FileSystemDirectoryEntry, at)))
    else found.push({ file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)), path: at })
  }
  return found
}

/** A reader gives a hundred at a time, and none at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    all.push(...some)
  }
}

/** Asks with the browser's own dialog; nothing where it was put off. */
export function askWithInput(what: 'files' | 'folder'): Promise<Dropped[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = what === 'files'
  input.webkitdirectory = what === 'folder'
  return new Promise((resolve) => {
    input.addEventListener('cancel', () => resolve([]))
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])]
      resolve(what === 'files' ? files.map((file) => ({ is: 'file', name: file.name, file })) : folderOf(files))
    })
    input.click()
  })
}

/** A chosen folder comes as its files, each with its path from above the folder. */
export function folderOf(files: readonly File[]): Dropped[] {
  const name = files[0]?.webkitRelativePath.split('/')[0]
  if (name === undefined || name === '') return []
  return [{ is: 'folder', name, files: async () => files.map((file) => ({ file, path: file.webkitRelativePath.split('/').slice(1) })) }]
}

/** Pictures on the clipboard; what else is there, text and HTML, stays text. */
export function pasted(data: DataTransfer, nameFor: (ending: string) => string): Dropped[] {
  if (data.types.includes('text/plain')) return []
  return [...data.files].map((file) => {
    const isNameless = file.type.startsWith('image/') && /^image\.\w+$/.test(file.name)
    return { is: 'file', name: isNameless ? nameFor(file.name.split('.')[1] ?? 'png') : file.name, file }
  })
}
