import { createContext, useContext } from 'react'
import type { Pick, Transfer } from '../protocol/app/views.ts'
import type { Ik } from '../protocol/ids.ts'

/** What stands in the right pane. */
export type Place =
  | { at: 'home' }
  | { at: 'chat'; ik: Ik }
  | { at: 'profile'; ik: Ik }
  | { at: 'invite' }
  | { at: 'add' }
  | { at: 'requests' }
  /** `part`: brought into sight. */
  | { at: 'settings'; part?: 'files' }
  | { at: 'transfers' }
  | { at: 'sharing' }
  /** What this buddy shares with me; `as`: what this buddy sees of mine. */
  | { at: 'shares'; ik: Ik; as?: boolean }
  | { at: 'words' }

/** A question that stands over the window. */
export type Question =
  | { about: 'accept'; ik: Ik }
  | { about: 'invite'; link: string }
  | { about: 'numbers'; ik: Ik }
  | { about: 'remove'; ik: Ik }
  | { about: 'keep-nothing'; ik: Ik }
  | { about: 'link'; href: string; host: string }
  | { about: 'server' }
  /** So many would be lost, and these files have not gone out. */
  | ({ about: 'quit' } & Lost)
  /** The second step before a file leaves the vault without a full check, or though it can run programs. */
  | { about: 'release'; transfer: Transfer; how: 'open' | 'show' | 'save' }
  /** Always accept from this buddy. */
  | { about: 'rule'; ik: Ik }
  /** Which folder, where the system can't ask. */
  | { about: 'share-path' }
  | { about: 'share'; pick: Pick }
  | { about: 'change-share'; id: string; what: 'with' | 'until' }

export interface Lost { unread: number; waiting: number; files: string[] }

/** What the parts of a window ask of it. */
export interface Shell {
  place: Place
  go(to: Place): void
  /** Undefined: the question was answered. */
  ask(question: Question | undefined): void
  /** Buddies who are about to be removed: already out of sight, can still be brought back. */
  leaving: ReadonlySet<Ik>
  setLeaving(ik: Ik, isLeaving: boolean): void
  /** The same for messages. */
  leavingMessages: ReadonlySet<string>
  setMessageLeaving(id: string, isLeaving: boolean): void
  /** And for files. */
  leavingTransfers: ReadonlySet<string>
  setTransferLeaving(id: string, isLeaving: boolean): void
  /** The chat that is open, also behind a page that stands over it. */
  lastChat: Ik | undefined
  /** This window shows one chat only. */
  isPopOut: boolean
}

export const ShellContext = createContext<Shell | undefined>(undefined)

export function useShell(): Shell {
  const shell = useContext(ShellContext)
  if (shell === undefined) throw new Error('outside of a window')
  return shell
}
