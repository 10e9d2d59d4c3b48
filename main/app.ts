import type { App, Ports } from './ports.ts'

export interface AppOptions {
  /** [L3] The test option: every candidate but 127.0.0.1 and ::1 is dropped, both ways. */
  candidates?: 'loopback-only'
  /** Port of the embedded server on 127.0.0.1 [architecture]. */
  serverPort?: number
}

export type CreateApp = (ports: Ports, options?: AppOptions) => Promise<App>
