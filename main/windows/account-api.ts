import { isAbsolute } from 'node:path'
import type { Api } from '../../protocol/app/api.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { SettingKey } from '../../protocol/app/views.ts'
import type { ConvId, Ik } from '../../protocol/ids.ts'
import { MAX_STATUS } from '../../protocol/limits.ts'
import { textFault } from '../../protocol/wire/text.ts'
import type { Identities, Me } from '../identity/me.ts'
import type { Links } from '../links/links.ts'
import type { Items } from '../messages/items.ts'
import type { Ports } from '../ports.ts'
import type { Presence } from '../presence/presence.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { Greeting } from '../signaling/dial.ts'
import type { Session } from '../signaling/session.ts'
import type { SettingsStore } from './settings.ts'
import { nameOf } from './welcome.ts'

/** What the windows ask about yourself: being online, how you appear, settings, quitting. */

type AccountApi = Pick<Api, 'goOnline' | 'networkBack' | 'signOff' | 'acceptServerKey' | 'setPresence' | 'setName' | 'setSetting' | 'saveFile' | 'unsaved' | 'quit'>

export interface AccountDeps {
  ports: Pick<Ports, 'dialogs' | 'windows'>
  identities: Identities
  session: Session
  settings: SettingsStore
  presence: Presence
  links: Links
  roster: Roster
  items: Items
  me(): Me
  /** Asks a server who it is, whatever was pinned. */
  greet(url: string): Promise<Greeting>
  tellProfile(iks: Ik[]): void
  announceMe(): void
  onSetting(key: SettingKey): void
  wake(): void
  sessionOver(ik: Ik): void
  /** Messages that have not left and whose bytes are in memory only, also where their chat is closed. */
  waitingUnkept(c: ConvId): number
  /** Names of files that are still on their way out. */
  outgoingFiles(): string[]
}

export function createAccountApi(deps: AccountDeps): AccountApi {
  const { identities, session, settings, presence, links, roster, items, me } = deps
  return {
    goOnline() {
      me()
      session.goOnline()
      return undefined
    },
    networkBack() {
      deps.wake()
      return undefined
    },
    signOff() {
      // *Until I sign off* ends here, and only here or at quit.
      for (const { ik } of roster.all()) deps.sessionOver(ik)
      links.stopAll()
      session.signOff()
      return undefined
    },
    async acceptServerKey() {
      const { server } = me().kept
      const greeting = await deps.greet(server.url)
      if (!greeting.ok) throw new Refused(greeting.code)
      const { server: name, spk } = greeting.wire.challenge
      greeting.wire.close()
      // Without TLS the key is the name: another key is another server.
      if (name !== server.name) throw new Refused('wrong-server')
      identities.change({ server: { ...server, spk } })
      session.goOnline()
      return undefined
    },
    setPresence({ presence: state, status }) {
      const text = status.trim()
      if (textFault(text, { line: true, chars: MAX_STATUS }) !== undefined) throw new Refused('bad-status')
      const { kept } = me()
      const isNewStatus = text !== kept.status
      const recentStatuses = text === '' ? kept.recentStatuses : [text, ...kept.recentStatuses.filter((one) => one !== text)].slice(0, 5)
      identities.change({ presence: state, status: text, recentStatuses, ...(isNewStatus ? { profileRev: kept.profileRev + 1 } : {}) })
      presence.announceTo()
      if (isNewStatus) deps.tellProfile(roster.accepted().map((buddy) => buddy.ik))
      deps.announceMe()
      return undefined
    },
    setName({ name }) {
      identities.change({ name: nameOf(name), profileRev: me().kept.profileRev + 1 })
      deps.tellProfile(roster.accepted().map((buddy) => buddy.ik))
      deps.announceMe()
      return undefined
    },
    async setSetting(change) {
      // It is run on each file that comes: a window alone must not be able to say so.
      if (change.key === 'scanCommand' && change.value.length > 0) {
        if (!isAbsolute(change.value[0]!)) throw new Refused('bad-scanner')
        if (!(await deps.ports.dialogs.confirm(`Let Parley run this program on each file it receives?\n\n${change.value.join(' ')}`))) throw new Refused('bad-scanner')
      }
      settings.set({ [change.key]: change.value })
      deps.onSetting(change.key)
      return undefined
    },
    async saveFile({ name, content }) {
      return { saved: await deps.ports.dialogs.saveFile({ name, content }) }
    },
    unsaved() {
      const sum = (of: (buddy: Buddy) => number) => roster.all().reduce((all, buddy) => all + of(buddy), 0)
      return {
        // [G6] Before the first choice all that came is held in memory only, read or not.
        unread: sum(({ c, mine }) => (mine.rev === 0 ? items.inMemory(c).filter((item) => item.kind === 'message' && !item.mine).length : mine.mode === 'disk' ? 0 : items.unread(c))),
        waiting: sum(({ c }) => deps.waitingUnkept(c)),
        files: deps.outgoingFiles(),
      }
    },
    quit() {
      deps.ports.windows.quit()
      return undefined
    },
  }
}
