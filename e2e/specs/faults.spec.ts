import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '../fixtures.ts'
import { ROOT } from '../processes.ts'
import { startServer } from '../server.ts'

const byServer = { keep: 'Keep', connect: 'Through the server' } as const

test('[S5] another server with another key at the same address: said in words, and stopped until the user decides', async ({ ada, wire, server }) => {
  ada.reaches(wire.where)
  await ada.goOnline()
  await ada.signOff()
  const stranger = await startServer()
  wire.leadTo(stranger.port)
  await ada.list.goOnline()
  await expect(ada.list.connection).toHaveText(/^The key of 127\.0\.0\.1:\d+ has changed\. Parley stopped, so that nobody can listen in between\.$/)
  await expect.poll(wire.open).toBe(0)
  const made = wire.made()

  await ada.window.getByRole('button', { name: 'Go on with the new key…' }).click()
  await expect(ada.list.connection).toHaveText(/^Only if whoever runs 127\.0\.0\.1:\d+ told you that its key is new\./)
  await ada.window.getByRole('button', { name: 'Not now' }).click()
  await ada.opensSettings()
  expect(wire.made(), 'nothing was tried meanwhile').toBe(made)

  wire.leadTo(server.port)
  await ada.restarts()
  await ada.goOnline()
  await expect(ada.list.connection).toHaveText(/^Signed on at /)
  await stranger.close()
})

test('[F7] a full disk: a banner, the text stays in the composer, and it goes on when there is room', async ({ ada, ben }) => {
  test.skip(process.platform !== 'linux' || process.getuid?.() !== 0, 'mounting a small disk needs root on Linux')
  mkdirSync(ada.dataDir, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', ada.dataDir])
  try {
    await ada.befriends(ben, byServer)
    const chat = ada.chatWith('Ben')
    await chat.says('there is room')
    await expect(chat.lastMessage).toHaveAccessibleName(/, Arrived$/)

    const filler = join(ada.dataDir, 'filler')
    const { bavail, bsize } = statfsSync(ada.dataDir)
    writeFileSync(filler, Buffer.alloc(bavail * bsize))
    const long = `there is none. ${'x'.repeat(16_000)}`
    await chat.composer.fill(long)
    await chat.composer.press('Enter')
    const banner = ada.window.getByRole('alert').filter({ hasText: 'The disk is full. Nothing was lost; what you wrote is still here.' })
    await expect(banner.first()).toBeVisible()
    await expect(chat.composer).toHaveValue(long)
    await ben.chatWith('Ada').says('write me something')

    rmSync(filler)
    await chat.composer.press('Enter')
    await expect(chat.lastMessage).toHaveAccessibleName(/^You, .*, Arrived$/)
    await expect(chat.composer).toHaveValue('')
    await expect(banner).toHaveCount(0)
    await ben.chatWith('Ada').show()
    await expect(ben.chatWith('Ada').lastMessage).toContainText('there is none.')
    await expect(chat.message('write me something'), 'what came meanwhile is here too').toBeVisible()
  } finally {
    await ada.quits()
    execFileSync('umount', ['-l', ada.dataDir])
  }
})

test('[F26] a profile of a newer Parley is refused in words, and not touched', async ({ ada }) => {
  await ada.createIdentity('this-computer')
  await ada.quits()
  const profile = join(ada.dataDir, 'profiles/default')
  copyFileSync(join(profile, 'log.db'), join(ada.dataDir, 'before'))
  makeNewer(profile)
  const newer = readFileSync(join(profile, 'log.db'))
  await expect((await ada.page()).getByRole('heading', { name: 'A newer Parley has used this profile. Please update.' })).toBeVisible()
  await ada.quits()
  expect(readFileSync(join(profile, 'log.db')).equals(newer), 'not touched').toBe(true)
  copyFileSync(join(ada.dataDir, 'before'), join(profile, 'log.db'))
  await expect((await ada.page()).getByRole('heading', { name: 'Ada' }), 'it is all there').toBeVisible()
})

test('[F8] a folder that cannot be written, and one that is no folder, are said in words', async ({ ada, ben, chen }) => {
  test.skip(process.platform !== 'linux' || process.getuid?.() !== 0, 'mounting a disk needs root on Linux')
  const sentence = 'Parley can’t write to its folder.'
  for (const one of [ada, ben]) {
    mkdirSync(one.dataDir, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', one.dataDir])
  }
  try {
    await ada.createIdentity('this-computer')
    await ada.quits()
    for (const one of [ada, ben]) {
      execFileSync('mount', ['-o', 'remount,ro', one.dataDir])
      await expect((await one.page()).getByRole('heading', { name: sentence })).toBeVisible()
      await one.quits()
    }
  } finally {
    for (const one of [ada, ben]) execFileSync('umount', ['-l', one.dataDir])
  }
  writeFileSync(chen.dataDir, 'a file')
  await expect((await chen.page()).getByRole('heading', { name: 'Parley’s folder is missing or can’t be opened.' })).toBeVisible()
})

test('[F4] a damaged log is said in words, and nothing is deleted', async ({ ada }) => {
  await ada.createIdentity('this-computer')
  await ada.quits()
  damage(join(ada.dataDir, 'profiles/default'))
  await expect((await ada.page()).getByRole('heading', { name: 'What Parley kept on this disk is damaged. Nothing was deleted.' })).toBeVisible()
})

/** As a newer Parley would leave it; the log is encrypted, so the program's own parts open it. */
function makeNewer(profile: string) {
  const part = (path: string) => JSON.stringify(pathToFileURL(join(ROOT, 'main', path)).href)
  execFileSync(process.execPath, ['--input-type=module', '--eval', `
    const [{ webSecrets }, { openStore }, { migrations }] = await Promise.all([${['web/secrets.ts', 'store/open.ts', 'store/migrations/index.ts'].map((path) => `import(${part(path)})`).join()}])
    const { readFileSync } = await import('node:fs')
    const folder = ${JSON.stringify(profile)}
    const key = webSecrets({ folder, random: (n) => new Uint8Array(n) }).open(readFileSync(folder + '/store.key'))
    const db = openStore({ file: folder + '/log.db', key, migrations })
    db.pragma('user_version = 999')
    db.close()`], { cwd: ROOT })
}

/** One bit in every page after the first. */
function damage(profile: string) {
  const path = join(profile, 'log.db')
  const bytes = readFileSync(path)
  for (let at = 4096; at < bytes.length; at += 4096) bytes[at + 100]! ^= 1
  writeFileSync(path, bytes)
}
