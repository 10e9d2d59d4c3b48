import type { Api } from '../../protocol/app/api.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { FileType, Pick as PickView } from '../../protocol/app/views.ts'
import type { Ik, Ms, Uuid7 } from '../../protocol/ids.ts'
import { OFFER_EXPIRES, SHARE_LIFE_MOST } from '../../protocol/limits.ts'
import type { Content } from '../../protocol/wire/peer.ts'
import type { Conversations } from '../messages/conversations.ts'
import type { Items } from '../messages/items.ts'
import type { Outbox } from '../messages/outbox.ts'
import type { Dialogs } from '../ports.ts'
import { isKept } from '../privacy/modes.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'
import type { Picked, Picks } from '../transfers/picks.ts'
import type { Rules } from '../transfers/rule-book.ts'
import type { Transfers } from '../transfers/transfers.ts'

/** What the windows ask about files. */

type FileApi = Pick<Api,
  | 'pickFiles' | 'dropPick' | 'sendFiles' | 'acceptTransfer' | 'rejectTransfer' | 'pauseTransfer' | 'pauseAll' | 'cancelTransfer' | 'openTransfer' | 'showTransfer'
  | 'saveTransferAs' | 'tellInfected' | 'deleteTransfer' | 'askAgain' | 'offerAgain' | 'clearFinished' | 'addRule' | 'removeRule'>

export interface FileDeps {
  now: () => Ms
  roster: Roster
  dialogs: Dialogs
  picks: Picks
  transfers: Transfers
  rules: Rules
  write(ik: Ik, text: string): void
  /** [B8] A folder for one buddy: a share that ends when it is fetched. */
  giveFolder(buddy: Buddy, picked: Picked, until: Ms): Promise<void>
}

const hasFiles = (buddy: Buddy, feature: 'file1' | 'share1') => buddy.feat.includes(feature)

export function createFileApi(deps: FileDeps): FileApi {
  const { roster, picks, transfers, rules } = deps

  function receiver(ik: Ik): Buddy {
    const buddy = roster.get(ik)
    if (buddy?.state !== 'accepted') throw new Refused('unknown-buddy')
    if (buddy.changed !== undefined) throw new Refused('key-changed')
    if (buddy.mine.rev === 0) throw new Refused('not-choosable')
    return buddy
  }

  async function chosen(paths: readonly string[]): Promise<PickView[]> {
    const all = await Promise.all(paths.map((path) => picks.add(path)))
    if (all.some((pick) => pick === undefined)) throw new Refused('unreadable-file')
    return all.filter((pick) => pick !== undefined)
  }

  return {
    async pickFiles({ what }) {
      if (what === 'folder') {
        const path = await deps.dialogs.pickFolder()
        if (path === undefined) throw new Refused('no-dialog')
        return { picks: path === null ? [] : await chosen([path]) }
      }
      const paths = await deps.dialogs.pickFiles()
      if (paths === undefined) throw new Refused('no-dialog')
      return { picks: await chosen(paths) }
    },
    async dropPick({ pick }) {
      await picks.drop(pick)
      return undefined
    },
    async sendFiles({ ik, picks: wanted }) {
      const buddy = receiver(ik)
      if (!hasFiles(buddy, 'file1')) throw new Refused('no-files-yet')
      const all = wanted.map((pick) => picks.get(pick))
      if (all.some((picked) => picked === undefined)) throw new Refused('unknown-pick')
      // All can be sent, or none is.
      for (const picked of all) {
        if (picked!.isFolder && picked!.files === 0) throw new Refused('empty-folder')
        if (picked!.isFolder && !hasFiles(buddy, 'share1')) throw new Refused('no-files-yet')
      }
      for (const pick of wanted) {
        const picked = picks.take(pick)!
        if (!picked.isFolder) {
          await transfers.send(receiver(ik), picked)
          continue
        }
        // It is offered once it has been read, so that its numbers are right.
        await deps.giveFolder(receiver(ik), picked, deps.now() + OFFER_EXPIRES)
      }
      return undefined
    },
    async acceptTransfer({ id }) {
      await transfers.accept(id)
      return undefined
    },
    rejectTransfer: ({ id }) => void transfers.reject(id),
    pauseTransfer: ({ id, on }) => void transfers.pause(id, on),
    pauseAll: ({ on }) => void transfers.pauseAll(on),
    cancelTransfer: ({ id }) => void transfers.cancel(id),
    openTransfer: async ({ id, anyway }) => ({ folder: await transfers.release.open(transfers.must(id), anyway) }),
    showTransfer: async ({ id, anyway }) => ({ folder: await transfers.release.show(transfers.must(id), anyway) }),
    saveTransferAs: async ({ id, anyway }) => ({ saved: await transfers.release.saveAs(transfers.must(id), anyway) }),
    tellInfected({ id }) {
      const { ik, name, stage } = transfers.must(id)
      if (stage.at !== 'arrived' || stage.verdict.is !== 'infected') throw new Refused('unknown-transfer')
      deps.write(receiver(ik).ik, `${name}, which you sent me, is infected: ${stage.verdict.name}.`)
      return undefined
    },
    deleteTransfer: ({ id }) => void transfers.remove(id),
    askAgain: ({ id }) => void transfers.askAgain(id),
    async offerAgain({ id }) {
      await transfers.offerAgain(id)
      return undefined
    },
    clearFinished: () => void transfers.clearFinished(),
    addRule({ ik, types, largest, daily, until }) {
      receiver(ik)
      const now = deps.now()
      if (until <= now || until > now + SHARE_LIFE_MOST || daily < largest) throw new Refused('bad-rule')
      rules.add({ ik, types: types as FileType[], largest, daily, until })
      return undefined
    },
    removeRule: ({ id }) => void rules.remove(id),
  }
}

/** Numbers a durable frame about a file and puts it into the chat; gives the frame's id. Inside a write. */
export type Offering = (buddy: Buddy, content: Extract<Content, { t: 'file.offer' | 'share.offer' }>, transfer: string) => Uuid7

export function createOffering(deps: { store: Store; outbox: Outbox; items(): Items; conversations: Conversations; transfers(): Transfers; onWritten(ik: Ik): void }): Offering {
  return (buddy, content, transfer) => {
    const keep = isKept(buddy.mine.mode)
    const frame = deps.outbox.number(buddy, content, keep)
    deps.transfers().named(transfer, frame.id)
    deps.items().add(buddy.c, { kind: 'file', id: frame.id, pos: deps.conversations.nextPos(buddy.c, frame.ts), mine: true, at: frame.ts, transfer: deps.transfers().view(transfer)! }, keep ? 'disk' : 'memory')
    deps.store.after(() => deps.onWritten(buddy.ik))
    return frame.id
  }
}
