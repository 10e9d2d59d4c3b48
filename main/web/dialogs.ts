import { presetDialogs } from '../hosts/preset-dialogs.ts'
import type { Dialogs } from '../ports.ts'

/** A program behind a browser has no dialogs of its own. */
export const webDialogs = (given: { downloads: string; picks: string[] }): Dialogs => presetDialogs({ ...given, hasDialogs: false })
