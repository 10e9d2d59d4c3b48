import type { ErrorCode } from '../../protocol/errors.ts'
import { StartRefusal, startServer } from '../../signaling-server/index.ts'

/**
 * "This computer": a signaling server inside the app, for this machine. Binding the port is the lock: who gets it serves, who finds
 * it taken joins what is there (the pinned key tells a stranger), and tries the port again when the connection is lost.
 */
export interface Embedded {
  /** Where it is dialled; with port 0 only known once it runs. */
  url(): string
  ensure(pin: { kind: string }): Promise<ErrorCode | undefined>
  close(): Promise<void>
}

export function createEmbedded(deps: { dataDir: string; port: number }): Embedded {
  let running: Awaited<ReturnType<typeof startServer>> | undefined
  let starting: Promise<ErrorCode | undefined> | undefined

  async function start(): Promise<ErrorCode | undefined> {
    try {
      running = await startServer({ dataDir: deps.dataDir, host: '127.0.0.1', port: deps.port, registration: 'open' })
      return undefined
    } catch (error) {
      // Port or folder taken: another profile of ours serves there, or a stranger does. The challenge tells which.
      if (error instanceof StartRefusal && (error.code === 'port-taken' || error.code === 'folder')) return undefined
      return 'no-server'
    }
  }

  return {
    url: () => (running === undefined ? `ws://127.0.0.1:${deps.port}/` : `${running.url}/`),
    async ensure(pin) {
      if (pin.kind !== 'this-computer' || running !== undefined) return undefined
      starting ??= start().finally(() => (starting = undefined))
      return starting
    },
    async close() {
      await starting
      await running?.close()
      running = undefined
    },
  }
}
