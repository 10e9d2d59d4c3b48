import { useEffect, useState } from 'react'
import type { FirstPlace, InvitePreview } from '../../protocol/app/api.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { NameStep, type Naming } from './NameStep.tsx'
import { OpenInvite } from './OpenInvite.tsx'
import { Restore } from './Restore.tsx'
import { Step } from './Step.tsx'
import { PhraseSteps } from './Phrase.tsx'
import { WhereStep } from './WhereStep.tsx'

type At = 'start' | 'open-invite' | 'before' | 'restore' | 'name' | 'where' | 'words'

/** First start: name, where, the words. An invite brings its server along, so that only the name is asked. */
export function Welcome({ onDone }: { onDone: (link?: string) => void }) {
  const { client } = useParley()
  const { act, refusal, isBusy, forget } = useAct()
  const offered = useShown((state) => state.offeredInvite)
  const [at, setAt] = useState<At>('start')
  const [naming, setNaming] = useState<Naming>({ name: '', handle: '' })
  const [where, setWhere] = useState<FirstPlace>()
  /** Asked for only where the invite's own is used or too old. */
  const [code, setCode] = useState('')
  const [invite, setInvite] = useState<{ link: string; preview: InvitePreview }>()

  useEffect(() => {
    if (offered === undefined) return
    void act(() => client.call('readInvite', { link: offered })).then((read) => {
      if (!read.done) return
      setInvite({ link: offered, preview: read.value })
      setAt('name')
    })
  }, [offered, act, client])

  const create = async (chosen: Naming, place: FirstPlace) => {
    setWhere(place)
    const created = await act(() => client.call('createIdentity', { ...chosen, where: place }))
    if (created.done) setAt('words')
    else setAt(invite || isAboutName(created.code) ? 'name' : 'where')
  }
  const named = (chosen: Naming) => {
    setNaming(chosen)
    if (invite) return void create(chosen, { kind: 'invited', link: invite.link, ...(code.trim() && { invite: code.trim() }) })
    if (where && refusal && isAboutName(refusal)) return void create(chosen, where)
    setAt('where')
  }
  const server = where?.kind === 'server' ? where.server : t('where.here').toLocaleLowerCase()
  const problem = refusal && sentence(refusal, { server: invite?.preview.server ?? server, handle: naming.handle })
  const to = (step: At) => {
    forget()
    setAt(step)
  }

  switch (at) {
    case 'start': return (
      <Step key={at} title={t('welcome')} about={t('welcome.about')} hasLogo>
        {problem && <ErrorLine>{problem}</ErrorLine>}
        <Actions stacked>
          <Button big look="primary" onClick={() => to('name')}>{t('welcome.create')}</Button>
          <Button big look="line" onClick={() => to('open-invite')}>{t('welcome.openInvite')}</Button>
          <Button big look="link" onClick={() => to('before')}>{t('welcome.before')}</Button>
        </Actions>
      </Step>
    )
    case 'open-invite': return (
      <OpenInvite
        onBack={() => to('start')}
        onRead={(link, preview) => {
          setInvite({ link, preview })
          to('name')
        }}
      />
    )
    case 'before': return (
      <Step key={at} title={t('welcome.before')} about={t('restore.about')}>
        <Actions>
          <Button big onClick={() => to('start')}>{t('back')}</Button>
          <Button big look="primary" onClick={() => to('restore')}>{t('restore.words')}</Button>
        </Actions>
      </Step>
    )
    case 'restore': return <Restore onBack={() => to('before')} onDone={() => onDone()} />
    case 'name': return (
      <NameStep
        title={invite ? <Words k="welcome.invites" name={invite.preview.name ?? invite.preview.addr} /> : t('welcome.name')}
        naming={naming}
        isInvited={invite !== undefined}
        problem={refusal && { code: refusal, words: problem ?? '' }}
        code={refusal === 'invite-required' || code !== '' ? { value: code, onChange: setCode } : undefined}
        isBusy={isBusy}
        onBack={() => {
          setInvite(undefined)
          setCode('')
          to('start')
        }}
        onNext={named}
      />
    )
    case 'where': return <WhereStep where={where?.kind === 'invited' ? undefined : where} problem={refusal && { code: refusal, words: problem ?? '' }} isBusy={isBusy} onBack={() => to('name')} onNext={(place) => void create(naming, place)} />
    case 'words': return <PhraseSteps onDone={() => onDone(invite?.link)} />
  }
}

const isAboutName = (code: string) => code === 'bad-name' || code === 'bad-handle' || code === 'handle-taken'
