import { join } from 'node:path'
import { ROOT, runNode } from './process.ts'

/** `npm run package [-- --dir]`: electron-builder for this machine's system; files in release/. */

if (process.env['PARLEY_ELECTRON_DIST'] !== undefined && process.env['PARLEY_RELEASE'] !== undefined) {
  process.stderr.write('PARLEY_ELECTRON_DIST gives a stand-in for Electron: nothing made with it may be released.\n')
  process.exit(1)
}

const standIn = process.env['PARLEY_ELECTRON_DIST']
/** Stand-in packages are named as such and go to their own folder. */
const words = standIn === undefined ? [] : [`-c.electronDist=${standIn}`, '-c.directories.output=release/stand-in', '-c.artifactName=stand-in-${name}-${version}-${os}-${arch}.${ext}']
process.exit(await runNode([join(ROOT, 'node_modules/electron-builder/cli.js'), '--publish', 'never', ...process.argv.slice(2), ...words]))
