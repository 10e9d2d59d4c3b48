import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { markFromInternet } from './marks.ts'
import { createVault, type VaultDeps } from './vault.ts'

const temps: string[] = []
after(() => temps.forEach((path) => rmSync(path, { recursive: true, force: true })))
function temp(under = tmpdir()): string {
  const path = mkdtempSync(join(under, 'parley-vault-'))
  temps.push(path)
  return path
}

/** A vault beside an empty folder to save in. */
function setUp(more: Partial<VaultDeps> = {}, saves = temp()) {
  const folder = join(temp(), 'deep', 'vault')
  const said: string[] = []
  const vault = createVault({ folder, random: (n) => Uint8Array.from(randomBytes(n)), log: (fact, details) => said.push(JSON.stringify([fact, details])), mark: () => Promise.resolve(true), ...more })
  return {
    vault, folder, saves, said,
    async part(text = 'hello') {
      const name = vault.newPart()
      const handle = await vault.open(name)
      await handle.write(text)
      await handle.close()
      return name
    },
    has: () => readdirSync(folder),
    saved: (name: string) => readFileSync(join(saves, name), 'utf8'),
  }
}
const modeOf = (path: string) => statSync(path).mode & 0o777

test('[T8] parts have random names, nobody else reads them, and they open again', async () => {
  const { vault, folder, part } = setUp()
  const name = await part()
  assert.match(name, /^[0-9a-f]{32}$/)
  assert.notEqual(name, vault.newPart())
  assert.equal(modeOf(folder), 0o700)
  assert.equal(modeOf(join(folder, name)), 0o600)
  const handle = await vault.open(name)
  await handle.write('J', 0)
  await handle.close()
  assert.equal(readFileSync(vault.path(name), 'utf8'), 'Jello')
  assert.equal(await vault.size(name), 5)
  await vault.remove(name)
  await vault.remove(name)
  assert.equal(await vault.size(name), undefined)
  assert.ok((await vault.room()) > 0)
})

test('[T8] nothing but the name of a part becomes a path, and no link is followed', async () => {
  const { vault, folder } = setUp()
  for (const name of ['../a', 'a', '', '.', 'A'.repeat(32), `${'a'.repeat(32)}/b`, `${'a'.repeat(32)}\n`]) assert.throws(() => vault.path(name), /part/, name)
  assert.throws(() => vault.open('../x'))
  const name = vault.newPart()
  const outside = join(temp(), 'outside')
  symlinkSync(outside, join(folder, name))
  await assert.rejects(() => vault.open(name))
  assert.equal(existsSync(outside), false)
})

test('[T8] a sweep takes the parts nobody knows, and nothing else', async () => {
  const { vault, folder, part, has } = setUp()
  const known = await part()
  await part()
  await part()
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  assert.equal(await vault.sweep(new Set([known])), 2)
  assert.deepEqual(has().sort(), [known, 'notes.txt'].sort())
})

test('[T9] FI9: a released file has its safe name, its mode, and has left the vault', async () => {
  const { vault, saves, part, has, saved } = setUp()
  const deep = join(saves, 'from', 'Ben')
  assert.deepEqual(await vault.release(await part(), deep, '../\u202efdp.exe'), { ok: true, name: '_fdp.exe' })
  assert.equal(saved('from/Ben/_fdp.exe'), 'hello')
  assert.equal(modeOf(join(deep, '_fdp.exe')), 0o600)
  assert.equal(statSync(join(deep, '_fdp.exe')).nlink, 1)
  assert.deepEqual(readdirSync(deep), ['_fdp.exe'])
  assert.deepEqual(has(), [])
})

test('[T9] FI9: nothing is overwritten: not a file, a folder, a link, nor what differs by case or composition', async () => {
  const { vault, saves, part, saved } = setUp()
  writeFileSync(join(saves, 'a.txt'), 'mine')
  mkdirSync(join(saves, 'b.txt'))
  symlinkSync(join(saves, 'nowhere'), join(saves, 'c.txt'))
  symlinkSync(join(saves, 'a.txt'), join(saves, 'd.txt'))
  writeFileSync(join(saves, 'É.TXT'), 'mine')
  const table = [['a.txt', 'a (2).txt'], ['a.txt', 'a (3).txt'], ['A.TXT', 'A (4).TXT'], ['b.txt', 'b (2).txt'], ['c.txt', 'c (2).txt'], ['d.txt', 'd (2).txt'], ['e\u0301.txt', 'é (2).txt']] as const
  for (const [wanted, name] of table) {
    assert.deepEqual(await vault.release(await part(name), saves, wanted), { ok: true, name })
    assert.equal(saved(name), name)
  }
  assert.equal(saved('a.txt'), 'mine')
  assert.equal(saved('É.TXT'), 'mine')
  assert.equal(existsSync(join(saves, 'nowhere')), false)
  assert.ok(lstatSync(join(saves, 'c.txt')).isSymbolicLink())
})

