import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, lstatSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { tempDir } from '../testing/core.ts'
import { byDescriptor, byPath, nodeOf, type Opener } from './open.ts'

const ALL = { isLeftOut: () => false, most: 1_000 }
const openers: [string, Opener][] = [['by descriptor', byDescriptor], ['by path', byPath]]

function place(t: TestContext) {
  const temp = tempDir()
  t.after(temp.remove)
  const at = (...parts: string[]) => join(temp.path, ...parts)
  mkdirSync(at('share', 'sub', 'deep'), { recursive: true })
  mkdirSync(at('secret'))
  writeFileSync(at('share', 'sub', 'a.txt'), 'shared')
  writeFileSync(at('secret', 'a.txt'), 'secret')
  writeFileSync(at('secret', 'only-secret.txt'), 'secret')
  return { at, root: at('share') }
}
const node = (path: string) => nodeOf(lstatSync(path, { bigint: true }))

for (const [way, opener] of openers) {
  describe(`[B4] ${way}`, { skip: way === 'by descriptor' && process.platform !== 'linux' ? 'Linux only' : false }, () => {
    const text = async (root: string, parts: string[], wanted: string) => {
      const opened = await opener.file(root, parts, wanted)
      return opened === 'gone' ? 'gone' : said(opened.handle)
    }

    test('a file that the index knows is opened, another of that name is not', async (t) => {
      const { at, root } = place(t)
      const known = node(at('share', 'sub', 'a.txt'))
      assert.equal(await text(root, ['sub', 'a.txt'], known), 'shared')
      assert.equal(await text(root, ['sub', 'b.txt'], known), 'gone')
      assert.equal(await text(root, ['sub'], node(at('share', 'sub'))), 'gone')
      writeFileSync(at('share', 'sub', 'new.txt'), 'another')
      renameSync(at('share', 'sub', 'new.txt'), at('share', 'sub', 'a.txt'))
      assert.equal(await text(root, ['sub', 'a.txt'], known), 'gone')
    })

    test('links are not followed: as file, as folder, as the shared folder itself', async (t) => {
      const { at, root } = place(t)
      const secret = node(at('secret', 'a.txt'))
      symlinkSync(at('secret', 'a.txt'), at('share', 'link.txt'))
      symlinkSync(at('secret'), at('share', 'link'))
      assert.equal(await text(root, ['link.txt'], secret), 'gone')
      if (opener === byDescriptor) assert.equal(await text(root, ['link', 'a.txt'], secret), 'gone')
      assert.equal(await opener.folder(root, ['link'], ALL), 'gone')
      renameSync(root, at('was'))
      symlinkSync(at('secret'), root)
      assert.equal(await opener.folder(root, [], ALL), 'gone')
      if (opener === byDescriptor) assert.equal(await text(root, ['a.txt'], secret), 'gone')
    })

    test('what is no plain file is neither listed nor opened, and a pipe makes nobody wait', async (t) => {
      const { at, root } = place(t)
      assert.equal(spawnSync('mkfifo', [at('share', 'pipe')]).status, 0)
      linkSync(at('secret', 'a.txt'), at('share', 'hard.txt'))
      symlinkSync(at('secret', 'a.txt'), at('share', 'soft.txt'))
      const server = createServer().listen(at('share', 'socket'))
      await once(server, 'listening')
      t.after(() => server.close())
      writeFileSync(at('share', 'plain.txt'), '12345')
      const found = await opener.folder(root, [], ALL)
      assert.deepEqual(found === 'gone' ? found : found.map(({ name, kind, size }) => [name, kind, size]).sort(), [['plain.txt', 'f', 5], ['sub', 'd', 0]])
      for (const name of ['pipe', 'hard.txt', 'soft.txt', 'socket']) assert.equal(await text(root, [name], node(at('share', name))), 'gone', name)
      assert.equal(await text(root, ['plain.txt'], node(at('share', 'plain.txt'))), '12345')
    })

    test('a listing leaves out what it is told to, and ends', async (t) => {
      const { root, at } = place(t)
      for (let i = 0; i < 200; i++) writeFileSync(at('share', 'sub', `${i}.txt`), '')
      const found = await opener.folder(root, ['sub'], { isLeftOut: (name) => name.startsWith('1'), most: 1_000 })
      assert.equal(found.length, 201 + 1 - 111)
      assert.equal((await opener.folder(root, ['sub'], { ...ALL, most: 70 })).length, 70)
      assert.equal(await opener.folder(root, ['none'], ALL), 'gone')
      assert.equal(await opener.folder(root, ['sub', 'a.txt'], ALL), 'gone')
    })

    test('a folder that becomes a link while it is read gives what it was, or nothing', async (t) => {
      const { at, root } = place(t)
      symlinkSync(at('secret'), at('link'))
      let isSwapped = false
      const found = await opener.folder(root, ['sub'], {
        most: 10,
        isLeftOut() {
          if (!isSwapped) {
            renameSync(at('share', 'sub'), at('aside'))
            renameSync(at('link'), at('share', 'sub'))
          }
          isSwapped = true
          return false
        },
      })
      assert.ok(isSwapped)
      if (opener === byPath) assert.equal(found, 'gone')
      else assert.deepEqual(found !== 'gone' && found.map(({ name, node: one }) => [name, one]).sort(), [['a.txt', node(at('aside', 'a.txt'))], ['deep', node(at('aside', 'deep'))]])
    })

    test('a part of a path is one part', async (t) => {
      const { root, at } = place(t)
      for (const bad of ['..', '.', '', 'sub/a.txt', '../secret', 'a\0b']) {
        await assert.rejects(async () => opener.file(root, [bad, 'a.txt'], node(at('secret', 'a.txt'))), /one part/, bad)
        await assert.rejects(async () => opener.folder(root, [bad], ALL), /one part/, bad)
      }
    })
  })
}

