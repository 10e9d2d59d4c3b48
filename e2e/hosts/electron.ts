import { _electron } from '@playwright/test'
import { ROOT } from '../processes.ts'
import { type Connection, hearConnections, isFault, type Seat, type SeatOptions, WATCH } from './host.ts'

/** The product itself, where its program is there. */
export async function openElectron(executablePath: string, { dataDir, downloads, args }: SeatOptions): Promise<Seat> {
  const app = await _electron.launch({
    executablePath,
    args: [
      ROOT, '--data-dir', dataDir, '--downloads', downloads, '--candidates', 'loopback-only', '--allow-loopback-in-peer-connection',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args,
    ],
  })
  const faults: string[] = []
  const connections: Connection[] = []
  const hear = hearConnections(connections)
  const context = app.context()
  await context.addInitScript(WATCH)
  context.on('console', (message) => {
    if (message.type() === 'error' && isFault(message.text())) faults.push(message.text())
    if (message.type() === 'debug') hear(message.text())
  })
  context.on('weberror', (error) => faults.push(String(error.error())))
  const page = await app.firstWindow()
  return {
    page,
    faults,
    connections,
    close: () => app.close(),
    async kill() {
      app.process().kill('SIGKILL')
      await app.close().catch(() => {})
    },
  }
}
