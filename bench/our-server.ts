import { type RunningServer, type ServerOptions, startServer } from '../signaling-server/index.ts'
import { cpuTime, serveOrders } from './programs.ts'

/** Our signaling server in a process of its own, which says what it has used. */

/** Limits are settings [S24]; a bench must not measure refusals. */
const WIDE = { burst: 1e9, everyMs: 0.001 }
const limits = {
  messages: WIDE, drops: WIDE, sigs: WIDE, gets: WIDE, claims: WIDE, connect: WIDE, messagesPerAddress: WIDE,
  presenceSpacingMs: 0, tokenCount: 10_000, tokenBytes: 1e9, mailCount: 100_000, mailBytes: 1e9,
}

let server: RunningServer | undefined

serveOrders(async ({ do: what, dataDir, port, isUnchanged }) => {
  switch (what) {
    case 'start': {
      const options: ServerOptions = { dataDir: String(dataDir), port: Number(port ?? 0), registration: 'open', ...(isUnchanged === true ? {} : { limits }) }
      server = await startServer(options)
      return { url: server.url, name: server.name, port: server.port }
    }
    case 'stop':
      await server?.close()
      return undefined
    case 'cpu':
      return cpuTime()
    default:
      globalThis.gc?.()
      return process.memoryUsage().rss
  }
})
