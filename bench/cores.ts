import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../main/app.ts'
import { systemClock, systemRandom } from '../main/hosts/givens.ts'
import { createSecrets } from '../main/hosts/sealing.ts'
import { memoryPipes } from '../protocol/app/pipe.ts'
import { connect } from '../protocol/app/rpc.ts'
import { serveOrders } from './programs.ts'

/** Real cores, several in one process, which say when each is signed on. */

export interface SignedOn { name: string; at: number }

async function start(dir: string, name: string, server: string) {
  const profile = join(dir, name)
  mkdirSync(profile, { recursive: true })
  const app = await createApp({
    can: { keychain: false, tray: false, notifications: false, popOut: false, saveFile: false, dialogs: false, dropPaths: false, openFiles: false },
    clock: systemClock, random: systemRandom, secrets: createSecrets({ key: systemRandom(32), random: systemRandom }),
    paths: { profile, server: join(profile, 'server'), downloads: join(profile, 'downloads') },
    notifier: { show: () => undefined, clear: () => undefined },
    windows: { popOut: () => undefined, focus: () => undefined, openLinkPage: () => undefined, quit: () => undefined },
    dialogs: { confirm: async () => false, saveFile: async () => false, pickFiles: async () => undefined, pickFolder: async () => undefined, pickSave: async () => null },
    desktop: { open: async () => true, reveal: async () => true },
    log: () => undefined,
  })
  const [coreEnd, windowEnd] = memoryPipes()
  app.attachWindow(coreEnd)
  const client = connect(windowEnd)
  await client.subscribe(() => undefined, (event) => {
    if (event.e === 'connection' && event.connection.at === 'on') process.send!({ told: { name, at: performance.timeOrigin + performance.now() } satisfies SignedOn })
  })
  await client.call('createIdentity', { name, handle: name, where: { kind: 'server', server } })
  await client.call('goOnline', {})
}

serveOrders(async ({ dir, names, url }) => {
  for (const name of names as string[]) await start(String(dir), name, String(url))
})
