import type { FileHandle } from 'node:fs/promises'
import type { B64, Ik, Ms } from '../../protocol/ids.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import type { FileEnd, FileFrame } from '../../protocol/wire/peer.ts'
import type { Background } from '../background.ts'
import type { Links } from '../links/links.ts'
import type { Clock } from '../ports.ts'
import type { Chance } from '../random.ts'
import type { Buddy } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'
import type { Book, Transfer } from './book.ts'
import { type Effect, type Happening, step } from './machine.ts'

/** What both directions stand on: the book, the machine, and the ways out. */

/** The vault, as far as bytes that come are concerned. */
export interface Parts {
  newPart(): string
  open(part: string): Promise<FileHandle>
  remove(part: string): Promise<void>
  /** Bytes free on its disk. */
  room(): Promise<number>
}

export interface GroundDeps {
  store: Store
  clock: Clock
  chance: Chance
  background: Background
  book: Book
  parts: Parts
  buddy(ik: Ik): Buddy | undefined
  links: Pick<Links, 'isUp' | 'send' | 'chunk' | 'bulkRoom' | 'sendBulk' | 'used'>
  /** [T6] Goes by whatever way there is. */
  notice(ik: Ik, end: FileEnd): void
  /** Bytes a second; 0 is no limit. */
  limits(): { up: number; down: number }
  onChange(id: string): void
  /** Parley ends: what takes long stops, and the next start does it again. */
  isEnding(): boolean
  log(fact: string, details?: Record<string, string | number | boolean>): void
}

/** What each direction does when a stage says so. */
export interface Hand {
  start(row: Transfer): void
  stop(row: Transfer): void
  scan(row: Transfer): void
  /** The bytes that were received, or copied to be sent, go. */
  drop(row: Transfer): void
  reset(row: Transfer): void
  done(row: Transfer): void
}

export interface Ground extends GroundDeps {
  now(): Ms
  /** Bytes of it have come or gone. */
  moved(row: Transfer): void
  /** False: that changes nothing. */
  apply(id: string, happening: Happening): boolean
  say(ik: Ik, frame: FileFrame | FileEnd): void
  sendBulk(ik: Ik, message: Bytes): void
}

/** How exactly it is known when something moved last. */
const MOVED_TO: Ms = 3_600_000

export function createGround(deps: GroundDeps, hand: (row: Transfer) => Hand): Ground {
  const { store, book, links } = deps
  const encoder = new TextEncoder()

  const ground: Ground = {
    ...deps,
    now: () => deps.clock.now(),
    say(ik, frame) {
      if (links.isUp(ik)) links.send(ik, encoder.encode(JSON.stringify(frame)))
    },
    sendBulk: (ik, message) => links.sendBulk(ik, message),
    moved({ id, ik, parent = id }) {
      links.used(ik)
      deps.onChange(id)
      // What counts in days is not written for every piece, and costs no sync of its own.
      const row = book.get(parent)
      const now = deps.clock.now()
      if (row !== undefined && now >= (row.movedAt ?? row.stateAt) + MOVED_TO) store.writeLosable(() => book.change(parent, { movedAt: now }))
    },
    apply(id, happening) {
      const row = book.get(id)
      if (row === undefined) return false
      const next = step(row.stage, happening, row.mine)
      if (next === undefined) return false
      store.write(() => {
        const owes = next.effects.map((effect) => owedBy(row, effect)).find((one) => one !== undefined)
        const after = book.change(id, {
          stage: next.stage, ...(next.stage.at === row.stage.at ? {} : { stateAt: deps.clock.now() }), ...(owes === undefined ? {} : { owes }),
        })
        store.after(() => {
          for (const effect of next.effects) perform(after, effect)
          deps.onChange(id)
        })
      })
      return true
    },
  }

  function perform(row: Transfer, effect: Effect) {
    const { ik, fid } = row
    switch (effect.do) {
      case 'tell':
        // A link carries it for sure; else it goes now as it can, and again with the next link.
        if (links.isUp(ik)) {
          ground.say(ik, { t: effect.t, fid, why: effect.why } as FileEnd)
          return settle(row.id)
        }
        return deps.notice(ik, { t: effect.t, fid, why: effect.why } as FileEnd)
      case 'tell-pause': return ground.say(ik, { t: 'file.pause', fid, on: effect.on })
      case 'tell-done': return hand(row).done(row)
      case 'start': return hand(row).start(row)
      case 'stop': return hand(row).stop(row)
      case 'scan': return hand(row).scan(row)
      case 'drop': return hand(row).drop(row)
      case 'reset': return hand(row).reset(row)
    }
  }

  function settle(id: string) {
    const row = book.get(id)
    if (row === undefined) return
    const { owes: _, ...rest } = row
    store.write(() => book.put(rest))
  }
  return ground
}

/** What the next link says. Of a file that is here also where this one has said it: it may have died with the word on its way. */
function owedBy(row: Transfer, effect: Effect): Transfer['owes'] {
  if (effect.do === 'tell') return { t: effect.t, why: effect.why } as Transfer['owes']
  // What came out of a share is forgotten there with the link.
  return effect.do === 'tell-done' && row.folder === undefined && row.entry === undefined ? { t: 'file.done' } : undefined
}

/** What is still owed to a buddy whose link has come up [T6]. */
export function payOwed(ground: Ground, ik: Ik): void {
  for (const row of ground.book.all()) {
    if (row.ik !== ik || row.owes === undefined) continue
    ground.say(ik, row.owes.t === 'file.done' ? { t: 'file.done', fid: row.fid, root: row.root! } : ({ ...row.owes, fid: row.fid } as FileEnd))
    const { owes: _, ...rest } = row
    ground.store.write(() => ground.book.put(rest))
  }
}

/** [T5] A transfer that breaks the order ends; three in a minute end the link. */
export function createBreaches(clock: Pick<Clock, 'now'>, { most, within }: { most: number; within: Ms }) {
  const seen = new Map<Ik, Ms[]>()
  /** True: that was one too many. */
  return (ik: Ik): boolean => {
    const now = clock.now()
    const recent = [...(seen.get(ik) ?? []).filter((at) => now - at < within), now]
    seen.set(ik, recent)
    return recent.length >= most
  }
}

/** The name on the wire of something new. */
export const newFid = (chance: Chance): B64 => chance.b64(16)
