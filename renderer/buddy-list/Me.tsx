import * as Ariakit from '@ariakit/react'
import { ChevronDown, Settings } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import type { Me as MeView } from '../../protocol/app/views.ts'
import { MAX_STATUS } from '../../protocol/limits.ts'
import { useShell } from '../shell.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Avatar } from '../ui/Avatar.tsx'
import { Button, IconButton } from '../ui/Button.tsx'
import { Field } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import { PresenceSign } from '../ui/signs.tsx'
import { sentence, t } from '../words/index.ts'
import css from './Me.module.css'

const PRESENCES = ['on', 'away', 'busy'] as const

/** You, and how you appear. */
export function Me() {
  const { go } = useShell()
  const me = useShown((state) => state.me)
  const isOff = useShown((state) => state.connection.at !== 'on')
  if (me === undefined) return null
  return (
    <header className={css.me}>
      <Avatar name={me.name} seed={me.ik} large><PresenceSign of={isOff ? 'off' : me.presence} /></Avatar>
      <div className={css.who}>
        <h1><bdi>{me.name}</bdi></h1>
        <Status me={me} isOff={isOff} />
      </div>
      <IconButton label={t('settings')} className={css.settings} onClick={() => go({ at: 'settings' })}><Icon of={Settings} /></IconButton>
    </header>
  )
}

function Status({ me, isOff }: { me: MeView; isOff: boolean }) {
  const popover = Ariakit.usePopoverStore({ placement: 'bottom-start' })
  const isOpen = Ariakit.useStoreState(popover, 'open')
  const id = useId()
  const presence = isOff ? t('status.signedOff') : t(`status.${me.presence}`)
  const shown = me.status === '' || isOff ? presence : t('status.both', { presence, text: me.status })
  const spoken = me.status === '' || isOff ? presence : `${presence}, ${me.status}`
  return (
    <>
      <Ariakit.PopoverDisclosure
        store={popover}
        className={css.status}
        role="combobox"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
          event.preventDefault()
          popover.show()
        }}
        aria-label={t('status.name', { value: spoken.toLocaleLowerCase() })}
      >
        <bdi>{shown}</bdi>
        <Icon of={ChevronDown} small />
      </Ariakit.PopoverDisclosure>
      <Ariakit.Popover store={popover} id={id} className={css.popover} aria-label={t('status')} gutter={4} fixed unmountOnHide>
        <StatusForm me={me} onDone={popover.hide} />
      </Ariakit.Popover>
    </>
  )
}

function StatusForm({ me, onDone }: { me: MeView; onDone: () => void }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const [text, setText] = useState(me.status)
  const set = async (presence: MeView['presence'], status: string) => {
    const { done } = await act(() => client.call('setPresence', { presence, status }))
    if (done) onDone()
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    void set(me.presence, text.trim())
  }
  return (
    <form onSubmit={save}>
      <Ariakit.CompositeProvider orientation="vertical" focusLoop defaultActiveId={`presence-${me.presence}`}>
        <Ariakit.Composite role="listbox" aria-label={t('status.presence')} className={css.options}>
          {PRESENCES.map((presence) => (
            <Ariakit.CompositeItem key={presence} id={`presence-${presence}`} render={<div />} role="option" aria-selected={presence === me.presence} className={css.option} onClick={() => void set(presence, me.status)}>
              <PresenceSign of={presence} />
              {t(`status.${presence}`)}
            </Ariakit.CompositeItem>
          ))}
        </Ariakit.Composite>
      </Ariakit.CompositeProvider>
      <div className={css.text}>
        <Field label={t('status.text')} value={text} onChange={setText} maxLength={MAX_STATUS} placeholder={t('status.text.hint')} error={refusal && sentence(refusal)} />
        <div className={css.recent}>
          {me.recentStatuses.filter((recent) => recent !== me.status).map((recent) => (
            <Button key={recent} look="line" onClick={() => void set(me.presence, recent)}><bdi>{recent}</bdi></Button>
          ))}
        </div>
        <div className={css.buttons}>
          {me.status !== '' && <Button onClick={() => void set(me.presence, '')}>{t('status.clear')}</Button>}
          <Button look="primary" type="submit">{t('save')}</Button>
        </div>
      </div>
    </form>
  )
}