/** Another program swaps the folder for a link to a secret one and back, as fast as it can. */
const SWAP = `
const { renameSync } = require('node:fs')
const [dir, aside, link] = process.argv.slice(1)
process.on('disconnect', () => process.exit(0))
process.send('going')
setInterval(() => {
  for (let i = 0; i < 500; i++) {
    renameSync(dir, aside); renameSync(link, dir)
    renameSync(dir, link); renameSync(aside, dir)
  }
}, 0)`

/** Tries until one gives what was never shared: so long, and on a busy machine until both states were met. */
async function underSwap(t: TestContext, { tries, within }: { tries: (root: string, shared: string) => Promise<'shared' | 'secret' | 'gone'>; within: number }) {
  const { at, root } = place(t)
  symlinkSync(at('secret'), at('link'))
  const shared = node(at('share', 'sub', 'a.txt'))
  const swapper = spawn(process.execPath, ['-e', SWAP, at('share', 'sub'), at('aside'), at('link')], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  let isOver = false
  swapper.once('exit', () => (isOver = true))
  const count = { shared: 0, secret: 0, gone: 0 }
  try {
    await Promise.race([once(swapper, 'message'), once(swapper, 'exit')])
    const start = performance.now()
    const isEnough = () => Math.min(count.shared, count.gone) >= 50 && performance.now() - start > within
    while (count.secret === 0 && !isEnough() && performance.now() - start < 30_000) {
      if (isOver) throw new Error('the program that swaps has ended')
      count[await tries(root, shared)]++
    }
  } finally {
    swapper.kill('SIGKILL')
    if (!isOver) await once(swapper, 'exit')
  }
  return count
}

const said = async (handle: Awaited<ReturnType<typeof open>>) => {
  const text = (await handle.readFile('utf8')) as 'shared' | 'secret'
  await handle.close()
  return text
}

/** Looks first, opens afterwards. */
async function naive(root: string): Promise<'shared' | 'secret' | 'gone'> {
  try {
    const path = join(root, 'sub', 'a.txt')
    if (!(await realpath(path)).startsWith(`${root}/`)) return 'gone'
    return await said(await open(path, 'r'))
  } catch {
    return 'gone'
  }
}

describe('[B4] a folder swapped for a link while it is opened', { skip: process.platform === 'win32' ? 'needs renames of open folders' : false }, () => {
  test('looking first and opening afterwards leaks: the swap is caught by this harness', async (t) => {
    const count = await underSwap(t, { tries: naive, within: 20_000 })
    t.diagnostic(JSON.stringify(count))
    assert.ok(count.secret > 0, JSON.stringify(count))
  })

  for (const [way, opener] of openers) {
    test(`${way}: no file leaks`, async (t) => {
      const count = await underSwap(t, {
        within: 3_000,
        async tries(root, shared) {
          const opened = await opener.file(root, ['sub', 'a.txt'], shared)
          return opened === 'gone' ? 'gone' : said(opened.handle)
        },
      })
      t.diagnostic(JSON.stringify(count))
      assert.equal(count.secret, 0)
      assert.ok(count.shared >= 50 && count.gone >= 50, JSON.stringify(count))
    })
  }

  test('by descriptor: no listing leaks, nor a file that only the way keeps out', { skip: process.platform !== 'linux' }, async (t) => {
    let secret: string | undefined
    const count = await underSwap(t, {
      within: 3_000,
      async tries(root) {
        const found = await byDescriptor.folder(root, ['sub'], ALL)
        if (found !== 'gone' && found.some(({ name }) => name === 'only-secret.txt')) return 'secret'
        // Even the node of the secret file opens nothing: the way there is closed.
        secret ??= node(join(root, '..', 'secret', 'a.txt'))
        const opened = await byDescriptor.file(root, ['sub', 'a.txt'], secret)
        if (opened !== 'gone') return said(opened.handle)
        return found === 'gone' ? 'gone' : 'shared'
      },
    })
    t.diagnostic(JSON.stringify(count))
    assert.equal(count.secret, 0)
    assert.ok(count.shared >= 50 && count.gone >= 50, JSON.stringify(count))
  })
})
