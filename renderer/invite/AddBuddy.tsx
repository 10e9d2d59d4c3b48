import { type FormEvent, useRef, useState } from 'react'
import type { ErrorCode } from '../../protocol/errors.ts'
import { MAX_KNOCK_TEXT } from '../../protocol/limits.ts'
import { useShell } from '../shell.ts'
import { useNow } from '../store/now.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Area, ErrorLine, Field } from '../ui/Field.tsx'
import { KeepFocus } from '../ui/KeepFocus.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Page, SectionTitle } from '../ui/Page.tsx'
import text from '../ui/text.module.css'
import { ago, shortDate } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './AddBuddy.module.css'
import { ConsentGroups, useConsent } from './Consent.tsx'

/** Said at the field, where the mistake is. */
const ABOUT_ADDRESS: ReadonlySet<ErrorCode> = new Set(['bad-address', 'own-address', 'unknown-address', 'address-elsewhere', 'already-buddy'])

const isLink = (typed: string) => /^parley:/i.test(typed.trim())
const isAddress = (typed: string) => /^[^\s@]+@[^\s@]+$/.test(typed.trim())

/** An invite link opens its question; an address asks with a few words. */
export function AddBuddy() {
  const { go, ask } = useShell()
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState<string>()
  const field = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState<ErrorCode>()
  const type = (value: string) => {
    setAsked(undefined)
    setProblem(undefined)
    setTyped(value)
    if (isLink(value) && value.trim().length > 'parley://i#'.length) ask({ about: 'invite', link: value.trim() })
  }
  const openLink = (event: FormEvent) => {
    event.preventDefault()
    if (isLink(typed)) ask({ about: 'invite', link: typed.trim() })
    else if (!isAddress(typed)) setProblem('bad-address')
  }
  const onRefused = (code: ErrorCode) => {
    if (!ABOUT_ADDRESS.has(code)) return
    setProblem(code)
    field.current?.focus()
  }
  return (
    <Page title={t('add')} name={t('add')} back={t('back')} onBack={() => go({ at: 'home' })}>
      <p className={text.quiet}>{t('add.about')}</p>
      <Actions start><Button look="line" onClick={() => go({ at: 'invite' })}>{t('invite')}</Button></Actions>
      <form className={css.typed} onSubmit={openLink}>
        <Field ref={field} label={t('add.field')} hint={t('add.field.hint')} value={typed} onChange={type} dir="ltr" error={problem && sentence(problem)} />
        {typed.trim() !== '' && !isAddress(typed) && <Actions start><Button look="line" type="submit">{t('next')}</Button></Actions>}
      </form>
      {isAddress(typed) && <RequestForm addr={typed.trim()} onRefused={onRefused} onSent={(addr) => { setAsked(addr); setTyped(''); field.current?.focus() }} />}
      <div role="status">{asked && <Notice><p><Words k="add.asked" name={asked} /></p></Notice>}</div>
      <OpenInvites />
    </Page>
  )
}

function RequestForm({ addr, onSent, onRefused }: { addr: string; onSent: (addr: string) => void; onRefused: (code: ErrorCode) => void }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const [words, setWords] = useState('')
  const consent = useConsent()
  const name = addr.split('@')[0] ?? addr
  const send = async (event: FormEvent) => {
    event.preventDefault()
    const answers = consent.answered()
    if (answers === undefined) return
    const sent = await act(() => client.call('sendRequest', { addr, text: words, ...answers }))
    if (sent.done) onSent(addr)
    else onRefused(sent.code)
  }
  const isOn = useShown((state) => state.connection.at === 'on')
  // What is said at the field, and what is true no more, is not said here.
  const isSaidHere = refusal !== undefined && !ABOUT_ADDRESS.has(refusal) && !(refusal === 'signed-off' && isOn)
  return (
    <form onSubmit={send} noValidate>
      <Area label={t('add.request')} hint={t('add.request.hint')} maxLength={MAX_KNOCK_TEXT} value={words} onChange={setWords} />
      <ConsentGroups consent={consent} name={name} />
      {isSaidHere && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <Actions start><Button big look="primary" type="submit">{t('add.send')}</Button></Actions>
    </form>
  )
}

function OpenInvites() {
  const { client } = useParley()
  const invites = useShown((state) => state.invites)
  const now = useNow()
  if (invites.length === 0) return null
  return (
    <KeepFocus>
      <SectionTitle>{t('add.openInvites', { count: invites.length })}</SectionTitle>
      <ul aria-label={t('add.openInvites.name')}>
        {invites.map((invite) => (
          <li key={invite.id} className={css.invite}>
            <p>{t('add.invite', { made: ago(invite.at, now), uses: invite.usesLeft, date: shortDate(invite.exp) })}</p>
            <Button look="line" onClick={() => void client.call('withdrawInvite', { id: invite.id })}>{t('withdraw')}</Button>
          </li>
        ))}
      </ul>
    </KeepFocus>
  )
}
