import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { ErrorCode } from '../../protocol/errors.ts'
import { tempDir } from '../testing/core.ts'
import { type Ground, judgePath, judgeRoot } from './roots.ts'

type Table = [ErrorCode | 'ok', string[]][]

const tables: [string, Ground, Table][] = [
  ['Linux', { platform: 'linux', home: '/home/ada', parley: ['/home/ada/.config/Parley', '/data/parley/profile'] }, [
    ['share-root-disk', ['/', '//', '/home/..', '/media', '/media/ada', '/media/ada/STICK', '/mnt', '/mnt/disk', '/run/media/ada/STICK']],
    ['share-root-home', ['/home', '/home/', '/home/ada', '/home/ada/', '/home/ada/Pictures/..', '/home/ben', '/root']],
    ['share-root-system', [
      '/etc', '/etc/ssl', '/usr', '/usr/share/doc', '/bin', '/boot', '/dev/shm', '/proc/self', '/sys', '/var', '/var/lib/postgresql', '/var/www', '/opt/program', '/root/papers', '/run', '/run/user/1000', '/tmp', '/srv', '/lib64',
      '/home/ada/.config/autostart', '/home/ada/.local/share/games', '/home/ada/.cache', '/home/ada/.var/app', '/home/ada/snap', '/home/ada/snap/spotify/common', '/home/ada/Pictures/.thumbnails', '/home/ben/.local', '/home/ben/snap/x', '/data/.snapshots/1', '/data/project/.docker',
    ]],
    ['share-root-secrets', ['/home/ada/.ssh', '/home/ada/.ssh/keys', '/home/ada/.gnupg', '/home/ada/.aws', '/home/ada/.kube', '/home/ada/.docker', '/home/ada/.password-store/mail', '/home/ada/.local/share/keyrings', '/home/ben/.ssh', '/data/copy/.ssh', '/media/ada/STICK/.gnupg', '/home/ada/.config/gcloud']],
    ['share-root-browser', [
      '/home/ada/.mozilla', '/home/ada/.mozilla/firefox/x.default', '/home/ada/.config/google-chrome', '/home/ada/.config/google-chrome-beta', '/home/ada/.config/chromium/Default', '/home/ada/.config/BraveSoftware', '/home/ada/.config/microsoft-edge', '/home/ada/.config/opera',
      '/home/ada/.config/vivaldi', '/home/ada/snap/firefox/common', '/home/ada/.var/app/org.mozilla.firefox', '/home/ada/.var/app/com.brave.Browser/config', '/home/ada/.cache/mozilla', '/data/copy/.config/chromium',
    ]],
    ['share-root-mail', ['/home/ada/.thunderbird', '/home/ada/.thunderbird/x', '/home/ada/.local/share/evolution/mail', '/home/ada/Maildir', '/home/ada/Mail', '/var/mail/ada', '/var/spool/mail', '/home/ada/.var/app/org.gnome.Evolution']],
    ['share-root-parley', ['/home/ada/.config', '/home/ada/.config/Parley', '/home/ada/.config/Parley/profile/vault', '/data', '/data/parley', '/data/parley/profile', '/data/parley/profile/vault']],
    ['ok', [
      '/home/ada/Pictures', '/home/ada/Pictures/Lofoten 2026', '/home/ada/Documents/etc', '/home/ada/Library', '/home/ada/Parley', '/home/ada/AppData', '/home/ada/sshkeys', '/home/ada/MAIL', '/home/ben/Public', '/media/ada/STICK/Films', '/mnt/disk/music', '/run/media/ada/STICK/Films', '/srv/films', '/tmp/x', '/data2', '/data/parley2', '/films', '/home/ada/Bilder…',
    ]],
  ]],
  ['Linux, as root', { platform: 'linux', home: '/root', parley: ['/root/.config/Parley'] }, [
    ['share-root-home', ['/root', '/home', '/home/ada']],
    ['share-root-secrets', ['/root/.ssh']],
    ['share-root-system', ['/root/.local', '/root/snap', '/var/lib']],
    ['ok', ['/root/films', '/root/usr', '/home/ada/films']],
  ]],
  ['macOS', { platform: 'darwin', home: '/Users/ada', parley: ['/Users/ada/Library/Application Support/Parley'] }, [
    ['share-root-disk', ['/', '/Volumes', '/Volumes/STICK', '/volumes/stick']],
    ['share-root-home', ['/Users', '/Users/ada', '/users/ADA', '/Users/ben', '/Users/Shared']],
    ['share-root-system', ['/System', '/Library/Fonts', '/library', '/Applications/Mail.app', '/private/var/db', '/etc', '/usr/local', '/Users/ada/Library/Fonts', '/users/ada/library/Caches', '/Users/ada/.Trash', '/Users/ben/Library/Caches']],
    ['share-root-secrets', ['/Users/ada/.ssh', '/Users/ada/.SSH', '/Users/ada/Library/Keychains', '/Library/Keychains', '/Users/ada/Library/Application Support/1Password 7']],
    ['share-root-browser', ['/Users/ada/Library/Safari', '/Users/ada/Library/Application Support/Google/Chrome', '/Users/ada/Library/Application Support/Firefox/Profiles', '/Users/ada/library/application support/microsoft edge beta', '/Users/ada/Library/Application Support/BraveSoftware', '/Users/ada/Library/Application Support/Vivaldi', '/Users/ada/Library/Application Support/com.operasoftware.Opera', '/Users/ada/Library/Containers/com.apple.Safari/Data', '/Users/ben/Library/Safari']],
    ['share-root-mail', ['/Users/ada/Library/Mail/V10', '/Users/ada/Library/Thunderbird', '/Users/ada/Library/Containers/com.apple.mail', '/Users/ada/Library/Group Containers/UBF8T346G9.Office/Outlook']],
    ['share-root-parley', ['/Users/ada/Library/Application Support/Parley', '/users/ada/library/application support/PARLEY/vault']],
    ['ok', ['/Users/ada/Pictures', '/Users/ada/Documents/Library', '/Users/Shared/films', '/Volumes/STICK/films', '/Users/ada/snap']],
  ]],
  ['Windows', { platform: 'win32', home: 'C:\\Users\\Ada', parley: ['C:\\Users\\Ada\\AppData\\Roaming\\Parley', 'D:\\Own\\Parley'] }, [
    ['share-root-disk', ['C:\\', 'c:/', 'D:\\', '\\\\nas\\films', '\\\\nas\\films\\', '\\\\?\\C:\\', '\\\\?\\UNC\\nas\\films', '\\\\localhost\\C$', '\\\\localhost\\C$\\Users\\Ada\\Pictures', 'C:\\Users\\..']],
    ['share-root-home', ['C:\\Users', 'c:\\users', 'C:\\Users\\Ada', 'C:/Users/ADA/', 'C:\\Users\\Ben', 'D:\\Users', 'C:\\Users\\Ada\\.', '\\\\?\\C:\\Users\\Ada', 'C:\\Users.\\Ada ']],
    ['share-root-system', ['C:\\Windows', 'c:\\WINDOWS\\System32', 'D:\\Windows', 'C:\\Windows.', 'C:\\Program Files', 'C:\\Program Files (x86)\\Games', 'C:\\ProgramData\\x', 'C:\\$Recycle.Bin', 'C:\\Users\\Ada\\AppData\\Local', 'C:\\Users\\Ada\\AppData\\Local\\Temp', 'C:\\Users\\Ben\\appdata\\Local', 'C:\\Users\\Ada\\.vscode', 'C:\\System Volume Information', '\\\\?\\C:\\Windows']],
    ['share-root-secrets', ['C:\\Users\\Ada\\.ssh', 'C:\\Users\\Ada\\.AWS', 'C:\\Users\\Ada\\AppData\\Roaming\\Microsoft\\Protect', 'C:\\Users\\Ada\\AppData\\Local\\Microsoft\\Vault', 'C:\\Users\\Ada\\AppData\\Roaming\\gnupg']],
    ['share-root-browser', ['C:\\Users\\Ada\\AppData\\Local\\Google\\Chrome\\User Data', 'C:\\Users\\Ada\\AppData\\Roaming\\Mozilla\\Firefox', 'C:\\Users\\Ada\\AppData\\Local\\Microsoft\\Edge', 'C:\\Users\\Ada\\AppData\\Local\\BraveSoftware', 'C:\\Users\\Ada\\AppData\\Roaming\\Opera Software', 'C:\\Users\\Ada\\AppData\\Local\\Vivaldi']],
    ['share-root-mail', ['C:\\Users\\Ada\\AppData\\Roaming\\Thunderbird', 'C:\\Users\\Ada\\AppData\\Local\\Microsoft\\Outlook', 'C:\\Users\\Ada\\Documents\\Outlook Files', 'c:\\users\\ada\\documents\\outlook files\\x']],
    ['share-root-parley', ['C:\\Users\\Ada\\AppData\\Roaming\\Parley\\vault', 'D:\\Own', 'd:\\own\\parley\\x', 'D:/Own/Parley']],
    ['ok', ['C:\\Users\\Ada\\Pictures', 'C:\\Users\\Ada\\Documents\\Windows', 'D:\\Films', 'E:\\Own', '\\\\nas\\films\\old', 'C:\\Users\\Public\\films', 'D:\\Own2']],
  ]],
]

