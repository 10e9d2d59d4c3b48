import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { errors } from '../../protocol/errors.ts'
import en from './en.ts'
import { message, sentence, t } from './index.ts'

const root = join(import.meta.dirname, '..')
const files = globSync('**/*.{ts,tsx}', { cwd: root }).filter((file) => !/\.test\.ts$|^link\/|words\/en\.ts$|vite\.config/.test(file))
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const all = [...sources.values()].join('\n')

/** What stands in quotation marks, and templates as patterns. */
const quoted = new Set([...all.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g)].map((match) => match[1] ?? match[2]))
const templates = [...all.matchAll(/`([a-z][\w.-]*(?:\$\{[^}]*\}[\w.-]*)+)`/gi)].map(([, text = '']) =>
  new RegExp(`^${text.split(/\$\{[^}]*\}/).map((part) => part.replaceAll('.', '\\.')).join('.+')}$`))

test('every word is used', () => {
  const unused = Object.keys(en).filter((key) => !quoted.has(key) && !templates.some((pattern) => pattern.test(key)))
  assert.deepEqual(unused, [])
})

test('every word that is used exists', () => {
  const used = [...all.matchAll(/(?:\bt\(|\bk=|\bsaid\(|\bcalm\(|textOf\()\s*['"]([\w.-]+)['"]/g)].map((match) => match[1] ?? '')
  assert.ok(used.length > 200)
  assert.deepEqual(used.filter((key) => !(key in en)), [])
})

/** A value for each placeholder. */
const values = new Proxy({}, { get: (_, name) => (/count|uses|minutes|refused|days/.test(String(name)) ? 2 : 'x'), has: () => true, ownKeys: () => [], getOwnPropertyDescriptor: () => undefined })

for (const [key, text] of Object.entries(en)) {
  test(`the message ${key} is well formed`, () => assert.ok(String(message(text).format(values)).length >= 0))
}

test('an apostrophe stays one, also beside a name', () => {
  assert.equal(t('key.check', { name: 'Ben' }), "Check Ben's key")
  assert.equal(t('keep.off'), "Don't keep")
})

test('every code has a sentence that can be shown', () => {
  for (const code of Object.keys(errors)) assert.doesNotMatch(sentence(code as keyof typeof errors), /[{}]/)
})

test('no English stands in the components', () => {
  const found: string[] = []
  for (const [file, source] of sources) {
    if (!file.endsWith('.tsx')) continue
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '').replace(/=>/g, '').replace(/<\w+(?:,\s*\w+)*>\(/g, '(')
    for (const [, text = ''] of code.matchAll(/<\/?[A-Za-z](?:[^<>{}]*[^<>{}/])?>([^<>{}()=;?]*[A-Za-z]{2}[^<>{}()=;?]*)</g)) {
      if (!/\b(?:case|return)\b|^\s*:/.test(text)) found.push(`${file}: ${text.trim()}`)
    }
    for (const [, text = ''] of code.matchAll(/\b(?:aria-label|title|placeholder|label|alt|hint|legend)="([^"]*)"/g)) found.push(`${file}: ${text}`)
  }
  assert.deepEqual(found, [])
})

test('[G8] the notice is said to be the other program’s promise, never more', () => {
  for (const key of ['half.theirs.disk.tip', 'half.theirs.days.tip', 'half.theirs.session.tip', 'half.theirs.off.tip'] as const) {
    assert.match(en[key], /Parley says/)
  }
  assert.match(en['half.theirs.off.tip'], /could still copy or photograph/)
})
