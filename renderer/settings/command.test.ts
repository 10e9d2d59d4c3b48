import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandText, wordsOf } from './command.ts'

for (const [line, words] of [
  ['', []],
  ['/usr/bin/clamscan --no-summary', ['/usr/bin/clamscan', '--no-summary']],
  ['  "C:\\Program Files\\Scan\\scan.exe"   -x ', ['C:\\Program Files\\Scan\\scan.exe', '-x']],
  ['/bin/scan $HOME;rm', ['/bin/scan', '$HOME;rm']],
] as const) test(`a command line as words: ${line}`, () => assert.deepEqual(wordsOf(line), words))

test('words are read back as they were', () => {
  const words = ['/opt/my scanner/run', '--quiet', '-f']
  assert.deepEqual(wordsOf(commandText(words)), words)
})
