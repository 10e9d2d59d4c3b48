import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { markFromInternet } from './marks.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-marks-'))
after(() => rmSync(folder, { recursive: true }))
const file = (name: string) => {
  writeFileSync(join(folder, name), 'hello')
  return join(folder, name)
}

test('[T9] FI11: on Linux the file says where it is from', { skip: !existsSync('/usr/bin/setfattr') && 'no setfattr here' }, async () => {
  const path = file("-n it's $(here).txt")
  assert.equal(await markFromInternet(path, { platform: 'linux' }), true)
  assert.equal(execFileSync('/usr/bin/getfattr', ['--only-values', '-n', 'user.xdg.origin.url', '--', path], { encoding: 'utf8', stdio: 'pipe' }), 'about:internet')
  assert.equal(await markFromInternet(join(folder, 'missing'), { platform: 'linux' }), false)
})

test('[T9] FI11: the words for each system', async () => {
  const ran: [string, ...string[]][] = []
  const exec = (program: string, args: string[]) => {
    ran.push([program, ...args])
    return Promise.resolve(ran.length < 3)
  }
  const path = file('a.txt')
  utimesSync(path, 1_767_225_600, 1_767_225_600)
  assert.equal(await markFromInternet(path, { platform: 'darwin', exec }), true)
  assert.equal(await markFromInternet(path, { platform: 'linux', exec }), true)
  assert.equal(await markFromInternet('-rf', { platform: 'linux', exec }), false)
  assert.deepEqual(ran, [
    ['/usr/bin/xattr', '-w', 'com.apple.quarantine', '0083;6955b900;Parley;', path],
    ['/usr/bin/setfattr', '-n', 'user.xdg.origin.url', '-v', 'about:internet', '--', path],
    ['/usr/bin/setfattr', '-n', 'user.xdg.origin.url', '-v', 'about:internet', '--', join(process.cwd(), '-rf')],
  ])
})

test('[T9] FI11: packages of Linux bring the program along that sets the mark', () => {
  const packages = readFileSync(new URL('../../electron-builder.yml', import.meta.url), 'utf8')
  for (const kind of ['deb', 'rpm']) assert.match(packages, new RegExp(`^${kind}:\\n  fpm: \\["--depends", "attr"\\]$`, 'm'))
})

test('[T9] FI11: on Windows a stream beside the bytes', { skip: process.platform === 'win32' && 'the stream is no file there' }, async () => {
  const path = file('b.txt')
  assert.equal(await markFromInternet(path, { platform: 'win32' }), true)
  assert.equal(readFileSync(`${path}:Zone.Identifier`, 'utf8'), '[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=about:internet\r\n')
  assert.equal(await markFromInternet(join(folder, 'missing', 'c'), { platform: 'win32' }), false)
})
