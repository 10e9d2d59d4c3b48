import type { Notifier } from '../ports.ts'

/** A browser's page may notify only while it is open, and then its title says it: `can.notifications` is false. */
export const webNotifier: Notifier = { show() {}, clear() {} }
