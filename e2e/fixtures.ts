import { test as base } from '@playwright/test'
import { type Actor, createActor } from './actor.ts'
import { type Server, startServer } from './server.ts'
import { freePort, startWire, type Wire } from './wire.ts'

export { expect } from '@playwright/test'

/** Which host the project runs in; set in playwright.config.ts. */
export interface HostOptions {
  host: 'web' | 'electron'
  /** Electron's program. */
  electron: string | undefined
}

interface Actors {
  ada: Actor
  ben: Actor
  chen: Actor
  /** Starts with the first who needs it, or with the test that names it. */
  server: Server
  lazyServer: () => Promise<Server>
  /** A wire to the server that counts and listens. */
  wire: Wire
  embeddedPort: () => Promise<number>
  /** Someone new, with a computer of their own. */
  meet: (name: string) => Actor
}

/** Tests start from actors: each with a data folder, a core and a window of their own, and a server for them all. */
export const test = base.extend<Actors, HostOptions>({
  host: ['web', { option: true, scope: 'worker' }],
  electron: [undefined, { option: true, scope: 'worker' }],
  lazyServer: async ({}, use) => {
    let starting: Promise<Server> | undefined
    await use(() => (starting ??= startServer()))
    await (await starting)?.close()
  },
  server: async ({ lazyServer }, use) => use(await lazyServer()),
  wire: async ({ server }, use) => {
    const wire = await startWire(server.port)
    await use(wire)
    await wire.close()
  },
  embeddedPort: async ({}, use) => {
    let port: Promise<number> | undefined
    await use(() => (port ??= freePort()))
  },
  meet: async ({ browser, electron, lazyServer, embeddedPort }, use) => {
    const met: Actor[] = []
    await use((name) => {
      const actor = createActor({ name, browser: () => browser, electron, server: lazyServer, embeddedPort })
      met.push(actor)
      return actor
    })
    const ends = await Promise.allSettled(met.map((actor) => actor.close()))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  },
  ada: async ({ meet }, use) => use(meet('Ada')),
  ben: async ({ meet }, use) => use(meet('Ben')),
  chen: async ({ meet }, use) => use(meet('Chen')),
})
