import type { BytePipe, Pipe } from '../protocol/app/pipe.ts'
import type { Can, Pick } from '../protocol/app/views.ts'
import type { Ik, Ms } from '../protocol/ids.ts'
import type { Bytes } from '../protocol/wire/bytes.ts'

/**
 * What a host supplies: two kinds of pipe (attached to the app), four small ports, and the givens. Nothing else of the core knows
 * which host it runs in. What a host can't do is data (`can`), not an exception.
 */
export interface Ports {
  can: Can
  clock: Clock
  /** So many bytes from the system's generator. */
  random: (n: number) => Bytes
  paths: Paths
  secrets: Secrets
  notifier: Notifier
  windows: Windows
  dialogs: Dialogs
  desktop: Desktop
  /** Facts for the log, never content: no bodies, names, paths, SDP or addresses. */
  log: (fact: string, details?: Record<string, number | string | boolean>) => void
}

export interface Clock {
  /** Unix time in milliseconds. */
  now(): Ms
  /** Calls back once after so many milliseconds; returns how to cancel. */
  after(ms: number, callback: () => void): () => void
}

export interface Paths {
  /** The profile's folder; exists. */
  profile: string
  /** Key and database of the embedded server, shared by all profiles of one user of the machine. */
  server: string
  /** Where received files are saved; made when the first one is. */
  downloads: string
}

/** The system's keychain, or its stand-in. */
export interface Secrets {
  seal(plain: Uint8Array): Bytes
  /** Undefined where these bytes were not sealed here. */
  open(sealed: Uint8Array): Bytes | undefined
}

export interface Notifier {
  /** `tag`: a newer one with the same tag takes its place. `ik`: the chat it leads to. */
  show(notification: { tag: string; title: string; body: string; ik?: Ik }): void
  clear(tag: string): void
}

/** [L6] What a link page shows of this machine: addresses of the default route, or those of every network it is in. */
export type Routes = 'default' | 'all'

export interface Windows {
  /** Opens a chat in a window of its own, or shows that window. A host whose windows open windows gives the address instead. */
  popOut(ik: Ik): string | undefined
  /** Brings the main window to the front. */
  focus(): void
  /** A link page for these routes is wanted and none is there. Nothing to do where the windows bring their own. */
  openLinkPage(routes: Routes): void
  quit(): void
}

export interface Dialogs {
  /** Asks where to save and saves; false where the user put it off. */
  saveFile(file: { name: string; content: string }): Promise<boolean>
  /** Paths of files to send; none where it was put off. Undefined where this host has no such dialog: the window asks itself. */
  pickFiles(): Promise<string[] | undefined>
  /** A folder to send or share; null where it was put off. */
  pickFolder(): Promise<string | null | undefined>
  /** A question of the host's own, which no window can answer. */
  confirm(question: string): Promise<boolean>
  /** The whole path to save at; null where it was put off. A dialog has asked before it names a file that is there. */
  pickSave(name: string): Promise<string | null>
}

/** The system's own way with files. Each says false where this host has none. */
export interface Desktop {
  /** Opens it with the program that the system has for it. */
  open(path: string): Promise<boolean>
  /** Shows it in its folder. */
  reveal(path: string): Promise<boolean>
}

/** The whole core, as a host sees it. */
export interface App {
  /** A window's pipe. The host has checked whose it is [H8]. */
  attachWindow(pipe: Pipe): void
  /** A link page's pipe, for these routes; a later one takes the place of an earlier one, and links reconnect. */
  attachLinkPage(pipe: BytePipe, serves: readonly Routes[]): void
  /** The byte pipe of a window: what is dropped or pasted, and pictures (protocol/app/bytes). */
  attachWindowBytes(pipe: BytePipe): void
  /** A path that a person dropped on a window; the window gets what stands for it. Undefined where it can't be sent. */
  give(path: string): Promise<Pick | undefined>
  /** A `parley://` address from outside: at most a question [I18]. */
  openLink(link: string): void
  /** [S11] The machine woke, or its network changed. */
  wake(): void
  /** Signs off, writes everything, closes the store. */
  close(): Promise<void>
}
