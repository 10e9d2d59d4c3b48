import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { sources } from './steps/files.ts'
import { ROOT } from './steps/process.ts'

/**
 * Who may import whom. A file belongs to the first zone whose folder (or file) its path begins with. It may import its own zone and
 * what the zone names: folders and files of ours by their path, packages by their name, `node:*` for Node. `*` is anything.
 */
interface Zone {
  in: string
  may: string[]
  /** Further, by `import type` only: what is handed in has a type. */
  types?: string[]
  /** Further, for tests in this zone. */
  tests?: string[]
}

const NAMES = ['protocol/ids.ts', 'protocol/errors.ts', 'protocol/limits.ts']
const CONTRACT = ['protocol/app/', ...NAMES]
/** Keys, envelopes and the pure decisions about keeping are the ground every concern stands on, with a few small givens. */
const CONCERN = ['protocol/', 'main/store/', 'main/identity/', 'main/envelopes/', 'main/privacy/modes.ts', 'main/ports.ts', 'main/random.ts', 'main/bucket.ts', 'main/clock.ts', 'main/background.ts', 'main/spacing.ts', 'zod', 'node:*']
const HOST = ['main/app.ts', 'main/ports.ts', 'main/hosts/', 'protocol/wire/bytes.ts', ...CONTRACT, 'node:*']
/** Tests of the core may start the real server and look into each other's concerns. */
const CORE_TESTS = ['main/', 'protocol/', 'signaling-server/', 'better-sqlite3', 'ws']
/** What any test may import. */
const TESTS = ['node:*', 'fast-check', 'vite', '@playwright/test']

export const zones: Zone[] = [
  ...NAMES.map((file) => ({ in: file, may: [] })),
  { in: 'protocol/wire/', may: [...NAMES, 'zod'] },
  // The link page's messages are bytes.
  { in: 'protocol/app/', may: [...NAMES, 'protocol/wire/bytes.ts', 'zod'] },
  { in: 'protocol/', may: [], tests: ['protocol/'] },

  { in: 'signaling-server/', may: ['protocol/wire/', ...NAMES, 'zod', 'ws', 'better-sqlite3', 'node:*'], tests: ['main/identity/'] },

  { in: 'main/store/', may: ['protocol/', 'main/ports.ts', 'better-sqlite3', 'node:*'], tests: CORE_TESTS },
  { in: 'main/identity/', may: [...CONCERN, '@scure/bip39', 'hpke', '@panva/hpke-noble'], tests: CORE_TESTS },
  { in: 'main/envelopes/', may: [...CONCERN, '@scure/bip39', 'hpke', '@panva/hpke-noble'], tests: CORE_TESTS },
  { in: 'main/signaling/', may: [...CONCERN, 'ws'], types: ['main/'], tests: CORE_TESTS },
  { in: 'main/notifications/', may: [...CONCERN, 'intl-messageformat'], types: ['main/'], tests: CORE_TESTS },
  { in: 'main/embedded-server/', may: [...CONCERN, 'signaling-server/'], types: ['main/'], tests: CORE_TESTS },
  { in: 'main/hosts/', may: ['main/app.ts', 'main/ports.ts', 'protocol/', 'better-sqlite3', 'node:*'], tests: CORE_TESTS },
  { in: 'main/electron/', may: [...HOST, 'electron'], tests: CORE_TESTS },
  { in: 'main/web/', may: [...HOST, 'ws'], tests: CORE_TESTS },
  { in: 'main/testing/', may: [...CORE_TESTS, 'node:*', 'fast-check'] },
  { in: 'main/app.ts', may: ['main/', 'protocol/', 'node:*'] },
  { in: 'main/files.ts', may: ['main/', 'protocol/', 'node:*'] },
  { in: 'main/ports.ts', may: ['protocol/'] },
  { in: 'main/random.ts', may: ['main/ports.ts', 'protocol/', 'node:*'] },
  // Every other folder of main/ is a concern: it knows others only through functions that app.ts hands in.
  { in: 'main/', may: CONCERN, types: ['main/'], tests: CORE_TESTS },

  { in: 'preload/', may: ['electron'] },
  { in: 'renderer/link/', may: [...CONTRACT, 'simple-peer'] },
  { in: 'renderer/vite.config.ts', may: ['vite', '@vitejs/plugin-react', 'node:*'] },
  {
    in: 'renderer/',
    may: [...CONTRACT, 'react', 'react-dom', '@ariakit/react', '@tanstack/react-virtual', 'lucide-react', 'intl-messageformat', 'uqr', '@fontsource-variable/inter'],
  },

  { in: 'e2e/', may: ['@playwright/test', '@axe-core/playwright', 'node:*'] },
  { in: 'bench/', may: ['*'] },
  { in: 'scripts/', may: ['*'] },
]

