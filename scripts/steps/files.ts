import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './process.ts'

/** What is made, not written. */
const MADE = ['node_modules', 'out', 'release', 'demo-output', 'test-results', 'playwright-report', '.git']

/** Written files of the repository (or of another folder) that match, as paths from its root with forward slashes. */
export function sources(pattern: string | string[], root: string = ROOT): string[] {
  return globSync(pattern, { cwd: root, exclude: (path) => MADE.includes(path.split(/[\\/]/).at(-1) ?? '') })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

/** When anything under these folders changed last; a file that went changes its folder. */
export function changedAt(folders: string[]): number {
  const paths = folders.flatMap((folder) => [folder, ...sources(`${folder}/**`)])
  return Math.max(0, ...paths.map((path) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0))
}