for (const [system, ground, table] of tables) {
  describe(`[B2] ${system}`, () => {
    for (const [wanted, paths] of table) {
      for (const path of paths) test(`${wanted}: ${path}`, () => assert.equal(judgePath(path, ground) ?? 'ok', wanted))
    }
  })
}

test('[B2] what stands on the disk decides: files, links, what is missing, and a folder that holds keys', async (t) => {
  const temp = tempDir()
  t.after(temp.remove)
  const at = (...parts: string[]) => join(temp.path, ...parts)
  for (const folder of ['films', 'home/ada/.config/parley', 'home/ada/Pictures', 'copy/.ssh', 'copy2/.config/chromium', 'plain/.docker', 'plain/docs']) mkdirSync(at(folder), { recursive: true })
  writeFileSync(at('file.txt'), '')
  symlinkSync(at('films'), at('link'))
  symlinkSync(temp.path, at('plain', 'up'))
  const judge = (path: string) => judgeRoot(path, { home: at('home/ada'), parley: [at('home/ada/.config/parley')], platform: process.platform })
  assert.deepEqual(await judge(at('films')), { ok: true, real: at('films') })
  assert.deepEqual(await judge(`${at('films')}/`), { ok: true, real: at('films') })
  assert.deepEqual(await judge(at('home/ada/Pictures')), { ok: true, real: at('home/ada/Pictures') })
  for (const [path, code] of [
    [at('link'), 'share-root-link'], [`${at('link')}/`, 'share-root-link'], [at('file.txt'), 'share-root-missing'], [at('none'), 'share-root-missing'], ['films', 'share-root-missing'], [`${at('films')}\0`, 'share-root-missing'],
    [at('home/ada'), 'share-root-home'], [at('home'), 'share-root-home'], [at('home/ada/.config/parley'), 'share-root-parley'], [at('copy'), 'share-root-secrets'], [at('copy2'), 'share-root-browser'],
  ] as const) assert.deepEqual(await judge(path), { ok: false, code }, path)
  // A link on the way is judged by where it leads.
  assert.deepEqual(await judge(at('plain', 'up', 'films')), { ok: true, real: at('films') })
  assert.deepEqual(await judge(at('plain', 'up', 'home')), { ok: false, code: 'share-root-home' })
  assert.deepEqual(await judge(at('plain')), { ok: true, real: at('plain') })
})