/** Nothing imports these; they are for people and for npm. */
const LEAVES = ['bench/', 'scripts/', 'e2e/']

/** What only tests import. */
const HELPERS = 'main/testing/'

/** `file:line imports what it may not`, for every file of ours. */
export function findImportFaults(root: string): string[] {
  return sources(['*/**/*.ts', '*/**/*.tsx'], root)
    .filter((path) => !path.endsWith('.d.ts') && !path.startsWith('tools/'))
    .flatMap((path) => {
      const zone = zones.find(({ in: start }) => path.startsWith(start))
      if (zone === undefined) return [`${path} is in no folder that scripts/check-imports.ts knows`]
      return importsOf(readFileSync(join(root, path), 'utf8'))
        .map(({ line, from, isType }) => ({ line, isType, target: targetOf(path, from) }))
        .filter(({ target, isType }) => !mayImport(path, zone, target, isType))
        .map(({ line, target }) => `${path}:${line} imports ${target}, which ${zone.in} may not`)
    })
}

function mayImport(path: string, zone: Zone, target: string, isType: boolean): boolean {
  if (isIn(target, zoneOf(path, zone))) return true
  const isTest = /\.(test|suite)\.tsx?$/.test(path)
  if (LEAVES.some((leaf) => target.startsWith(leaf)) || (!isTest && target.startsWith(HELPERS))) return false
  const may = [...zone.may, ...(isType ? (zone.types ?? []) : []), ...(isTest ? [...TESTS, ...(zone.tests ?? [])] : [])]
  return may.some((entry) => entry === '*' || isIn(target, entry))
}

/** Each folder of main/ is a zone of its own, though one line of the table speaks for many. */
const zoneOf = (path: string, zone: Zone): string => (zone.in === 'main/' && path.split('/').length > 2 ? path.split('/').slice(0, 2).join('/') + '/' : zone.in)

const isIn = (target: string, entry: string): boolean => (entry.endsWith('/') ? target.startsWith(entry) : target === entry)

/** `from '…'` of imports and exports, bare imports, and `import('…')`, with their lines. */
function importsOf(text: string): { line: number; from: string; isType: boolean }[] {
  const found = text.matchAll(/^\s*(?:import|export)\s(?:[^'"`;=]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm)
  return [...found].map((match) => ({ line: text.slice(0, match.index + match[0].trimEnd().length).split('\n').length, from: match[1] ?? match[2] ?? '', isType: /^\s*(import|export)\s+type\s/.test(match[0]) }))
}

/** A path from the root, `node:*`, or a package's name. */
function targetOf(path: string, from: string): string {
  if (from.startsWith('.')) return normalize(join(dirname(path), from)).replaceAll('\\', '/')
  if (isBuiltin(from)) return 'node:*'
  return from.split('/').slice(0, from.startsWith('@') ? 2 : 1).join('/')
}

if (import.meta.main) {
  const faults = findImportFaults(ROOT)
  for (const fault of faults) process.stdout.write(`${fault}\n`)
  process.exit(faults.length === 0 ? 0 : 1)
}
