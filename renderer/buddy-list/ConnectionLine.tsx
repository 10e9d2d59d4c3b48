import { type ReactNode, useState } from 'react'
import type { Connection, Me } from '../../protocol/app/views.ts'
import { useSecondsUntil } from '../store/now.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { ErrorLine } from '../ui/Field.tsx'
import { clock } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import css from './ConnectionLine.module.css'

/** What connects you, said in plain words, with the one thing to do about it. */
export function ConnectionLine() {
  const connection = useShown((state) => state.connection)
  const me = useShown((state) => state.me)
  const { client } = useParley()
  const { act, refusal } = useAct()
  if (me === undefined) return null
  const goOnline = () => void act(() => client.call('goOnline', {}))
  const signOff = <Button look="link" className={css.atEnd} onClick={() => void act(() => client.call('signOff', {}))}>{t('signOff')}</Button>
  return (
    <div className={css.place}>
      <Shown {...{ connection, me, goOnline, signOff }} />
      {refusal && <ErrorLine>{sentence(refusal, { server: me.serverLabel })}</ErrorLine>}
    </div>
  )
}

interface ShownProps {
  connection: Connection
  me: Me
  goOnline: () => void
  signOff: ReactNode
}

function Shown({ connection, me, goOnline, signOff }: ShownProps) {
  const server = me.serverLabel
  switch (connection.at) {
    case 'on': return <Line words={t('connection.on', { server })}>{signOff}</Line>
    case 'connecting': return <Line words={t('connection.connecting')}>{signOff}</Line>
    case 'waiting': return (
      <Line words={t('connection.waiting', { server })} more={<Countdown until={connection.until} goOnline={goOnline} />}>{signOff}</Line>
    )
    case 'off': return connection.why === 'replaced' ? <Replaced since={connection.since} goOnline={goOnline} /> : <Off since={connection.since} goOnline={goOnline} />
    case 'stopped': return connection.code === 'replaced'
      ? <Replaced since={connection.since} goOnline={goOnline} />
      : connection.code === 'server-key'
        ? <ServerKey server={server} />
        : <Box words={sentence(connection.code, { server })}><Button look="primary" onClick={goOnline}>{t('goOnline')}</Button></Box>
  }
}

function Line({ words, more, children }: { words: string; more?: ReactNode; children: ReactNode }) {
  return (
    <div className={css.line}>
      <div className={css.words}>
        <p role="status" aria-label={t('connection')}>{words}</p>
        {more}
      </div>
      {children}
    </div>
  )
}

/** Not said every second: it stands outside of the status. */
function Countdown({ until, goOnline }: { until: number; goOnline: () => void }) {
  const seconds = useSecondsUntil(until)
  return <p>{t('connection.again', { seconds })} <Button look="inline" onClick={goOnline}>{t('now')}</Button></p>
}

function Box({ words, attention = false, children }: { words: string; attention?: boolean; children: ReactNode }) {
  return (
    <div className={cx(css.box, attention && css.attention)}>
      <p role="status" aria-label={t('connection')}>{words}</p>
      <div className={css.buttons}>{children}</div>
    </div>
  )
}

function Off({ since, goOnline }: { since: number | undefined; goOnline: () => void }) {
  const isNew = useShown((state) => state.buddies.length === 0)
  const waiting = useShown((state) => state.buddies.reduce((sum, buddy) => sum + buddy.waiting, 0))
  const words = since !== undefined ? t('connection.off.since', { time: clock(since) }) : t(isNew ? 'connection.off.new' : 'connection.off')
  return (
    <Box words={waiting > 0 ? `${words} ${t('connection.off.waiting', { count: waiting })}` : words}>
      <Button look="primary" onClick={goOnline}>{t('goOnline')}</Button>
    </Box>
  )
}

const Replaced = ({ since, goOnline }: { since: number | undefined; goOnline: () => void }) => (
  <Box words={since === undefined ? sentence('replaced') : t('connection.replaced', { time: clock(since) })}>
    <Button look="primary" onClick={goOnline}>{t('connection.useThis')}</Button>
  </Box>
)

/** A second step before the new key is taken. */
function ServerKey({ server }: { server: string }) {
  const { client } = useParley()
  const [isSure, setIsSure] = useState(false)
  if (!isSure) {
    return <Box attention words={sentence('server-key', { server })}><Button look="line" onClick={() => setIsSure(true)}>{t('connection.newKey')}</Button></Box>
  }
  return (
    <Box attention words={t('connection.newKey.ask', { server })}>
      <Button onClick={() => setIsSure(false)}>{t('notNow')}</Button>
      <Button look="line" onClick={() => void client.call('acceptServerKey', {})}>{t('connection.newKey.go')}</Button>
    </Box>
  )
}
