import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { askFirst, instanceAddress, listenForStarts } from './instance.ts'
import { profileKey } from './key-file.ts'
import { lockProfile } from './lock.ts'
import { chooseProfile, dataRoot, openProfile, readProfileName, rememberProfile } from './profile.ts'
import { createSecrets } from './sealing.ts'
import { systemClock, systemRandom } from './givens.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-profile-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('the data root is the system’s folder for application data, unless one is named', () => {
  const on = (platform: NodeJS.Platform, env: Record<string, string>) => dataRoot(undefined, { platform, env, home: '/home/ada' })
  assert.equal(on('linux', {}), '/home/ada/.local/share/Parley')
  assert.equal(on('linux', { XDG_DATA_HOME: '/data' }), '/data/Parley')
  assert.equal(on('linux', { XDG_DATA_HOME: 'relative' }), '/home/ada/.local/share/Parley')
  assert.equal(on('darwin', {}), '/home/ada/Library/Application Support/Parley')
  assert.equal(dataRoot('/elsewhere'), '/elsewhere')
})

test('a profile’s name is one folder name on every system', () => {
  for (const name of ['default', 'Ada', 'a', 'work-2', 'a.b_c']) assert.equal(readProfileName(name), name.toLowerCase())
  for (const name of ['', '.', '..', 'a/b', 'a\\b', '.hidden', 'dot.', 'con', 'NUL', 'com1.x', 'a b', 'ä', 'x'.repeat(33), 'a\n']) assert.equal(readProfileName(name), undefined, name)
})

test('a link without a profile goes to the one last used', (t) => {
  const root = folder(t)
  const link = 'parley://x'
  assert.equal(chooseProfile(root, { link }), 'default')
  rememberProfile(openProfile(root, 'ben'))
  assert.equal(chooseProfile(root, { link }), 'ben')
  assert.equal(chooseProfile(root, { link, profile: 'ada' }), 'ada')
  assert.equal(chooseProfile(root, {}), 'default')
  writeFileSync(join(root, 'last-profile'), '../../etc')
  assert.equal(chooseProfile(root, { link }), 'default')
})

test('folders are for this user only; where none can be made, it is said in words', (t) => {
  const root = folder(t)
  const profile = openProfile(root, 'ada')
  assert.equal(statSync(profile.profile).mode & 0o777, 0o700)
  writeFileSync(join(root, 'file'), '')
  assert.throws(() => openProfile(join(root, 'file'), 'ada'), { code: 'no-folder' })
  mkdirSync(join(profile.profile, 'lock.db'))
  assert.throws(() => lockProfile(profile.profile), { code: 'no-folder' })
})

test('[F28] a profile is held once, and kill -9 lets go of it', async (t) => {
  const path = folder(t)
  const script = `import { lockProfile } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)}; lockProfile(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), exited])
  assert.equal(lockProfile(path), undefined)
  child.kill('SIGKILL')
  await exited
  const lock = lockProfile(path)
  assert.ok(lock)
  assert.equal(lockProfile(path), undefined)
  lock.release()
  lockProfile(path)!.release()
})

test('[F28] a second start asks the first, which shows its window or opens the link', async (t) => {
  const path = folder(t)
  assert.equal(await askFirst(path, {}), false)
  writeFileSync(instanceAddress(path)!, 'left by a program that was killed')
  const heard: unknown[] = []
  const starts = listenForStarts(path, (knock) => heard.push(knock))
  t.after(starts.close)
  assert.equal(await askFirst(path, { link: 'parley://x' }), true)
  assert.equal(await askFirst(path, { link: 'https://evil.example' }), true)
  assert.deepEqual(heard, [{ link: 'parley://x' }, {}])
})

test('a path too long for a socket is done without', async (t) => {
  const path = join(folder(t), 'x'.repeat(100))
  assert.equal(instanceAddress(path, 'linux'), undefined)
  listenForStarts(path, () => {}).close()
  assert.equal(await askFirst(path, {}), false)
})

test('what was sealed opens with the same key, and nothing else does', () => {
  const key = systemRandom(32)
  const secrets = createSecrets({ key, random: systemRandom })
  const sealed = secrets.seal(Uint8Array.of(1, 2, 3))
  assert.deepEqual(secrets.open(sealed), Uint8Array.of(1, 2, 3))
  assert.notDeepEqual(secrets.seal(Uint8Array.of(1, 2, 3)), sealed)
  for (let at = 0; at < sealed.length; at++) assert.equal(secrets.open(sealed.map((byte, n) => (n === at ? byte ^ 1 : byte))), undefined)
  assert.equal(secrets.open(sealed.subarray(0, 20)), undefined)
  assert.equal(createSecrets({ key: systemRandom(32), random: systemRandom }).open(sealed), undefined)
  assert.deepEqual(secrets.open(secrets.seal(new Uint8Array())), new Uint8Array())
})

const xor = (mask: number) => ({ seal: (key: Uint8Array) => key.map((byte) => byte ^ mask), open: (sealed: Uint8Array) => sealed.map((byte) => byte ^ mask) })

test('a key without a keychain rests in a file of this user only; a keychain takes it over and the file goes', (t) => {
  const path = folder(t)
  const file = join(path, 'secrets.key')
  const key = profileKey({ folder: path, random: systemRandom })
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(new Uint8Array(profileKey({ folder: path, random: systemRandom })), new Uint8Array(key))
  const taken = profileKey({ folder: path, random: systemRandom, keychain: xor(0x55) })
  assert.deepEqual(new Uint8Array(taken), new Uint8Array(key))
  assert.equal(existsSync(file), false)
  assert.notDeepEqual(new Uint8Array(readFileSync(join(path, 'secrets.sealed'))), new Uint8Array(key))
  assert.deepEqual(new Uint8Array(profileKey({ folder: path, random: systemRandom, keychain: xor(0x55) })), new Uint8Array(key))
})

test('no new key is made beside one that can’t be opened', (t) => {
  const path = folder(t)
  profileKey({ folder: path, random: systemRandom, keychain: xor(0x55) })
  assert.throws(() => profileKey({ folder: path, random: systemRandom }), { code: 'wrong-store-key' })
  const broken = { seal: xor(1).seal, open: () => { throw new Error('locked') } }
  assert.throws(() => profileKey({ folder: path, random: systemRandom, keychain: broken }), { code: 'wrong-store-key' })
  assert.equal(existsSync(join(path, 'secrets.key')), false)
})

test('a keychain that does not give back what it was given keeps nothing: the plain key stays', (t) => {
  const path = folder(t)
  profileKey({ folder: path, random: systemRandom })
  assert.throws(() => profileKey({ folder: path, random: systemRandom, keychain: { seal: (key) => key, open: () => systemRandom(32) } }), { code: 'wrong-store-key' })
  assert.equal(existsSync(join(path, 'secrets.key')), true)
})

test('a timer may be longer than 31 bits of milliseconds, and can be cancelled', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let rang = 0
  systemClock.after(2 ** 31 + 10, () => rang++)
  const cancel = systemClock.after(5, () => (rang += 100))
  cancel()
  t.mock.timers.tick(2 ** 31 - 1)
  assert.equal(rang, 0)
  t.mock.timers.tick(10)
  assert.equal(rang, 0)
  t.mock.timers.tick(1)
  assert.equal(rang, 1)
})
