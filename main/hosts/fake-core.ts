import { type Api, type Method, params } from '../../protocol/app/api.ts'
import type { BytePipe } from '../../protocol/app/pipe.ts'
import { type Announcer, Refused, serve } from '../../protocol/app/rpc.ts'
import type { Can, Event, Snapshot } from '../../protocol/app/views.ts'
import type { App, Routes } from '../ports.ts'
import { failedSnapshot } from './failed-app.ts'

const can: Can = { keychain: false, tray: false, notifications: false, popOut: true, saveFile: true, dialogs: false, dropPaths: false, openFiles: false }

/** A core in memory for the tests of pipes and hosts: it answers a few calls, announces what it is told to, and remembers. */
export function createFakeCore() {
  const listeners = new Set<(seq: number, event: Event) => void>()
  const calls: { method: Method; p: unknown }[] = []
  const linkPages: { pipe: BytePipe; serves: readonly Routes[] }[] = []
  const windowBytes: BytePipe[] = []
  const given: string[] = []
  const links: string[] = []
  const bugs: unknown[] = []
  let seq = 0
  let isClosed = false

  const answers: Partial<{ [M in Method]: (p: never) => unknown }> = {
    completeWord: ({ start }: { start: string }) => ({ words: [`${start}orbit`, '🜁 ß\u2028\u0000"'] }),
    goOnline: () => new Promise(() => {}),
    safetyNumber: () => {
      throw new Refused('unknown-buddy')
    },
    quit: () => {
      throw new TypeError('a bug with details that must not cross')
    },
    unsaved: () => {
      announce({ e: 'offered-invite', link: 'announced while answering' })
      return { unread: 1, waiting: 2, files: [] }
    },
  }
  const api = Object.fromEntries(
    Object.keys(params).map((name) => [
      name,
      async (p: never) => {
        calls.push({ method: name as Method, p })
        return answers[name as Method]?.(p)
      },
    ]),
  ) as unknown as Api

  const announcer: Announcer = {
    get seq() {
      return seq
    },
    snapshot: (): Snapshot => ({ ...failedSnapshot('internal', can), refused: seq }),
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  function announce(event: Event) {
    seq++
    for (const listener of listeners) listener(seq, event)
  }

  let wakes = 0
  const app: App = {
    attachWindow: (pipe) => serve(pipe, api, announcer, (bug) => bugs.push(bug)),
    attachLinkPage: (pipe, serves) => void linkPages.push({ pipe, serves }),
    attachWindowBytes: (pipe) => void windowBytes.push(pipe),
    async give(path) {
      given.push(path)
      return { pick: `pick ${given.length}`, name: 'given.txt', type: 'text', size: 1 }
    },
    openLink: (link) => void links.push(link),
    wake: () => void wakes++,
    async close() {
      isClosed = true
    },
  }
  return { app, announce, calls, linkPages, windowBytes, given, links, bugs, wakes: () => wakes, listening: () => listeners.size, isClosed: () => isClosed }
}
