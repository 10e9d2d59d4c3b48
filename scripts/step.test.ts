import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { take } from './steps/step.ts'

function program(t: TestContext, text: string): { path: string; dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'parley-step-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  writeFileSync(join(dir, 'step.mjs'), text)
  return { path: join(dir, 'step.mjs'), dir }
}

const isThere = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A process that was ended is still listed until it is waited for. */
async function isGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 40 && isThere(pid); i++) await new Promise((resolve) => setTimeout(resolve, 50))
  return !isThere(pid) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
}

test('a step says its count; one that dies without a word has failed, and one that ends well has passed', async (t) => {
  const { path } = program(t, "process.send({ passed: 3, failed: 1, skipped: 2 }, () => process.exit(1))")
  assert.deepEqual(await take({ title: 'x', path, within: 20_000 }), { passed: 3, failed: 1, skipped: 2 })
  assert.deepEqual(await take({ title: 'x', path: program(t, 'process.exit(7)').path, within: 20_000 }), { passed: 0, failed: 1, skipped: 0 })
  assert.deepEqual(await take({ title: 'x', path: program(t, '').path, within: 20_000 }), { passed: 1, failed: 0, skipped: 0 })
})

const LEAVES_ONE = (more: string) => `
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { stdio: 'inherit' })
writeFileSync(new URL('pid', import.meta.url), String(child.pid))
${more}`

test('a step that hangs is ended with all it started, and has failed', { skip: process.platform === 'win32' }, async (t) => {
  const { path, dir } = program(t, LEAVES_ONE("process.on('SIGTERM', () => {}); process.send({ passed: 5, failed: 0, skipped: 0 })"))
  const began = Date.now()
  assert.deepEqual(await take({ title: 'a hanging step', path, within: 1_000 }), { passed: 5, failed: 1, skipped: 0 })
  assert.ok(Date.now() - began < 10_000)
  assert.ok(await isGone(Number(readFileSync(join(dir, 'pid'), 'utf8'))))
})

test('what a step left running ends with it', { skip: process.platform === 'win32' }, async (t) => {
  const { path, dir } = program(t, LEAVES_ONE('process.exit(0)'))
  assert.deepEqual(await take({ title: 'x', path, within: 20_000 }), { passed: 1, failed: 0, skipped: 0 })
  assert.ok(await isGone(Number(readFileSync(join(dir, 'pid'), 'utf8'))))
})
