import type { Defaults, Settings } from '../../protocol/app/views.ts'
import type { Store } from '../store/store.ts'

/** What the user chose for the whole app, and the last answers to the two questions. */
export interface SettingsStore {
  get(): Settings
  set(changes: Partial<Settings>): void
  /** Offered again at the next *Accept*. */
  lastTerms(): Pick<Defaults, 'keep'> & { connect?: Defaults['connect'] }
  rememberTerms(terms: { connect: Defaults['connect']; keep?: Defaults['keep'] | undefined }): void
}

const FIRST: Settings = {
  mailbox: true, readReceipts: false, goOnlineAtStart: false, notifications: 'name', appearance: 'system', enterSends: true, knocks: 'members',
  uploadLimit: 0, downloadLimit: 0, scanCommand: [], leaveOut: ['Thumbs.db', '.DS_Store', 'desktop.ini'],
}

export function createSettings({ store }: { store: Store }): SettingsStore {
  /** Asked for with each chunk of a file. */
  let known: Settings | undefined
  store.onRollback(() => (known = undefined))
  const get = (): Settings => (known ??= { ...FIRST, ...store.meta.get<Partial<Settings>>('settings') })
  const lastTerms = () => store.meta.get<{ connect?: Defaults['connect']; keep?: NonNullable<Defaults['keep']> }>('terms') ?? {}
  return {
    get,
    set: (changes) => store.write(() => {
      known = { ...get(), ...changes }
      store.meta.set('settings', known)
    }),
    lastTerms,
    rememberTerms: ({ connect, keep }) => store.write(() => store.meta.set('terms', { ...lastTerms(), connect, ...(keep === undefined ? {} : { keep }) })),
  }
}
