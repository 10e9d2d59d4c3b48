import { join } from 'node:path'
import { systemClock, systemRandom } from '../main/hosts/givens.ts'
import { startServer } from '../main/web/server.ts'
import { createSessions } from '../main/web/sessions.ts'

/** The yardstick of a start: the web host's own server with an empty page behind it, and no core. */

const server = await startServer({
  root: join(import.meta.dirname, 'blank'), port: 0, sessions: createSessions({ clock: systemClock, random: systemRandom }),
  onWindow: (pipe) => pipe.close(), onLinkPage: (pipe) => pipe.close(), onWindowBytes: (pipe) => pipe.close(), onCount: () => undefined,
})
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)))
process.stdout.write(`${JSON.stringify({ ready: true, url: `${server.origin}/`, pid: process.pid })}\n`)
