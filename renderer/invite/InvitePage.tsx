import { Check, Copy } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { OpenInvite } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { useCopied } from '../ui/copied.ts'
import { Icon } from '../ui/Icon.tsx'
import { Empty, Page, useHeadingFocus } from '../ui/Page.tsx'
import { qrFile, QrCode } from '../ui/QrCode.tsx'
import text from '../ui/text.module.css'
import { longDate, shortDate } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import css from './InvitePage.module.css'

/** One link for one person, large. */
export function InvitePage() {
  const { client } = useParley()
  const { go } = useShell()
  const { act, refusal } = useAct()
  const invite = useShown((state) => newest(state.invites))
  const server = useShown((state) => state.me?.serverLabel)
  const connection = useShown((state) => state.connection.at)
  const hasInvite = invite !== undefined
  const [wasShown, setWasShown] = useState(hasInvite)
  if (hasInvite && !wasShown) setWasShown(true)
  const isMade = useRef(false)
  const make = useCallback(() => {
    isMade.current = true
    void act(() => client.call('createInvite', {})).then(({ done }) => {
      isMade.current = done
    })
  }, [act, client])
  // Once, and again when what refused it may have changed; never by itself after it was used.
  useEffect(() => {
    if (hasInvite) isMade.current = true
    else if (!isMade.current) make()
  }, [hasInvite, connection, make])

  return (
    <Page name={t('invite')} back={t('back')} onBack={() => go({ at: 'home' })} isCentred>
      {invite && <Invite invite={invite} />}
      {!invite && refusal && <ErrorLine>{sentence(refusal, { server: server ?? '' })}</ErrorLine>}
      {!invite && !refusal && wasShown && <Empty tall><p>{t('invite.used')}</p><Button look="line" onClick={make}>{t('invite.make')}</Button></Empty>}
    </Page>
  )
}

const newest = (invites: readonly OpenInvite[]): OpenInvite | undefined =>
  invites.reduce<OpenInvite | undefined>((best, other) => (other.usesLeft > 0 && other.at > (best?.at ?? 0) ? other : best), undefined)

function Invite({ invite }: { invite: OpenInvite }) {
  const { client } = useParley()
  const { go, ask } = useShell()
  const { act, refusal } = useAct()
  const isFirst = useShown((state) => state.buddies.length === 0)
  const can = useShown((state) => state.can)
  const heading = useHeadingFocus()
  const link = useCopied()
  const note = useCopied()
  const values = { date: longDate(invite.exp), uses: invite.usesLeft }
  const isHere = invite.thisComputerOnly
  const saveQr = () => void act(() => client.call('saveFile', { name: t('invite.fileName'), kind: 'svg', content: qrFile(invite.link) }))
  return (
    <div className={css.invite}>
      <div>
        <h1 ref={heading} tabIndex={-1}>{t(isHere ? 'invite.here' : isFirst ? 'invite.first' : 'invite.another')}</h1>
        <p className={text.quiet}>{t(isHere ? 'invite.here.send' : 'invite.send', values)}</p>
      </div>
      <QrCode text={invite.link} label={t('invite.qr')} />
      <div className={css.link}>
        <input readOnly aria-label={t('invite.link')} value={invite.link} dir="ltr" onFocus={(event) => event.currentTarget.select()} />
        <Button look="primary" onClick={() => void link.copy(invite.link)}>
          <Icon of={link.isCopied ? Check : Copy} />{t(link.isCopied ? 'copied' : 'invite.copy')}
        </Button>
      </div>
      <div className={css.others}>
        <Button look="link" onClick={() => void note.copy(t('invite.note', { link: invite.link, date: shortDate(invite.exp) }))}>{t(note.isCopied ? 'copied' : 'invite.copyNote')}</Button>
        {can.saveFile && <Button look="link" onClick={saveQr}>{t('invite.saveQr')}</Button>}
        <Button look="link" onClick={() => go({ at: 'add' })}>{t('invite.have')}</Button>
        {isHere && isFirst && <Button look="link" onClick={() => ask({ about: 'server' })}>{t('invite.useServer')}</Button>}
      </div>
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <p className={`${text.quiet} ${text.tiny} ${css.note}`}>{t('invite.whoever')}</p>
      <p className={text.sr} role="status">{(link.isCopied || note.isCopied) && t('copied')}</p>
    </div>
  )
}
