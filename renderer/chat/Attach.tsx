import { Paperclip } from 'lucide-react'
import type { Buddy } from '../../protocol/app/views.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import { Menu, MenuChoice, MenuItem } from '../ui/Menu.tsx'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './Attach.module.css'

interface AttachProps {
  onChoose(what: 'files' | 'folder'): void
  /** Nothing can be attached now: this says why. */
  onCannot?: (() => void) | undefined
}

/** Files or a folder, to go with the next message. */
export function Attach({ onChoose, onCannot }: AttachProps) {
  const sign = <Icon of={Paperclip} />
  if (onCannot) return <IconButton label={t('attach')} title={t('attach.tip')} onClick={onCannot}>{sign}</IconButton>
  return (
    <Menu label={t('attach')} button={<IconButton label={t('attach')} title={t('attach.tip')}>{sign}</IconButton>}>
      <MenuItem onSelect={() => onChoose('files')}>{t('attach.files')}</MenuItem>
      <MenuItem onSelect={() => onChoose('folder')}>{t('attach.folder')}</MenuItem>
    </Menu>
  )
}

/** Before files are sent where only text goes: why they would wait, and the way out. */
export function ServerNote({ buddy, hasFiles }: { buddy: Buddy; hasFiles: boolean }) {
  const { client } = useParley()
  const hasRelay = useShown((state) => state.defaults.relay)
  const { act, refusal } = useAct()
  const { ik, name, connect, lan } = buddy
  if (!hasFiles || connect !== 'server') return null
  const choices = hasRelay ? (['relay', 'direct'] as const) : (['direct'] as const)
  return (
    <div className={css.note}>
      <p>
        <Words k="attach.server" name={name} choice={t('connect.server')} />{' '}
        <Menu label={t('connect')} button={<Button look="inline">{t('attach.server.change')}</Button>}>
          {choices.map((choice) => (
            <MenuChoice key={choice} name="connect" value={choice} isChosen={false} onSelect={() => void act(() => client.call('setConnect', { ik, connect: choice, lan }))}>
              <span><b>{t(`connect.${choice}`)}</b><span className={css.about}>{t(`connect.${choice}.about`, { name })}</span></span>
            </MenuChoice>
          ))}
        </Menu>
      </p>
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
    </div>
  )
}
