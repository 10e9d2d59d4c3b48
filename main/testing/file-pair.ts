import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Transfer } from '../../protocol/app/views.ts'
import type { B64 } from '../../protocol/ids.ts'
import { startServer } from '../../signaling-server/index.ts'
import { befriend, type Core, type CoreOptions, signUp, startCore, tempDir } from './core.ts'

/** Ada and Ben, two whole cores that take files of each other, over links of the TCP twin. */

export const transferOf = (core: Core, name: string): Transfer | undefined => core.state().transfers.find((one) => one.name === name)

export const stateIs = (core: Core, name: string, at: Transfer['state']['at'], ms = 15_000): Promise<Transfer> =>
  core.until(`${name} is ${at}`, () => (transferOf(core, name)?.state.at === at ? transferOf(core, name) : undefined), ms).catch((error: Error) => {
    throw new Error(`${error.message.slice(0, 200)} ${JSON.stringify(core.state().transfers)}`)
  })

export async function filePair(t: { after(end: () => Promise<void>): void }, options: { keep?: 'disk' | 'off'; ada?: Partial<CoreOptions>; ben?: Partial<CoreOptions> } = {}) {
  const temp = tempDir()
  const server = await startServer({ dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'open' })
  const log: string[] = []
  const picks: string[] = []
  const start = (who: 'ada' | 'ben') =>
    startCore({ dir: join(temp.path, who), logTo: (fact, details) => void log.push(`${fact} ${JSON.stringify(details ?? {})}`), ...(who === 'ada' ? { picks } : {}), ...options[who] })
  const cores = { ada: await start('ada'), ben: await start('ben') }
  await signUp(cores.ada, 'Ada', server.url)
  await signUp(cores.ben, 'Ben', server.url)
  const { adasBen, bensAda } = await befriend(cores.ada, cores.ben, { connect: 'direct', keep: options.keep ?? 'disk' })
  await cores.ada.until('Ben takes files, and is there', (core) => core.buddy('Ben')?.canFiles && core.buddy('Ben')?.presence === 'on')
  t.after(async () => {
    await cores.ada.close()
    await cores.ben.close()
    await server.close()
    temp.remove()
    assert.deepEqual(log.filter((line) => line.startsWith('bug')), [])
  })
  return {
    cores, picks, adasBen, bensAda, temp, log, server, adaDir: join(temp.path, 'ada'), benDir: join(temp.path, 'ben'), downloads: join(temp.path, 'ben', 'downloads'),
    /** A folder on Ada's disk. */
    folder(name: string, files: Record<string, string | Uint8Array>): string {
      for (const [path, bytes] of Object.entries(files)) {
        mkdirSync(dirname(join(temp.path, name, path)), { recursive: true })
        writeFileSync(join(temp.path, name, path), bytes)
      }
      return join(temp.path, name)
    },
    file(name: string, bytes: string | Uint8Array): string {
      writeFileSync(join(temp.path, name), bytes)
      return join(temp.path, name)
    },
    /** Ada offers Ben a file, or a folder. */
    async send(path: string, what: 'files' | 'folder' = 'files') {
      picks.push(path)
      const { picks: chosen } = await cores.ada.client.call('pickFiles', { what })
      await cores.ada.client.call('sendFiles', { ik: adasBen, picks: chosen.map(({ pick }) => pick) })
    },
    /** Ada shares it with Ben, and Ben has been told. */
    async share(root: string, terms: { rate?: number; daily?: number } = {}) {
      picks.push(root)
      const { pick } = await cores.ada.client.call('pickShare', {})
      await cores.ada.client.call('shareFolder', { pick: pick!.pick, with: [adasBen], until: Date.now() + 86_400_000, rate: terms.rate ?? 100_000_000, daily: terms.daily ?? 1_000_000_000 })
      await cores.ben.until('the line', (core) => core.events.some((event) => event.e === 'item' && event.item.kind === 'line' && event.item.line.what === 'they-share'), 10_000)
    },
    /** Ben looks into what Ada shares: a link is up from then on. */
    async browse(dir: B64 | '' = '') {
      await cores.ada.client.call('showChat', { ik: adasBen, shown: true })
      await cores.ben.until('a link', (core) => core.buddy('Ada')?.link.at === 'direct', 20_000)
      const { share } = (await cores.ben.client.call('browseShares', { ik: bensAda })).shares[0]!
      return { share, ...(await cores.ben.client.call('browseFolder', { ik: bensAda, share, dir })) }
    },
    async fetch(name: string) {
      const { share, entries } = await this.browse()
      const { e, kind, size } = entries.find((entry) => entry.name === name)!
      await cores.ben.client.call('fetchEntry', { ik: bensAda, share, e, name, kind, size })
    },
    async restart(who: 'ada' | 'ben') {
      await cores[who].close()
      cores[who] = await start(who)
      await cores[who].client.call('goOnline', {})
    },
  }
}
