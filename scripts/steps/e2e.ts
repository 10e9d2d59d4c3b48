import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureChromium } from './chromium.ts'
import { ensureClamd } from './clamav.ts'
import { type Count, endWith } from './count.ts'
import { electronBinary } from './electron.ts'
import { ROOT, runNode } from './process.ts'

const REPORT = join(ROOT, 'test-results/e2e.json')

/** The end-to-end tests; arguments go to Playwright. */
export async function e2e(args: string[] = []): Promise<Count> {
  const chromium = await ensureChromium()
  if (chromium === undefined) return { passed: 0, failed: 1, skipped: 0 }
  await ensureClamd()
  if (!existsSync(join(ROOT, 'e2e/specs'))) return { passed: 0, failed: 0, skipped: 0 }
  const env = { ...process.env, PARLEY_CHROMIUM: chromium, PARLEY_ELECTRON: electronBinary() ?? '', PLAYWRIGHT_JSON_OUTPUT_NAME: REPORT }
  const code = await runNode([join(ROOT, 'node_modules/@playwright/test/cli.js'), 'test', '--config', 'e2e/playwright.config.ts', ...args], { env })
  const count = readReport()
  // A run that died before its first test has failed too.
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count
}

function readReport(): Count {
  if (!existsSync(REPORT)) return { passed: 0, failed: 0, skipped: 0 }
  const { stats } = JSON.parse(readFileSync(REPORT, 'utf8')) as { stats: { expected: number; unexpected: number; flaky: number; skipped: number } }
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }
}

if (import.meta.main) endWith(await e2e(process.argv.slice(2)))
