import { useCallback, useEffect, useState } from 'react'
import type { Ik } from '../protocol/ids.ts'
import { Banners } from './Banners.tsx'
import css from './App.module.css'
import { Questions } from './Questions.tsx'
import { useQuestionAtClosing } from './closing.ts'
import { hasFiles } from './files/dropped.ts'
import { type Place, type Question, type Shell, ShellContext } from './shell.ts'
import { useParley, useShown } from './store/parley.ts'
import { UndoProvider } from './ui/Undo.tsx'
import { Sorry } from './ui/Sorry.tsx'
import { Welcome } from './welcome/Welcome.tsx'
import { Windows } from './Windows.tsx'
import { sentence, t } from './words/index.ts'
import { Chat } from './chat/Chat.tsx'
import { TransferAnnouncer } from './transfers/Announcer.tsx'

/** A window: Welcome, a sentence instead of the app, the list with its pane, or one chat alone. */
export function App({ onlyChat }: { onlyChat: Ik | undefined }) {
  const phase = useShown((state) => state.phase)
  const me = useShown((state) => state.me)
  const [isSettingUp, setIsSettingUp] = useState(phase.at === 'welcome')
  const [question, ask] = useState<Question>()
  useAppearance()

  if (phase.at === 'failed') {
    return <Sorry>{sentence(phase.code)}</Sorry>
  }
  if (isSettingUp || me === undefined) {
    const finish = (link?: string) => {
      setIsSettingUp(false)
      if (link !== undefined) ask({ about: 'invite', link })
    }
    return <main className={css.whole}><Welcome onDone={finish} /></main>
  }
  return <Desk onlyChat={onlyChat} question={question} ask={ask} />
}

function Desk({ onlyChat, question, ask }: { onlyChat: Ik | undefined; question: Question | undefined; ask: Shell['ask'] }) {
  const [place, go] = useState<Place>(onlyChat ? { at: 'chat', ik: onlyChat } : { at: 'home' })
  const [leaving, setLeaving] = useSet<Ik>()
  const [leavingMessages, setMessageLeaving] = useSet<string>()
  const [leavingTransfers, setTransferLeaving] = useSet<string>()
  const isPopOut = onlyChat !== undefined
  const lastChat = useHeldChat(place)
  const shell: Shell = { place, lastChat, go, ask, leaving, setLeaving, leavingMessages, setMessageLeaving, leavingTransfers, setTransferLeaving, isPopOut }
  useTitle(onlyChat)
  useQuestionAtClosing(isPopOut, ask)
  useNoStrayDrop()
  return (
    <ShellContext value={shell}>
      <UndoProvider label={t('undo')}>
        <div className={css.desk}>
          <TransferAnnouncer only={onlyChat} />
          <Banners />
          {onlyChat ? <main className={css.whole}><Chat key={onlyChat} ik={onlyChat} /></main> : <Windows />}
        </div>
        <Questions question={question} />
      </UndoProvider>
    </ShellContext>
  )
}

/** The chat that is open here: until another is, or the list alone. Pages and other programs in front of it do not close it. */
function useHeldChat(place: Place): Ik | undefined {
  const { client } = useParley()
  const [held, setHeld] = useState<Ik>()
  const next = place.at === 'chat' ? place.ik : place.at === 'home' ? undefined : held
  if (next !== held) setHeld(next)
  useEffect(() => {
    if (held === undefined) return
    const hold = (isHeld: boolean) => void client.call('holdChat', { ik: held, held: isHeld }).catch(() => {})
    const release = () => hold(false)
    hold(true)
    addEventListener('pagehide', release)
    return () => {
      removeEventListener('pagehide', release)
      release()
    }
  }, [held, client])
  return next
}

/** A file that is dropped beside a chat opens nothing, and takes nobody away from here. */
function useNoStrayDrop() {
  useEffect(() => {
    const refuse = (event: DragEvent) => {
      if (event.defaultPrevented || !hasFiles(event.dataTransfer)) return
      event.preventDefault()
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'none'
    }
    addEventListener('dragover', refuse)
    addEventListener('drop', refuse)
    return () => {
      removeEventListener('dragover', refuse)
      removeEventListener('drop', refuse)
    }
  }, [])
}

function useSet<T>() {
  const [all, setAll] = useState<ReadonlySet<T>>(new Set())
  const set = useCallback((one: T, isIn: boolean) => setAll((before) => new Set([...before].filter((other) => other !== one).concat(isIn ? one : []))), [])
  return [all, set] as const
}

function useAppearance() {
  const appearance = useShown((state) => state.settings.appearance)
  useEffect(() => {
    document.documentElement.style.colorScheme = appearance === 'system' ? '' : appearance
  }, [appearance])
}

function useTitle(onlyChat: Ik | undefined) {
  const buddies = useShown((state) => state.buddies)
  const name = buddies.find((buddy) => buddy.ik === onlyChat)?.name
  const unread = buddies.reduce((sum, buddy) => sum + (onlyChat && buddy.ik !== onlyChat ? 0 : buddy.unread), 0)
  useEffect(() => {
    const title = name === undefined ? t('title') : t('title.chat', { name })
    document.title = unread > 0 ? t('title.unread', { unread, title }) : title
  }, [name, unread])
}
