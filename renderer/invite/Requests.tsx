import { useState } from 'react'
import type { Request } from '../../protocol/app/views.ts'
import type { Method } from '../../protocol/app/api.ts'
import { useShell } from '../shell.ts'
import { useNow } from '../store/now.ts'
import { useParley, useShown } from '../store/parley.ts'
import { Avatar } from '../ui/Avatar.tsx'
import { Actions, Button } from '../ui/Button.tsx'
import { KeepFocus } from '../ui/KeepFocus.tsx'
import { Page } from '../ui/Page.tsx'
import text from '../ui/text.module.css'
import { useUndo } from '../ui/Undo.tsx'
import { ago } from '../words/dates.ts'
import { t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './Requests.module.css'

/** Strangers who wait. What they wrote is behind a curtain. */
export function Requests() {
  const { go } = useShell()
  const requests = useShown((state) => state.requests)
  const refused = useShown((state) => state.refused)
  return (
    <Page title={t('requests')} name={t('requests')} back={t('back')} onBack={() => go({ at: 'home' })}>
      {requests.length === 0 && (
        <>
          <p className={text.quiet}>{t('requests.none')}</p>
          <Actions start><Button look="line" onClick={() => go({ at: 'invite' })}>{t('invite')}</Button></Actions>
        </>
      )}
      <KeepFocus><ul>{requests.map((request) => <Item key={request.ik} request={request} />)}</ul></KeepFocus>
      {refused > 0 && <p className={`${text.quiet} ${text.small} ${css.refused}`}>{t('requests.refused', { refused })}</p>}
    </Page>
  )
}

function Item({ request }: { request: Request }) {
  const { client } = useParley()
  const { ask } = useShell()
  const undo = useUndo()
  const now = useNow()
  const [isShown, setIsShown] = useState(false)
  const { ik, addr, name } = request
  const answer = (how: 'decline' | 'block', words: string) => {
    void client.call(how satisfies Method, { ik }).then(() => undo({ text: words, undo: () => void client.call('undo', { ik }) }))
  }
  return (
    <li className={css.item} aria-label={t('requests.item', { name, addr })}>
      <Avatar name={name} seed={ik} />
      <div className={css.body}>
        <p><Words k="requests.wants" name={name} /></p>
        <p className={`${text.quiet} ${text.small}`}><bdi>{addr}</bdi> · {ago(request.at, now)}</p>
        {request.text !== '' && (
          <Button look="inline" className={css.curtain} aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
            {t(isShown ? 'requests.hide' : 'requests.show')}
          </Button>
        )}
        {isShown && <p className={css.text} dir="auto">{request.text}</p>}
        <details className={`${text.quiet} ${text.small}`}>
          <summary>{t('requests.details')}</summary>
          <p>{t('requests.fingerprint')} <code dir="ltr">{request.fingerprint}</code></p>
        </details>
        <div className={css.acts}>
          <Button look="primary" onClick={() => ask({ about: 'accept', ik })}>{t('accept')}</Button>
          <Button look="line" onClick={() => answer('decline', t('requests.declined', { name }))}>{t('decline')}</Button>
          <Button danger onClick={() => answer('block', t('blocked.done', { name }))}>{t('block')}</Button>
        </div>
      </div>
    </li>
  )
}