/** The naive way looks first and moves then: another program's file of that moment is lost. */
test('[T9] FI9: a file that appears between looking and naming is not overwritten', async () => {
  for (const under of [tmpdir(), ...otherDisk]) {
    const saves = temp(under)
    const { vault, part, saved } = setUp({ mark: async () => writeFileSync(join(saves, 'a.txt'), 'mine') === undefined }, saves)
    assert.deepEqual(await vault.release(await part(), saves, 'a.txt'), { ok: true, name: 'a (2).txt' })
    assert.equal(saved('a.txt'), 'mine')
    assert.equal(saved('a (2).txt'), 'hello')
  }
})

test('[T9] FI9: fifty at once under one name are fifty files', async () => {
  const { vault, saves, part, has } = setUp()
  const parts = await Promise.all(Array.from({ length: 50 }, (_, i) => part(`${i}`)))
  const released = await Promise.all(parts.map((one) => vault.release(one, saves, 'a.txt')))
  assert.equal(new Set(released.map((one) => one.ok && one.name)).size, 50)
  assert.deepEqual(readdirSync(saves).map((name) => Number(readFileSync(join(saves, name), 'utf8'))).sort((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i))
  assert.deepEqual(has(), [])
})

/** Where this machine has a second disk that tests may write to. */
const otherDisk = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev ? ['/dev/shm'] : []

test('[T9] FI9: on to another disk', { skip: otherDisk.length === 0 && 'no second disk here' }, async () => {
  const { vault, saves, part, has, saved } = setUp({}, temp('/dev/shm'))
  const text = 'x'.repeat(3_000_000)
  writeFileSync(join(saves, 'a.txt'), 'mine')
  const one = await part(text)
  // Left by a release that was cut short.
  writeFileSync(join(saves, `.parley-${one}`), 'half')
  assert.deepEqual(await vault.release(one, saves, 'a.txt'), { ok: true, name: 'a (2).txt' })
  assert.equal(saved('a (2).txt'), text)
  assert.equal(modeOf(join(saves, 'a (2).txt')), 0o600)
  assert.deepEqual(readdirSync(saves).sort(), ['a (2).txt', 'a.txt'])
  assert.deepEqual(has(), [])
})

test('[T9] FI11: marked before it has its name', async () => {
  for (const under of [tmpdir(), ...otherDisk]) {
    const seen: string[][] = []
    const saves = temp(under)
    const { vault, part, said } = setUp({ mark: async () => seen.push(readdirSync(saves)) < 0 }, saves)
    const one = await part()
    assert.deepEqual(await vault.release(one, saves, 'a.exe'), { ok: true, name: 'a.exe' })
    const two = await part()
    assert.deepEqual(await vault.releaseAs(two, join(saves, 'b.exe')), { ok: true, name: 'b.exe' })
    assert.deepEqual(seen, [[`.parley-${one}`], [`.parley-${two}`, 'a.exe']])
    assert.equal(said.length, 2, 'a disk without marks is a fact for the log')
    assert.ok(!said.join().includes('exe') && !said.join().includes(saves))
  }
})

test('[T9] FI9: on to a disk without links, where something appears meanwhile', async () => {
  const { vault, saves, part, has, saved } = setUp({
    link: () => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' })),
    mark: async () => writeFileSync(join(saves, 'a.txt'), 'mine') === undefined,
  })
  assert.deepEqual(await vault.release(await part(), saves, 'a.txt'), { ok: true, name: 'a (2).txt' })
  assert.equal(saved('a.txt'), 'mine')
  assert.equal(saved('a (2).txt'), 'hello')
  assert.deepEqual(readdirSync(saves).sort(), ['a (2).txt', 'a.txt'])
  assert.deepEqual(has(), [])
})

test('[T9] FI9: a full disk is told apart', async () => {
  const { vault, saves, part, has } = setUp({ link: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) })
  const one = await part()
  assert.deepEqual(await vault.release(one, saves, 'a.txt'), { ok: false, code: 'no-room' })
  assert.deepEqual(await vault.releaseFolder([{ part: one, path: ['a'] }], saves, 'folder'), { ok: false, code: 'no-room' })
  assert.deepEqual(readdirSync(saves), [])
  assert.deepEqual(has(), [one])
})

test('[T9] FI11: the mark is on the released file', { skip: !existsSync('/usr/bin/setfattr') && 'no setfattr here' }, async () => {
  const { vault, saves, part } = setUp({ mark: markFromInternet })
  await vault.release(await part(), saves, 'a.exe')
  await vault.releaseAs(await part(), join(saves, 'b.exe'))
  await vault.releaseFolder([{ part: await part(), path: ['c.exe'] }], saves, 'c')
  for (const name of ['a.exe', 'b.exe', 'c/c.exe']) assert.equal(execFileSync('/usr/bin/getfattr', ['--only-values', '-n', 'user.xdg.origin.url', '--', join(saves, name)], { encoding: 'utf8', stdio: 'pipe' }), 'about:internet')
})

