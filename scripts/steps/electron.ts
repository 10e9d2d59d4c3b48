import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runNode } from './process.ts'

/** A download that takes longer is not waited for at `npm start`; it can be made by hand. */
const DOWNLOAD_WITHIN = 120_000
const FOLDER = join(ROOT, 'node_modules/electron')
/** Goes with node_modules, so a fresh installation tries again. */
const FAILED = join(ROOT, 'node_modules/.parley-no-electron')

/** Electron's program, where it was downloaded (or where ELECTRON_OVERRIDE_DIST_PATH says it is). */
export function electronBinary(): string | undefined {
  const name = join(FOLDER, 'path.txt')
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(FOLDER, 'dist')
  const path = join(folder, existsSync(name) ? readFileSync(name, 'utf8') : 'electron')
  return existsSync(path) ? path : undefined
}

/** The same, downloading it once; a failure is remembered, so that the next start doesn't wait again. */
export async function ensureElectron(): Promise<string | undefined> {
  const found = electronBinary()
  if (found !== undefined || existsSync(FAILED)) return found
  process.stderr.write('Getting Electron…\n')
  const code = await runNode([join(FOLDER, 'install.js')], { stdio: 'ignore', timeout: DOWNLOAD_WITHIN })
  if (code === 0) rmSync(FAILED, { force: true })
  else writeFileSync(FAILED, 'npm start does not try to download Electron again while this file is here.\n')
  return electronBinary()
}
