import { createContext, useContext } from 'react'
import type { Ik } from '../protocol/ids.ts'

/** What stands in the right pane. */
export type Place =
  | { at: 'home' }
  | { at: 'chat'; ik: Ik }
  | { at: 'profile'; ik: Ik }
  | { at: 'invite' }
  | { at: 'add' }
  | { at: 'requests' }
  | { at: 'settings' }
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
  /** So many would be lost. */
  | { about: 'quit'; unread: number; waiting: number }

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
  /** This window shows one chat only. */
  isPopOut: boolean
}

export const ShellContext = createContext<Shell | undefined>(undefined)

export function useShell(): Shell {
  const shell = useContext(ShellContext)
  if (shell === undefined) throw new Error('outside of a window')
  return shell
}