test('[T9] saved where a dialog said: replaced whole, and a link there is replaced, not followed', async () => {
  for (const under of [tmpdir(), ...otherDisk]) {
    const { vault, saves, part, has, saved } = setUp({}, temp(under))
    writeFileSync(join(saves, 'a.txt'), 'a longer text than the new one', { mode: 0o644 })
    const outside = join(temp(), 'outside')
    writeFileSync(outside, 'mine')
    symlinkSync(outside, join(saves, 'b.txt'))
    for (const name of ['a.txt', 'b.txt', '.as I like: it']) {
      assert.deepEqual(await vault.releaseAs(await part(), join(saves, name)), { ok: true, name })
      assert.equal(saved(name), 'hello')
      assert.equal(modeOf(join(saves, name)), 0o600)
    }
    assert.equal(readFileSync(outside, 'utf8'), 'mine')
    assert.deepEqual(has(), [])
  }
})

test('[T9] where it can’t be saved, the vault keeps it and nothing is left behind', async () => {
  const { vault, saves, part, has, saved, said } = setUp()
  const one = await part()
  writeFileSync(join(saves, 'file'), 'mine')
  mkdirSync(join(saves, 'full'))
  writeFileSync(join(saves, 'full', 'a'), 'mine')
  const refused = { ok: false, code: 'cannot-save' }
  assert.deepEqual(await vault.release(one, join(saves, 'file'), 'a'), refused)
  assert.deepEqual(await vault.release(one, join(saves, 'file', 'below'), 'a'), refused)
  assert.deepEqual(await vault.releaseAs(one, join(saves, 'missing', 'a')), refused)
  assert.deepEqual(await vault.releaseAs(one, join(saves, 'full')), refused)
  assert.deepEqual(await vault.release(vault.newPart(), saves, 'a'), refused)
  assert.deepEqual(has(), [one])
  assert.deepEqual(readdirSync(saves).sort(), ['file', 'full'])
  assert.equal(saved('file'), 'mine')
  assert.ok(!said.join().includes(saves))
})

test('[T9] B8: a folder comes out under new names, each one component, and never outside', async () => {
  const { vault, saves, part, has } = setUp()
  mkdirSync(join(saves, 'harbour'))
  const paths = [
    ['a.txt'], ['A.txt'], ['..', '..', 'b.txt'], ['file', 'c.txt'], ['sub', 'd.txt'], ['SUB', 'e.txt'], ['sub', 'D.TXT'], ['sub'], ['C:\\', '/etc/passwd'], ['CON', 'nul'], ['\u202e', 'f.txt'], ['sub', 'x', 'y', 'z', 'g'],
  ]
  const files = await Promise.all(paths.map(async (path) => ({ part: await part(path.join('/')), path })))
  assert.deepEqual(await vault.releaseFolder(files, saves, 'Harbour'), { ok: true, name: 'Harbour (2)' })
  const root = join(saves, 'Harbour (2)')
  const placed = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(root, path)).isFile()).sort()
  assert.deepEqual(placed, [
    'A (2).txt', 'C__/_etc_passwd', 'SUB (2)/e.txt', '_CON/_nul', 'a.txt', 'file (2)/c.txt', 'file (3)/f.txt', 'file/file/b.txt', 'sub (3)', 'sub/D (2).TXT', 'sub/d.txt', 'sub/x/y/z/g',
  ])
  assert.equal(readFileSync(join(root, 'SUB (2)/e.txt'), 'utf8'), 'SUB/e.txt')
  assert.equal(modeOf(root), 0o700)
  assert.equal(modeOf(join(root, 'a.txt')), 0o600)
  assert.deepEqual(readdirSync(saves).sort(), ['Harbour (2)', 'harbour'])
  assert.deepEqual(has(), [])
})

test('[T9] B8: a folder that can’t be placed leaves nothing, and the vault has all of it', async () => {
  const { vault, saves, part, has } = setUp()
  const one = await part()
  const refused = { ok: false, code: 'cannot-save' }
  const deep = Array.from({ length: 40 }, () => 'x'.repeat(200))
  for (const path of [[], Array.from({ length: 65 }, () => 'd'), deep]) {
    assert.deepEqual(await vault.releaseFolder([{ part: one, path: ['a'] }, { part: one, path }], saves, 'folder'), refused)
    assert.deepEqual(readdirSync(saves), [])
    assert.deepEqual(has(), [one])
  }
  assert.deepEqual(await vault.releaseFolder([{ part: one, path: [...Array.from({ length: 63 }, () => 'd'), 'a'] }], saves, 'folder'), { ok: true, name: 'folder' })
  assert.deepEqual(await vault.releaseFolder([], saves, 'empty'), { ok: true, name: 'empty' })
})
