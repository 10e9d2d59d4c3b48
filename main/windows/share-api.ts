import type { Api } from '../../protocol/app/api.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { FileType, Pick as PickView } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { isKept } from '../privacy/modes.ts'
import type { Clock, Dialogs } from '../ports.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { Browsing } from '../shares/browsing.ts'
import type { Shares } from '../shares/shares.ts'
import type { Picks } from '../transfers/picks.ts'
import type { Transfers } from '../transfers/transfers.ts'

/** What the windows ask about shared folders: one's own, and those of buddies. */

type ShareApi = Pick<Api, 'pickShare' | 'shareFolder' | 'changeShare' | 'stopSharing' | 'shareAgain' | 'forgetShare' | 'viewAs' | 'browseShares' | 'browseFolder' | 'findInShares' | 'fetchEntry'>

export interface ShareDeps {
  judge(name: string): { type: FileType; ending: string }
  roster: Roster
  dialogs: Pick<Dialogs, 'pickFolder'>
  picks: Picks
  shares: Shares
  browsing: Browsing
  transfers: Transfers
  /** A link is needed for what is asked. */
  wantLink(ik: Ik): void
  isUp(ik: Ik): boolean
  isOnline(ik: Ik): boolean
  clock: Pick<Clock, 'after'>
}

/** Most links are up within a second; nobody waits longer than this for the answers of those who are there, ms. */
const LINK_WITHIN = 3_000
const LOOK_EVERY = 100

const must = <T>(result: ({ ok: true } & T) | { ok: false; code: ConstructorParameters<typeof Refused>[0] }): { ok: true } & T => {
  if (!result.ok) throw new Refused(result.code)
  return result
}

export function createShareApi({ roster, picks, shares, browsing, transfers, ...deps }: ShareDeps): ShareApi {
  function buddyOf(ik: Ik): Buddy {
    const buddy = roster.get(ik)
    if (buddy?.state !== 'accepted') throw new Refused('unknown-buddy')
    return buddy
  }
  /** Who answers about shares: a link is asked for where there is none. */
  function asked(ik: Ik): Ik {
    const buddy = buddyOf(ik)
    if (!buddy.feat.includes('share1')) throw new Refused('no-files-yet')
    if (!deps.isUp(ik)) {
      deps.wantLink(ik)
      throw new Refused('not-connected')
    }
    return ik
  }

  /** Resolves once all of these have a link, or have had their time for one. */
  async function linked(iks: readonly Ik[]): Promise<void> {
    const missing = () => iks.filter((ik) => !deps.isUp(ik))
    for (const ik of missing()) deps.wantLink(ik)
    for (let waited = 0; waited < LINK_WITHIN && missing().length > 0; waited += LOOK_EVERY) {
      await new Promise<void>((resolve) => void deps.clock.after(LOOK_EVERY, resolve))
    }
  }

  return {
    async pickShare({ path: typed }) {
      // Where the host asks by itself, nothing that a window says counts.
      const asked = await deps.dialogs.pickFolder()
      const path = asked === undefined ? typed : asked
      if (path === undefined) throw new Refused('no-dialog')
      if (path === null) return {}
      must(await shares.look(path))
      const pick = await picks.add(path)
      if (pick === undefined) throw new Refused('share-root-missing')
      return { pick: pick satisfies PickView }
    },
    async shareFolder({ pick, with: people, until, rate, daily }) {
      const picked = picks.get(pick)
      if (picked === undefined || !picked.isFolder) throw new Refused('unknown-pick')
      for (const ik of people) buddyOf(ik)
      must(await shares.share({ path: picked.path, with: people, until, rate, daily }))
      picks.take(pick)
      return undefined
    },
    changeShare({ id, with: people, until, rate, daily }) {
      for (const ik of people ?? []) buddyOf(ik)
      must(shares.change(id, { ...(people === undefined ? {} : { with: people }), ...(until === undefined ? {} : { until }), ...(rate === undefined ? {} : { rate }), ...(daily === undefined ? {} : { daily }) }))
      return undefined
    },
    stopSharing({ id }) {
      must(shares.stop(id))
      return undefined
    },
    async shareAgain({ id }) {
      must(await shares.again(id))
      return undefined
    },
    forgetShare({ id }) {
      must(shares.forget(id))
      return undefined
    },
    async viewAs({ ik, share, dir, after }) {
      const { shares: list, entries, more } = must(await shares.viewAs(buddyOf(ik).ik, { share, dir, after }))
      return { shares: list, entries: entries.map(({ e, name, k, s, m }) => ({ e, name, kind: k, size: s, at: m, ...deps.judge(name) })), more }
    },
    async browseShares({ ik }) {
      return { shares: must(await browsing.shares(asked(ik))).shares }
    },
    async browseFolder({ ik, share, dir, after }) {
      const { entries, more } = must(await browsing.folder(asked(ik), share, dir, after))
      return { entries, more }
    },
    async findInShares({ text, ik }) {
      const there = roster.accepted().filter((buddy) =>
        (ik === undefined || buddy.ik === ik) && buddy.feat.includes('share1') && buddy.connect !== 'server' && (deps.isUp(buddy.ik) || deps.isOnline(buddy.ik))).map((buddy) => buddy.ik)
      await linked(there)
      return browsing.find(there, text)
    },
    fetchEntry({ ik, share, e, name, kind, size }) {
      const buddy = buddyOf(ik)
      transfers.fetch(ik, { share, e, name, kind, size, kept: isKept(buddy.mine.mode) })
      return undefined
    },
  }
}
