import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArgs } from './args.ts'

const read = (...argv: string[]) => readArgs(argv, true)
const nothing = { port: 0, picks: [], untilLastWindow: false, renew: false }

test('options of the web host are read, with a space or an equals sign', () => {
  assert.deepEqual(read('--data-dir', '/tmp/a b', '--port=7300', '--profile', 'Ada', '--downloads', 'd', '--pick', '1.txt', '--pick', '2.txt', '--server-port', '0'), {
    ok: true,
    args: { ...nothing, dataDir: '/tmp/a b', port: 7300, profile: 'ada', downloads: 'd', picks: ['1.txt', '2.txt'], serverPort: 0 },
  })
  assert.deepEqual(read('--candidates', 'loopback-only', '--until-last-window', '--renew'), {
    ok: true,
    args: { ...nothing, candidates: 'loopback-only', untilLastWindow: true, renew: true },
  })
})

test('wrong usage is said in words', () => {
  for (const argv of [['--nonsense'], ['nonsense'], ['--port'], ['--port', '70000'], ['--port', '-1'], ['--port', ''], ['--profile', '../x'], ['--candidates', 'all'], ['constructor'], ['__proto__']]) {
    const result = read(...argv)
    assert.ok(!result.ok && result.why.endsWith('.'), argv.join(' '))
  }
})

test('switches of Electron and Chromium are passed over where they are not ours to judge', () => {
  assert.deepEqual(readArgs(['--no-sandbox', '--original-process-start-time=1', '.', '--profile', 'ben'], false), { ok: true, args: { ...nothing, profile: 'ben' } })
})

test('[I18] a link from outside is never read as a switch, and nothing behind it is', () => {
  const link = 'parley://add/#x --data-dir=/etc'
  assert.deepEqual(readArgs(['--', link, '--data-dir', '/etc'], false), { ok: true, args: { ...nothing, link } })
  assert.deepEqual(readArgs([link], false), { ok: true, args: { ...nothing, link } })
  assert.deepEqual(readArgs(['--profile', link], false).ok, false)
  assert.deepEqual(readArgs(['parley:' + 'x'.repeat(3_000)], false), { ok: true, args: nothing })
})
