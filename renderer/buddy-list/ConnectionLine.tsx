import { type ReactNode, useState } from 'react'
import { useSecondsUntil } from '../store/now.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { ErrorLine } from '../ui/Field.tsx'
import { KeepFocus } from '../ui/KeepFocus.tsx'
import { clock } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import css from './ConnectionLine.module.css'

/** What connects you, said in plain words, with the one thing to do about it. The words change in one place, so that each change is said. */
export function ConnectionLine() {
  const me = useShown((state) => state.me)
  const { client } = useParley()
  const { act, refusal } = useAct()
  const said = useSaid({
    goOnline: () => void act(() => client.call('goOnline', {})),
    signOff: () => void act(() => client.call('signOff', {})),
    takeNewKey: () => void act(() => client.call('acceptServerKey', {})),
  })
  if (me === undefined) return null
  return (
    <KeepFocus className={css.place}>
      <div className={cx(css[said.look], said.isAttention && css.attention)}>
        <div className={css.words}>
          <p role="status" aria-label={t('connection')}>{said.words}</p>
          {said.more}
        </div>
        <div className={css.buttons}>{said.buttons}</div>
      </div>
      {refusal && <ErrorLine>{sentence(refusal, { server: me.serverLabel })}</ErrorLine>}
    </KeepFocus>
  )
}

interface Said {
  /** One line, or a box with something to do. */
  look: 'line' | 'box'
  isAttention?: boolean
  words: string
  more?: ReactNode
  buttons: ReactNode
}

function useSaid({ goOnline, signOff, takeNewKey }: { goOnline: () => void; signOff: () => void; takeNewKey: () => void }): Said {
  const connection = useShown((state) => state.connection)
  const server = useShown((state) => state.me?.serverLabel ?? '')
  const isNew = useShown((state) => state.buddies.length === 0)
  const waiting = useShown((state) => state.buddies.reduce((sum, buddy) => sum + buddy.waiting, 0))
  const [isSure, setIsSure] = useState(false)
  const signingOff = <Button look="link" className={css.atEnd} onClick={signOff}>{t('signOff')}</Button>
  const goingOnline = <Button look="primary" onClick={goOnline}>{t('goOnline')}</Button>

  function replaced(since: number | undefined): Said {
    return {
      look: 'box', words: since === undefined ? sentence('replaced') : t('connection.replaced', { time: clock(since) }),
      buttons: <Button look="primary" onClick={goOnline}>{t('connection.useThis')}</Button>,
    }
  }
  function off(since: number | undefined): Said {
    const words = since !== undefined ? t('connection.off.since', { time: clock(since) }) : t(isNew ? 'connection.off.new' : 'connection.off')
    return { look: 'box', words: waiting > 0 ? `${words} ${t('connection.off.waiting', { count: waiting })}` : words, buttons: goingOnline }
  }
  /** A second step before the new key is taken. */
  function serverKey(): Said {
    if (!isSure) return { look: 'box', isAttention: true, words: sentence('server-key', { server }), buttons: <Button look="line" onClick={() => setIsSure(true)}>{t('connection.newKey')}</Button> }
    return {
      look: 'box', isAttention: true, words: t('connection.newKey.ask', { server }),
      buttons: (
        <>
          <Button onClick={() => setIsSure(false)}>{t('notNow')}</Button>
          <Button look="line" onClick={takeNewKey}>{t('connection.newKey.go')}</Button>
        </>
      ),
    }
  }
  switch (connection.at) {
    case 'on': return { look: 'line', words: t('connection.on', { server }), buttons: signingOff }
    case 'connecting': return { look: 'line', words: t('connection.connecting'), buttons: signingOff }
    case 'waiting': return { look: 'line', words: t('connection.waiting', { server }), more: <Countdown until={connection.until} goOnline={goOnline} />, buttons: signingOff }
    case 'off': return connection.why === 'replaced' ? replaced(connection.since) : off(connection.since)
    case 'stopped':
      if (connection.code === 'replaced') return replaced(connection.since)
      return connection.code === 'server-key' ? serverKey() : { look: 'box', words: sentence(connection.code, { server }), buttons: goingOnline }
  }
}

/** Not said every second: it stands outside of the status. */
function Countdown({ until, goOnline }: { until: number; goOnline: () => void }) {
  const seconds = useSecondsUntil(until)
  return <p>{t('connection.again', { seconds })} <Button look="inline" onClick={goOnline}>{t('now')}</Button></p>
}
