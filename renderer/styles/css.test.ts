import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const styles = globSync('**/*.css', { cwd: root })

/** Sides and sizes that don't turn with the direction of the script. */
const PHYSICAL = /(?<![\w-])(?:(?:margin|padding|border|inset)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|(?:min|max)-(?:width|height)|border-(?:top|bottom)-(?:left|right)-radius)\s*:/
const PHYSICAL_VALUE = /(?:text-align|float|clear)\s*:\s*(?:left|right)|\b\d+v[wh]\b/

for (const file of styles) {
  const css = read(file)
  test(`${file} is written for both directions`, () => {
    const lines = css.split('\n').filter((line) => !line.includes('@media') && (PHYSICAL.test(line) || PHYSICAL_VALUE.test(line)))
    assert.deepEqual(lines, [])
  })
  if (!file.endsWith('tokens.css')) {
    test(`${file} takes its colours from the tokens`, () => {
      const found = css.split('\n').filter((line) => /#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i.test(line))
      // The code must be dark on white in every theme, and a letter's colour comes from its hue.
      assert.deepEqual(found.filter((line) => !/#fff|#15181d/.test(line)), [])
    })
  }
}

test('every class that is used exists, and every class is used', () => {
  const problems: string[] = []
  for (const file of styles.filter((name) => name.endsWith('.module.css'))) {
    const defined = new Set([...read(file).replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/\.([a-z][\w-]*)(?=[^{}]*\{)/gi)].map((match) => match[1] ?? ''))
    const users = globSync('**/*.tsx', { cwd: root }).filter((name) => read(name).includes(`/${file.split('/').at(-1)}'`) && imports(name, file))
    const used = new Set(users.flatMap((name) => {
      const source = read(name)
      const as = new RegExp(`import (\\w+) from '[^']*${file.split('/').at(-1)?.replaceAll('.', '\\.')}'`).exec(source)?.[1] ?? 'css'
      return [...source.matchAll(new RegExp(`\\b${as}\\.(\\w+)`, 'g'))].map((match) => match[1] ?? '')
    }))
    const isIndexed = users.some((name) => /\bcss\[/.test(read(name)))
    for (const name of used) if (name !== 'module' && !defined.has(name)) problems.push(`${file}: no .${name}`)
    if (!isIndexed) for (const name of defined) if (!used.has(name)) problems.push(`${file}: .${name} is not used`)
  }
  assert.deepEqual(problems, [])
})

function imports(component: string, file: string): boolean {
  const path = new RegExp(`from '([^']*${file.split('/').at(-1)?.replaceAll('.', '\\.')})'`).exec(read(component))?.[1]
  return path !== undefined && join(component, '..', path) === file
}

test('every token that is used exists', () => {
  const tokens = new Set([...read('styles/tokens.css').matchAll(/(--[\w-]+)\s*:/g)].map((match) => match[1]))
  const local = new Set(['--under', '--h', '--list-width', '--level'])
  const used = styles.flatMap((file) => [...read(file).matchAll(/var\((--[\w-]+)/g)].map((match) => match[1] ?? ''))
  assert.deepEqual(used.filter((name) => !tokens.has(name) && !local.has(name)), [])
})
