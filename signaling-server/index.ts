import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { parseRange } from './addresses.ts'
import { createMemoryBackplane } from './backplane/memory.ts'
import type { Clock } from './clock.ts'
import { b64Of, createIds, createVerify, DEVICE_KEYS_KEPT, signerOf } from './crypto.ts'
import { lockFolder, makeFolder, serverSeed } from './data-folder.ts'
import { type Log, noLog } from './log.ts'
import { listeningFault, serverNameOf } from './name.ts'
import { createPresence } from './presence.ts'
import { StartRefusal } from './refusal.ts'
import { type Context, createRates, createRecent } from './requests/context.ts'
import { listen, serve, type TlsFiles } from './server.ts'
import { limits as limitsSchema, type Limits, type Registration } from './settings.ts'
import { createSignals } from './signals.ts'
import { makeCode } from './store/codes.ts'
import { openDatabase, openStore, type Store } from './store/open.ts'
import { createTick } from './tick.ts'

export { StartRefusal } from './refusal.ts'
export type { Clock } from './clock.ts'

export interface ServerOptions {
  /** Key, database and lock; made where it is missing. */
  dataDir: string
  /** An IP literal; 127.0.0.1 where it is left out. */
  host?: string
  /** 7275 where it is left out; 0: any free one. */
  port?: number
  /** [S9] Who may register: anyone, or who has a code. `code` where it is left out. */
  registration?: Registration
  /** [S2] Host name that people dial; with TLS or behind a proxy only. */
  name?: string | undefined
  tls?: TlsFiles | undefined
  /** A proxy in front ends TLS. */
  behindProxy?: boolean
  /** [S24] Addresses or ranges whose `X-Forwarded-For` is believed. Behind a proxy: this machine's own, where none are named. */
  trustedProxies?: readonly string[] | undefined
  /** [S24] What differs from the defaults. */
  limits?: Partial<Limits>
  clock?: Clock
  random?: (n: number) => Uint8Array
  log?: Log
}

export interface RunningServer {
  /** `ws://H:PORT`, `wss:` with TLS. */
  url: string
  port: number
  /** [S2] What stands behind the @ in its addresses. */
  name: string
  /** Its key, 32 bytes as B64 [S4]. */
  spk: string
  /** [S9] At the first start with registration by code. */
  firstCode?: string
  /** One more registration code. */
  newCode(): string
  close(): Promise<void>
}

export const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_PORT = 7275
const MAIL_ID_LENGTH = 9
const LOOPBACK = ['127.0.0.0/8', '::1']

/** Starts a server, or throws a `StartRefusal` in words. The port comes first: of several that start at once on one folder, one serves. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataDir, port = DEFAULT_PORT, registration = 'code', name, tls, behindProxy = false, clock = systemClock, random = randomBytes, log = noLog } = options
  // A name could mean either loopback; people dial the address that stands in the URL [I17].
  const host = options.host === undefined || options.host === 'localhost' ? DEFAULT_HOST : options.host
  const limits = limitsSchema.parse(options.limits ?? {})
  const listening = { host, name, hasTls: tls !== undefined, isBehindProxy: behindProxy }
  const trustedProxies = options.trustedProxies ?? (behindProxy ? LOOPBACK : [])
  const fault = listeningFault(listening) ?? proxyFault(trustedProxies)
  if (fault !== undefined) throw new StartRefusal('bad-setting', fault)

  const http = await listen({ host, port, tls, limits })
  const opened: (() => void)[] = []
  const free = () => {
    for (const close of opened.splice(0).reverse()) close()
  }
  try {
    makeFolder(dataDir)
    opened.push(lockFolder(dataDir))
    const { db, isNew } = openDatabase(dataDir)
    opened.push(() => db.close())
    const store = openStore(db)
    opened[opened.length - 1] = store.close
    const key = signerOf(serverSeed(dataDir, { isNew: isNew || store.meta('spk') === undefined, random }))
    const spk = b64Of(key.pub)
    const server = serverNameOf(listening, key.pub)
    assertOwner(store, { spk, name: server })

    const code = () => {
      const made = makeCode(random)
      store.codes.add(made, clock.now() + limits.codeLifeMs)
      return made
    }
    const firstCode = registration === 'code' && store.meta('first-code') === undefined ? code() : undefined
    if (firstCode !== undefined) store.setMeta('first-code', 'given')

    const presence = createPresence({ clock, spacingMs: limits.presenceSpacingMs, ruleOf: store.acl.rule })
    const context: Context = {
      server, key, registration, limits, clock, random, mailId: createIds(random, MAIL_ID_LENGTH), store, presence, log, verify: createVerify(DEVICE_KEYS_KEPT), verifyAccount: createVerify(), lives: new Map(),
      signals: createSignals({ clock, limits }), backplane: createMemoryBackplane(), rates: createRates(clock, limits), recent: createRecent(clock, limits),
    }
    const running = serve({ http, context, tick: createTick({ transaction: store.transaction, log }), trustedProxies })
    log('listening', { port: running.port, tls: tls !== undefined })
    const dialled = tls === undefined ? (isIPv6(host) ? `[${host}]` : host) : name!.split(':')[0]!
    let closing: Promise<void> | undefined
    return {
      url: `${tls === undefined ? 'ws' : 'wss'}://${dialled}:${running.port}`,
      port: running.port, name: server, spk,
      ...(firstCode === undefined ? {} : { firstCode }),
      newCode: code,
      close: () => (closing ??= running.close(free)),
    }
  } catch (error) {
    free()
    await new Promise<void>((done) => http.close(() => done()))
    throw error
  }
}

function proxyFault(ranges: readonly string[]): string | undefined {
  const wrong = ranges.find((range) => parseRange(range) === undefined)
  return wrong === undefined ? undefined : `"${wrong}" is neither an address nor a range of addresses.`
}

/** A database goes with one key and one name: under others every buddy would be warned, or nobody found [S2, S5]. */
function assertOwner(store: Store, own: { spk: string; name: string }) {
  for (const [key, value] of Object.entries(own)) {
    const known = store.meta(key)
    if (known === undefined) store.setMeta(key, value)
    else if (known !== value) throw new StartRefusal(key === 'spk' ? 'key' : 'bad-setting', key === 'spk'
      ? 'server.key is not the key this database was made with. Put the old one back from a backup.'
      : `This data folder belongs to ${known}. The addresses of everyone here end in that, so a server named ${value} needs a folder of its own.`)
  }
}

const systemClock: Clock = {
  now: Date.now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
