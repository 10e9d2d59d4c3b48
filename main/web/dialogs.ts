import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Args } from '../hosts/args.ts'
import { presetDialogs } from '../hosts/preset-dialogs.ts'
import type { Dialogs } from '../ports.ts'

/** A program behind a browser has no dialogs of its own. */
export const webDialogs = ({ downloads, picks }: Args): Dialogs => presetDialogs({ downloads: downloads ?? join(homedir(), 'Downloads'), picks })
