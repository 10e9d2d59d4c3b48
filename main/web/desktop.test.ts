import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { desktopCommand, hasDesktop, webDesktop } from './desktop.ts'
import { webDownloads } from './downloads.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-desktop-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a desktop is there on macOS, on Windows, and where a display is', () => {
  const on = (platform: NodeJS.Platform, env: Record<string, string>) => hasDesktop({ platform, env })
  assert.deepEqual([on('darwin', {}), on('win32', {}), on('linux', { DISPLAY: ':0' }), on('linux', { DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' })], [true, true, true, true])
  assert.deepEqual([on('linux', {}), on('linux', { DISPLAY: '' })], [false, false])
})

test('each system’s own program is asked, and a path is never read as an option', () => {
  const name = '/home/ada/-a "b" $(c).txt'
  assert.deepEqual(desktopCommand('open', name, 'linux'), ['xdg-open', name])
  assert.deepEqual(desktopCommand('reveal', name, 'linux'), ['xdg-open', '/home/ada'])
  assert.deepEqual(desktopCommand('open', name, 'darwin'), ['open', name])
  assert.deepEqual(desktopCommand('reveal', name, 'darwin'), ['open', '-R', name])
  assert.deepEqual(desktopCommand('open', 'C:\\a b\\c,d.txt', 'win32'), ['explorer', '"C:\\a b\\c,d.txt"'])
  assert.deepEqual(desktopCommand('reveal', '\\\\there\\a b.txt', 'win32'), ['explorer', '/select,"\\\\there\\a b.txt"'])
  for (const path of ['', '-a', 'a.txt', './a.txt', 'https://example.org', ' /a']) assert.throws(() => desktopCommand('open', path, 'linux'), path)
  for (const path of ['/select,x', '/a', 'a.txt', 'C:a.txt', 'C:\\a" /root,"x', 'https://example.org']) assert.throws(() => desktopCommand('open', path, 'win32'), path)
})

/** A program called xdg-open that writes down what it was given, and the only one there is. */
function recorder(t: TestContext) {
  const bin = folder(t)
  const said = join(bin, 'said')
  writeFileSync(join(bin, 'xdg-open'), `#!${process.execPath}\nrequire('node:fs').writeFileSync(${JSON.stringify(said)}, JSON.stringify(process.argv.slice(2)))`, { mode: 0o700 })
  return { said, system: { platform: 'linux' as const, env: { PATH: bin } } }
}

test('the program gets the path as it is, without a shell', { skip: process.platform === 'win32' }, async (t) => {
  const { said, system } = recorder(t)
  const path = '/home/ada/$(touch x); "a" b.txt'
  assert.equal(await webDesktop({ hasDesktop: true, system }).open(path), true)
  while (!existsSync(said) || readFileSync(said, 'utf8') === '') await new Promise(setImmediate)
  assert.deepEqual(JSON.parse(readFileSync(said, 'utf8')), [path])
})

test('without such a program it says so, and where there is no desktop', { skip: process.platform === 'win32' }, async (t) => {
  const nothing = { platform: 'linux' as const, env: { PATH: folder(t) } }
  assert.equal(await webDesktop({ hasDesktop: true, system: nothing }).reveal('/a/b.txt'), false)
  const { system } = recorder(t)
  const desktop = webDesktop({ hasDesktop: false, system })
  assert.deepEqual([await desktop.open('/a/b.txt'), await desktop.reveal('/a/b.txt')], [false, false])
})

test('files are saved where it was typed, else where the desktop says, else in Downloads', (t) => {
  const home = folder(t)
  const on = (typed?: string, env = {}) => webDownloads(typed, { platform: 'linux', env, home })
  const settings = (line: string) => {
    mkdirSync(join(home, '.config'), { recursive: true })
    writeFileSync(join(home, '.config/user-dirs.dirs'), `# Of the desktop\nXDG_DESKTOP_DIR="$HOME/Desktop"\n${line}\nXDG_MUSIC_DIR="$HOME/Music"\n`)
  }
  assert.equal(on(), join(home, 'Downloads'))
  assert.equal(on('there'), join(process.cwd(), 'there'))
  settings('XDG_DOWNLOAD_DIR="$HOME/Geholt/Neu"')
  assert.equal(on(), join(home, 'Geholt/Neu'))
  assert.equal(on(undefined, { XDG_CONFIG_HOME: 'relative' }), join(home, 'Geholt/Neu'))
  assert.equal(on(undefined, { XDG_CONFIG_HOME: join(home, 'other') }), join(home, 'Downloads'))
  assert.equal(on('/there'), '/there')
  settings('XDG_DOWNLOAD_DIR="/data/downloads"')
  assert.equal(on(), '/data/downloads')
  for (const line of ['XDG_DOWNLOAD_DIR="$HOME/"', '#XDG_DOWNLOAD_DIR="/x"', 'XDG_DOWNLOAD_DIR="$(rm x)"', 'XDG_DOWNLOAD_DIR="$HOME/$USER"', 'XDG_DOWNLOAD_DIR="x"', 'XDG_DOWNLOAD_DIR=/x', 'XDG_DOWNLOAD_DIR="/`x`"']) {
    settings(line)
    assert.equal(on(), join(home, 'Downloads'), line)
  }
})
