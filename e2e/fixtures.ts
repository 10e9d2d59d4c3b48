import { test as base } from '@playwright/test'
import { type Actor, createActor } from './actor.ts'
import { type Server, startServer } from './server.ts'

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
  /** Starts with the first who needs it, or with the test that names it. */
  server: Server
  lazyServer: () => Promise<Server>
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
  ada: async ({ browser, electron, lazyServer }, use) => {
    const ada = createActor({ name: 'Ada', browser: () => browser, electron, server: lazyServer })
    await use(ada)
    await ada.close()
  },
  ben: async ({ browser, electron, lazyServer }, use) => {
    const ben = createActor({ name: 'Ben', browser: () => browser, electron, server: lazyServer })
    await use(ben)
    await ben.close()
  },
})
