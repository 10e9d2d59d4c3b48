import { type Client, Refused } from '../../protocol/app/rpc.ts'
import type { Pick as Picked } from '../../protocol/app/views.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { Ik } from '../../protocol/ids.ts'
import { MAX_PICKS } from '../../protocol/limits.ts'
import type { FileDesk } from './desk.ts'
import type { Dropped } from './dropped.ts'

/** Something that goes with the next *Send*. */
export interface Chip {
  key: number
  name: string
  /** Bytes; unknown while a folder is looked through. */
  size?: number
  files?: number
  state: { at: 'coming'; taken: number } | { at: 'here'; pick: string } | { at: 'failed'; code: ErrorCode }
}

/** What stands beside a draft; `problem`: why the last of it was not taken. */
export interface Beside { chips: readonly Chip[]; problem?: ErrorCode }

/** What is put beside the draft of each chat. It stays when another chat is opened, and its bytes go on coming. */
export interface Attached {
  of(ik: Ik): Beside
  listen(listener: () => void): () => void
  add(ik: Ik, dropped: readonly Dropped[]): void
  /** Asks with the system's dialog, else with the window's. */
  choose(ik: Ik, what: 'files' | 'folder'): Promise<void>
  /** It can't be added, for this reason. */
  refuse(ik: Ik, problem: ErrorCode | undefined): void
  remove(ik: Ik, key: number): void
  /** Waits until all of it is here and takes what is; what failed stays, to be seen. */
  take(ik: Ik): Promise<readonly Chip[]>
  /** It was not sent after all. */
  putBack(ik: Ik, chips: readonly Chip[]): void
}

interface Deps {
  client: Pick<Client, 'call'>
  desk: Pick<FileDesk, 'put' | 'putFolder'>
  /** The path behind a file, where the host knows it. */
  give(file: File): Promise<Picked | undefined>
  ask(what: 'files' | 'folder'): Promise<Dropped[]>
}

const NOTHING: Beside = { chips: [] }

export function createAttached({ client, desk, give, ask }: Deps): Attached {
  const all = new Map<Ik, Beside>()
  const leaving = new Map<number, AbortController>()
  const listeners = new Set<() => void>()
  let lastKey = 0

  const of = (ik: Ik) => all.get(ik) ?? NOTHING
  const chipsOf = (ik: Ik) => of(ik).chips
  function set(ik: Ik, chips: readonly Chip[], problem?: ErrorCode) {
    if (chips.length === 0 && problem === undefined) all.delete(ik)
    else all.set(ik, { chips, ...(problem && { problem }) })
    for (const listener of [...listeners]) listener()
  }
  const refuse = (ik: Ik, problem: ErrorCode | undefined) => set(ik, chipsOf(ik), problem)
  const change = (ik: Ik, key: number, part: Partial<Chip>) => set(ik, chipsOf(ik).map((chip) => (chip.key === key ? { ...chip, ...part } : chip)), of(ik).problem)
  const isFull = (ik: Ik, more: number) => chipsOf(ik).length + more > MAX_PICKS
  const dropPick = (pick: string) => void client.call('dropPick', { pick }).catch(() => {})

  async function bring(ik: Ik, key: number, dropped: Dropped) {
    const leave = new AbortController()
    leaving.set(key, leave)
    try {
      const pick = await bringOne(dropped, { signal: leave.signal, onTaken: (taken) => change(ik, key, { state: { at: 'coming', taken } }) }, (part) => change(ik, key, part))
      if (leave.signal.aborted) return dropPick(pick.pick)
      change(ik, key, here(pick))
    } catch (error) {
      if (leave.signal.aborted) return
      change(ik, key, { state: { at: 'failed', code: error instanceof Refused ? error.code : 'unreadable-file' } })
    } finally {
      leaving.delete(key)
    }
  }
  async function bringOne(dropped: Dropped, following: Parameters<FileDesk['put']>[2], tell: (part: Partial<Chip>) => void): Promise<Picked> {
    const given = dropped.file && (await give(dropped.file))
    if (given !== undefined) return given
    if (dropped.is === 'file') return desk.put(dropped.file, dropped.name, following)
    const files = await dropped.files()
    following.signal.throwIfAborted()
    if (files.length === 0) throw new Refused('empty-folder')
    tell({ size: files.reduce((sum, { file }) => sum + file.size, 0), files: files.length })
    return desk.putFolder(dropped.name, files, following)
  }

  function add(ik: Ik, dropped: readonly Dropped[]): void {
    if (isFull(ik, dropped.length)) return refuse(ik, 'too-many-files')
    const chips = dropped.map((one): Chip => ({ key: ++lastKey, name: one.name, ...(one.is === 'file' && { size: one.file.size }), state: { at: 'coming', taken: 0 } }))
    if (chips.length === 0) return
    set(ik, [...chipsOf(ik), ...chips])
    dropped.forEach((one, index) => void bring(ik, chips[index]!.key, one))
  }

  return {
    of,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    add,
    refuse,
    async choose(ik, what) {
      try {
        const { picks } = await client.call('pickFiles', { what })
        if (isFull(ik, picks.length)) {
          for (const { pick } of picks) dropPick(pick)
          return refuse(ik, 'too-many-files')
        }
        set(ik, [...chipsOf(ik), ...picks.map((pick): Chip => ({ key: ++lastKey, ...here(pick) }))])
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        if (error.code === 'no-dialog') add(ik, await ask(what))
        else refuse(ik, error.code)
      }
    },
    remove(ik, key) {
      const chip = chipsOf(ik).find((one) => one.key === key)
      leaving.get(key)?.abort()
      if (chip?.state.at === 'here') dropPick(chip.state.pick)
      set(ik, chipsOf(ik).filter((one) => one.key !== key))
    },
    async take(ik) {
      while (chipsOf(ik).some(({ state }) => state.at === 'coming')) await once(listeners)
      const taken = chipsOf(ik).filter(({ state }) => state.at === 'here')
      set(ik, chipsOf(ik).filter(({ state }) => state.at !== 'here'))
      return taken
    },
    putBack: (ik, chips) => set(ik, [...chips, ...chipsOf(ik)]),
  }
}

const here = ({ pick, name, size, files }: Picked): Omit<Chip, 'key'> => ({ name, size, ...(files !== undefined && { files }), state: { at: 'here', pick } })

/** The next change. */
const once = (listeners: Set<() => void>) =>
  new Promise<void>((resolve) => {
    const listener = () => {
      listeners.delete(listener)
      resolve()
    }
    listeners.add(listener)
  })

export const picksOf = (chips: readonly Chip[]): string[] => chips.flatMap(({ state }) => (state.at === 'here' ? [state.pick] : []))
