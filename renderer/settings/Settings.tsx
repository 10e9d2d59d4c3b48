import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { Params } from '../../protocol/app/api.ts'
import { MAX_NAME } from '../../protocol/limits.ts'
import { useShell } from '../shell.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Check, Field } from '../ui/Field.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Page, SectionTitle } from '../ui/Page.tsx'
import { RadioCards } from '../ui/RadioCards.tsx'
import text from '../ui/text.module.css'
import { type Key, sentence, t } from '../words/index.ts'
import { Files } from './Files.tsx'
import css from './Settings.module.css'

/** A setting takes effect at once. */
export function Settings({ part }: { part: 'files' | undefined }) {
  const { go } = useShell()
  return (
    <Page title={t('settings')} name={t('settings')} back={t('back')} onBack={() => go({ at: 'home' })}>
      <Section title={t('settings.account')}><Account /></Section>
      <Section title={t('settings.privacy')}><Privacy /></Section>
      <Section title={t('settings.files')} isWanted={part === 'files'}><Files /></Section>
      <Section title={t('settings.notifications')}><Notifications /></Section>
      <Section title={t('settings.appearance')}><Appearance /></Section>
      <Section title={t('settings.keyboard')}><Keyboard /></Section>
      <Section title={t('settings.about')}><About /></Section>
    </Page>
  )
}

/** `isWanted`: one came here for it. */
function Section({ title, isWanted = false, children }: { title: string; isWanted?: boolean; children: ReactNode }) {
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!isWanted) return
    place.current?.scrollIntoView()
    // After the heading of the page, which takes the focus of every other visit.
    const frame = requestAnimationFrame(() => place.current?.focus({ preventScroll: true }))
    return () => cancelAnimationFrame(frame)
  }, [isWanted])
  return <section ref={place} {...(isWanted && { tabIndex: -1, 'aria-label': title })} className={css.section}><SectionTitle>{title}</SectionTitle>{children}</section>
}

function useSet() {
  const { client } = useParley()
  return (setting: Params<'setSetting'>) => void client.call('setSetting', setting).catch(() => {})
}

function Account() {
  const me = useShown((state) => state.me)
  const hasKeychain = useShown((state) => state.can.keychain)
  const { client } = useParley()
  const { go } = useShell()
  const { act, refusal } = useAct()
  const [name, setName] = useState(me?.name ?? '')
  if (me === undefined) return null
  const save = (event: FormEvent) => {
    event.preventDefault()
    void act(() => client.call('setName', { name: name.trim() }))
  }
  return (
    <>
      {!hasKeychain && <Notice attention><p>{t('settings.noKeychain')}</p></Notice>}
      <form className={css.name} onSubmit={save} noValidate>
        <Field label={t('name')} value={name} onChange={setName} maxLength={MAX_NAME} error={refusal && sentence(refusal)} />
        {name.trim() !== me.name && <Button look="primary" type="submit">{t('save')}</Button>}
      </form>
      <p className={css.fact}><span className={text.quiet}>{t('settings.address')}</span> <bdi>{me.addr}</bdi></p>
      {me.wordsUnconfirmed
        ? <Actions start><Button look="line" onClick={() => go({ at: 'words' })}>{t('settings.words')}</Button></Actions>
        : <p className={`${text.quiet} ${text.small}`}>{t('words.gone')}</p>}
    </>
  )
}

const KNOCKS = ['everyone', 'members', 'invite', 'nobody'] as const

function Privacy() {
  const settings = useShown((state) => state.settings)
  const set = useSet()
  return (
    <>
      <Check label={t('settings.goOnlineAtStart')} hint={t('settings.goOnlineAtStart.about')} checked={settings.goOnlineAtStart} onChange={(value) => set({ key: 'goOnlineAtStart', value })} />
      <Check label={t('settings.mailbox')} hint={t('settings.mailbox.about')} checked={settings.mailbox} onChange={(value) => set({ key: 'mailbox', value })} />
      <Check label={t('settings.readReceipts')} hint={t('settings.readReceipts.about')} checked={settings.readReceipts} onChange={(value) => set({ key: 'readReceipts', value })} />
      <RadioCards
        legend={t('settings.knocks')}
        cards={KNOCKS.map((value) => ({ value, label: t(`settings.knocks.${value}`) }))}
        value={settings.knocks}
        onChange={(value) => set({ key: 'knocks', value })}
      />
      <BlockedPeople />
    </>
  )
}

function BlockedPeople() {
  const blocked = useShown((state) => state.blocked)
  const { client } = useParley()
  return (
    <>
      <h3 className={css.sub}>{t('settings.blocked')}</h3>
      {blocked.length === 0 && <p className={`${text.quiet} ${text.small}`}>{t('settings.blocked.none')}</p>}
      <ul aria-label={t('settings.blocked')}>
        {blocked.map(({ ik, name, addr }) => (
          <li key={ik} className={css.blocked}>
            <p><bdi>{name}</bdi> <bdi className={`${text.quiet} ${text.small}`}>{addr}</bdi></p>
            <Button look="line" aria-label={t('unblock.name', { name })} onClick={() => void client.call('unblock', { ik })}>{t('unblock')}</Button>
          </li>
        ))}
      </ul>
      {blocked.length > 0 && <p className={`${text.quiet} ${text.small}`}>{t('unblock.about')}</p>}
    </>
  )
}

const SHOWS = ['all', 'name', 'nothing', 'off'] as const

function Notifications() {
  const { notifications } = useShown((state) => state.settings)
  const can = useShown((state) => state.can.notifications)
  const set = useSet()
  if (!can) return <p className={`${text.quiet} ${text.small}`}>{t('settings.notifications.cannot')}</p>
  return (
    <RadioCards
      legend={t('settings.notifications.show')}
      cards={SHOWS.map((value) => ({ value, label: t(`settings.notifications.${value}`) }))}
      value={notifications}
      onChange={(value) => set({ key: 'notifications', value })}
    />
  )
}

const APPEARANCES = ['system', 'light', 'dark'] as const

function Appearance() {
  const { appearance } = useShown((state) => state.settings)
  const set = useSet()
  return (
    <RadioCards
      legend={t('settings.colours')}
      cards={APPEARANCES.map((value) => ({ value, label: t(`settings.colours.${value}`) }))}
      value={appearance}
      onChange={(value) => set({ key: 'appearance', value })}
    />
  )
}

const KEYS: readonly (readonly [keys: Key, what: Key])[] = [
  ['keys.search', 'keys.search.what'],
  ['keys.chats', 'keys.chats.what'],
  ['keys.areas', 'keys.areas.what'],
  ['keys.back', 'keys.back.what'],
  ['keys.undo', 'keys.undo.what'],
]

function Keyboard() {
  const { enterSends } = useShown((state) => state.settings)
  const set = useSet()
  return (
    <>
      <Check label={t('settings.enterSends')} hint={t('settings.enterSends.about')} checked={enterSends} onChange={(value) => set({ key: 'enterSends', value })} />
      <dl className={css.keys}>
        {KEYS.map(([keys, what]) => <div key={keys}><dt><kbd>{t(keys)}</kbd></dt><dd>{t(what)}</dd></div>)}
      </dl>
    </>
  )
}

function About() {
  const version = useShown((state) => state.version)
  return (
    <>
      <p>{t('settings.version', { version })}</p>
      <p className={`${text.quiet} ${text.small}`}>{t('settings.noTelemetry')}</p>
    </>
  )
}
