import { useEffect, useRef } from 'react'
import { AddBuddy } from './invite/AddBuddy.tsx'
import { InvitePage } from './invite/InvitePage.tsx'
import { Requests } from './invite/Requests.tsx'
import { BuddyList } from './buddy-list/BuddyList.tsx'
import { Chat } from './chat/Chat.tsx'
import { forgetDrafts } from './chat/drafts.ts'
import { Profile } from './chat/Profile.tsx'
import { Divider } from './Divider.tsx'
import { Settings } from './settings/Settings.tsx'
import { Shares } from './sharing/Shares.tsx'
import { Sharing } from './sharing/Sharing.tsx'
import { useShell } from './shell.ts'
import { useShown } from './store/parley.ts'
import { Transfers } from './transfers/Transfers.tsx'
import { Button } from './ui/Button.tsx'
import { Empty } from './ui/Page.tsx'
import { focusHome, useKeys } from './keys.ts'
import { cx } from './ui/cx.ts'
import { WordsPage } from './settings/WordsPage.tsx'
import css from './Windows.module.css'
import { t } from './words/index.ts'

/** The list and its pane; one at a time where it is narrow. */
export function Windows() {
  const { place } = useShell()
  useKeys()
  useFirstInvite()
  useEndOfDrafts()
  useFocusAtHome()
  return (
    <main className={cx(css.windows, place.at === 'home' ? css.showsList : css.showsPane)}>
      <BuddyList />
      <Divider />
      <div className={css.pane}><Pane /></div>
    </main>
  )
}

function Pane() {
  const { place } = useShell()
  switch (place.at) {
    case 'home': return <Home />
    case 'chat': return <Chat key={place.ik} ik={place.ik} />
    case 'profile': return <Profile key={place.ik} ik={place.ik} />
    case 'invite': return <InvitePage />
    case 'add': return <AddBuddy />
    case 'requests': return <Requests />
    case 'settings': return <Settings part={place.part} />
    case 'transfers': return <Transfers />
    case 'sharing': return <Sharing />
    case 'shares': return <Shares key={`${place.ik} ${place.as}`} ik={place.ik} {...(place.as && { as: true })} />
    case 'words': return <WordsPage />
  }
}

function Home() {
  const { go } = useShell()
  const isOff = useShown((state) => state.connection.at === 'off')
  const hasBuddies = useShown((state) => state.buddies.length > 0)
  if (isOff) return <Empty><p>{t('home.off')}</p><p>{t(hasBuddies ? 'home.off.write' : 'home.off.nobody')}</p></Empty>
  if (hasBuddies) return <Empty><p>{t('home.pick')}</p></Empty>
  return <Empty tall><p>{t('home.nobody')}</p><Button look="line" onClick={() => go({ at: 'add' })}>{t('add')}</Button></Empty>
}

/** Back from a page, or in from Welcome: the list takes the focus that would else be nowhere. */
function useFocusAtHome() {
  const { place } = useShell()
  useEffect(() => {
    if (place.at !== 'home') return
    const frame = requestAnimationFrame(() => document.activeElement === document.body && focusHome())
    return () => cancelAnimationFrame(frame)
  }, [place.at])
}

/** *Until I sign off* goes for drafts too; a lost connection is no sign-off. */
function useEndOfDrafts() {
  const isSignedOff = useShown((state) => state.connection.at === 'off' && state.connection.why === 'user')
  useEffect(() => {
    if (isSignedOff) forgetDrafts()
  }, [isSignedOff])
}

/** Inviting is the one thing to do when one comes online and knows nobody. */
function useFirstInvite() {
  const { place, go } = useShell()
  const isOn = useShown((state) => state.connection.at === 'on')
  const isAlone = useShown((state) => state.buddies.length === 0 && state.requests.length === 0)
  const wasOffered = useRef(false)
  useEffect(() => {
    if (!isOn) wasOffered.current = false
    if (!isOn || !isAlone || place.at !== 'home' || wasOffered.current) return
    wasOffered.current = true
    go({ at: 'invite' })
  }, [isOn, isAlone, place.at, go])
}
