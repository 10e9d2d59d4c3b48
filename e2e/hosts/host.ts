import type { Page } from '@playwright/test'

/** One person's Parley, in either host. */
export interface Seat {
  page: Page
  /** What went wrong in any of its windows: policy violations, console errors, exceptions. */
  faults: string[]
  /** Ends it as a user would. */
  close(): Promise<void>
  /** kill -9 of the core. */
  kill(): Promise<void>
}

export interface SeatOptions {
  dataDir: string
  /** Where saved files go. */
  downloads: string
  /** Further arguments of the host. */
  args: string[]
}

/** In every page, before its own scripts: a violation of the policy is an error like any other. */
export const WATCH = `addEventListener('securitypolicyviolation', (event) =>
  console.error('securitypolicyviolation ' + event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber))`

/** A core that was ended on purpose leaves its windows with a connection refused. */
export const isFault = (text: string): boolean => !/ERR_CONNECTION_REFUSED|WebSocket connection to .* failed/.test(text)
