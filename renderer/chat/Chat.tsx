import { useEffect } from 'react'
import type { Ik } from '../../protocol/ids.ts'
import { useBuddy, useParley } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { Alarm } from '../ui/Notice.tsx'
import { useShell } from '../shell.ts'
import { t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './Chat.module.css'
import { Composer } from './Composer.tsx'
import { DropHere, useDrop } from './DropHere.tsx'
import { Header } from './Header.tsx'
import { KeepFirst } from './KeepFirst.tsx'
import { Messages } from './Messages.tsx'

/** A conversation: who and how, what was said, what to say. */
export function Chat({ ik }: { ik: Ik }) {
  const { go, ask, isPopOut } = useShell()
  const buddy = useBuddy(ik)
  const isGone = buddy === undefined
  useShowing(ik)
  const drop = useDrop(buddy)
  useEffect(() => {
    if (isGone && !isPopOut) go({ at: 'home' })
  }, [isGone, isPopOut, go])
  if (isGone) return null
  const { name } = buddy
  return (
    <section className={css.chat} aria-label={t('chat', { name })} {...drop.handlers}>
      <Header buddy={buddy} />
      {buddy.keyChanged && (
        <Alarm actions={<Button look="line" onClick={() => ask({ about: 'numbers', ik })}>{t('key.check', { name })}</Button>}>
          <b><Words k="key.changed" name={name} /></b> <Words k="key.nothingSent" name={name} />
        </Alarm>
      )}
      <Messages buddy={buddy} />
      {!buddy.mine.chosen && <KeepFirst buddy={buddy} />}
      <Composer buddy={buddy} />
      {drop.isOver && <DropHere buddy={buddy} />}
    </section>
  )
}

/** Tells the core while the chat is really on screen: that asks for a link and marks as read. */
function useShowing(ik: Ik) {
  const { client, store } = useParley()
  useEffect(() => {
    store.openChat(ik)
    let isShown = false
    const tell = (shown: boolean) => {
      if (shown === isShown) return
      isShown = shown
      client.call('showChat', { ik, shown }).catch(() => {})
    }
    const look = () => tell(document.visibilityState === 'visible' && document.hasFocus())
    look()
    const events = [[document, 'visibilitychange'], [window, 'focus'], [window, 'blur']] as const
    for (const [target, event] of events) target.addEventListener(event, look)
    return () => {
      for (const [target, event] of events) target.removeEventListener(event, look)
      tell(false)
      if (store.get().buddies.find((buddy) => buddy.ik === ik)?.byMyInvite) client.call('seenInviteLine', { ik }).catch(() => {})
    }
  }, [ik, client, store])
}
