import type { FileType, PauseReason, Transfer as TransferView, TransferState } from '../../protocol/app/views.ts'
import type { Ms } from '../../protocol/ids.ts'
import { MAX_SCAN, ROOM_LEFT } from '../../protocol/limits.ts'
import type { Buddy } from '../roster/roster.ts'
import type { Book, Transfer } from './book.ts'
import type { Folders } from './folders.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'
import type { Speed } from './speed.ts'

/** What a window is shown of a transfer: its stage, and what moves right now. */

export interface ViewDeps {
  book: Book
  incoming: Pick<Incoming, 'isActive' | 'isChecking' | 'isUnwritable' | 'waitsForQuota'>
  outgoing: Pick<Outgoing, 'progress'>
  folders: Pick<Folders, 'progress'>
  speed: Speed
  buddy(ik: Transfer['ik']): Buddy | undefined
  isUp(ik: Transfer['ik']): boolean
  isOnline(ik: Transfer['ik']): boolean
  judge(name: string): { type: FileType; isRisky: boolean }
  endingOf(name: string): string
  isRisky(row: Transfer): boolean
  /** Bytes free where received files are kept, as of the last look. */
  room(): number
  /** Of a folder that one gives: how much of it they have. */
  given(row: Transfer): { done: number; files: number }
  now(): Ms
}

export function viewOf(row: Transfer, deps: ViewDeps): TransferView {
  const { folder } = row
  const inside = folder === undefined ? undefined : row.mine ? deps.given(row) : deps.folders.progress(row)
  return {
    id: row.id, ik: row.ik, mine: row.mine, name: row.name, ending: folder === undefined ? deps.endingOf(row.name) : '',
    type: folder === undefined ? deps.judge(row.name).type : 'folder', isRisky: deps.isRisky(row), size: row.size,
    ...(folder === undefined ? {} : { files: { all: folder.files, done: folder.here ?? inside!.files } }),
    at: row.at, stateAt: row.stateAt, state: stateOf(row, inside?.done, deps), hasPreview: row.picture !== undefined && !(row.stage.at === 'arrived' && row.stage.verdict.is === 'infected'),
    fetched: row.entry !== undefined || (folder !== undefined && !folder.once && !row.mine), cleared: row.cleared,
    canOfferAgain: row.mine && row.source?.staged === false,
  }
}

function stateOf(row: Transfer, inside: number | undefined, deps: ViewDeps): TransferState {
  const { stage } = row
  switch (stage.at) {
    case 'offered': {
      if (row.mine) return { at: row.hasLeft ? 'offered' : 'waiting' }
      const missing = row.size + ROOM_LEFT - deps.room()
      return { at: 'asking', free: deps.room(), tooBigToScan: row.folder === undefined && row.size > MAX_SCAN, ...(missing > 0 ? { needs: missing } : {}) }
    }
    case 'wanted':
      return wantedState(row, stage, inside, deps)
    case 'scanning':
    case 'damaged':
    case 'sent':
      return { at: stage.at }
    case 'arrived':
      return { at: 'arrived', verdict: stage.verdict, ...(stage.saved === undefined ? {} : { saved: { name: stage.saved.name, folder: stage.saved.folder } }) }
    case 'ended':
      return { at: 'ended', why: stage.why }
  }
}

function wantedState(row: Transfer, stage: Extract<Transfer['stage'], { at: 'wanted' }>, inside: number | undefined, deps: ViewDeps): TransferState {
  const sending = row.mine && row.folder === undefined ? deps.outgoing.progress(row) : undefined
  const done = inside ?? sending?.done ?? deps.book.bytesHere(row.id)
  const paused = (why: PauseReason): TransferState => ({ at: 'paused', done, why })
  const waits = row.folder === undefined || row.mine ? undefined : whyFilesWait(row, deps)
  if (stage.pausedByMe) return paused(deps.incoming.isUnwritable(row.id) ? 'unwritable' : 'me')
  if (stage.pausedByThem) return paused('them')
  if (stage.isFull || waits === 'disk-full') return { at: 'paused', done, why: 'disk-full', free: Math.max(0, row.size - done + ROOM_LEFT - deps.room()) }
  if (deps.incoming.isChecking(row.id)) return { at: 'checking' }
  if (!deps.isUp(row.ik)) {
    const buddy = deps.buddy(row.ik)
    if (buddy?.connect === 'server') return paused('server-only')
    return paused(deps.isOnline(row.ik) ? 'no-link' : 'offline')
  }
  if (waits === 'quota' || deps.incoming.waitsForQuota(row.id)) return paused('quota')
  const isMoving = sending?.isMoving ?? (row.folder !== undefined || deps.incoming.isActive(row.id))
  if (!isMoving) return { at: 'queued', done }
  const rate = deps.speed.of(row.id, done, deps.now())
  return { at: 'moving', done, rate: Math.round(rate), ...(rate > 0 ? { left: Math.ceil((row.size - done) / rate) } : {}) }
}

/** Of a folder of which nothing comes now: what its files wait for. */
function whyFilesWait(row: Transfer, { book, incoming }: ViewDeps): 'disk-full' | 'quota' | undefined {
  const open = book.childrenOf(row.id).filter(({ stage }) => stage.at === 'wanted')
  if (open.some(({ id }) => incoming.isActive(id))) return undefined
  if (open.some(({ stage }) => stage.at === 'wanted' && stage.isFull)) return 'disk-full'
  return open.some(({ id }) => incoming.waitsForQuota(id)) ? 'quota' : undefined
}
