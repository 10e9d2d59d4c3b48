import { existsSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { InlineConfig } from 'vite'
import { changedAt } from './files.ts'
import { ROOT } from './process.ts'

/** `build.ts [renderer] [electron] [--force]`: makes what is older than its sources; both without a name. */

interface Target {
  sources: string[]
  configs: InlineConfig[]
}

/** Left as imports: Electron itself, and what is native or reaches for native parts. */
const EXTERNAL = ['electron', 'better-sqlite3', 'ws']

const targets: Record<string, Target> = {
  renderer: {
    sources: ['renderer', 'protocol', 'package-lock.json'],
    configs: [{ configFile: join(ROOT, 'renderer/vite.config.ts') }],
  },
  electron: {
    sources: ['main', 'preload', 'protocol', 'signaling-server', 'package-lock.json'],
    configs: [
      {
        configFile: false,
        root: ROOT,
        ssr: { noExternal: true, external: EXTERNAL },
        build: {
          ssr: 'main/electron/index.ts',
          outDir: 'out/main',
          target: 'node24',
          minify: true,
          rollupOptions: { output: { format: 'es', entryFileNames: 'index.js', chunkFileNames: '[name]-[hash].js' } },
        },
      },
      {
        configFile: false,
        root: ROOT,
        ssr: { noExternal: true, external: EXTERNAL },
        build: {
          ssr: 'preload/index.ts',
          outDir: 'out/preload',
          target: 'node24',
          minify: true,
          // A sandboxed window takes no other kind of preload.
          rollupOptions: { output: { format: 'cjs', entryFileNames: 'index.cjs' } },
        },
      },
    ],
  },
}

export async function buildTargets(names: string[], force = false): Promise<void> {
  for (const name of names.length === 0 ? Object.keys(targets) : names) {
    const target = targets[name]
    if (target === undefined) throw new Error(`There is nothing called ${name} to build.`)
    const stamp = join(ROOT, 'out', `.built-${name}`)
    const changed = changedAt(target.sources)
    if (!force && existsSync(stamp) && statSync(stamp).mtimeMs >= changed) continue
    rmSync(stamp, { force: true })
    // Loaded only where there is something to build: it takes longer than everything else here.
    const { build } = await import('vite')
    for (const config of target.configs) await build({ logLevel: 'warn', ...config })
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, '')
    // As old as the sources it was made of: what changed meanwhile is made next time.
    utimesSync(stamp, new Date(), new Date(Math.ceil(changed)))
  }
}

if (import.meta.main) {
  const words = process.argv.slice(2)
  const names = words.filter((word) => word !== '--force')
  const unknown = names.find((name) => !Object.hasOwn(targets, name))
  if (unknown !== undefined) {
    process.stderr.write(`There is nothing called ${unknown} to build.\n`)
    process.exit(2)
  }
  await buildTargets(names, words.includes('--force'))
}
