import { X } from 'lucide-react'
import type { Chip } from '../files/attached.ts'
import { endingOf } from '../files/ending.ts'
import { Bar, FileName } from '../transfers/parts.tsx'
import { facts } from '../transfers/says.ts'
import { IconButton } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { Icon } from '../ui/Icon.tsx'
import { percent, sizeOf } from '../words/amounts.ts'
import { sentence, t } from '../words/index.ts'
import css from './Chips.module.css'

/** What goes with the next *Send*, and can still be taken back. */
export function Chips({ chips, onRemove }: { chips: readonly Chip[]; onRemove: (key: number) => void }) {
  if (chips.length === 0) return null
  return <ul className={css.chips} aria-label={t('attach.list')}>{chips.map((chip) => <Item key={chip.key} chip={chip} onRemove={() => onRemove(chip.key)} />)}</ul>
}

function Item({ chip, onRemove }: { chip: Chip; onRemove: () => void }) {
  const { name, size, files, state } = chip
  const isComing = state.at === 'coming' && size !== undefined && state.taken > 0
  return (
    <li className={cx(css.chip, state.at === 'failed' && css.failed)}>
      <span className={css.words}>
        <FileName name={name} ending={endingOf(name)} />
        <span className={css.facts}>
          {'· '}{state.at === 'failed' ? sentence(state.code) : size === undefined ? t('attach.reading') : isComing ? sizeOf(state.taken, size) : facts({ size, files })}
        </span>
      </span>
      <IconButton label={t('attach.remove', { file: name })} className={css.remove} onClick={onRemove}><Icon of={X} small /></IconButton>
      {isComing && <div className={css.bar}><Bar label={t('attach.progress', { file: name })} percent={percent(state.taken, size)} text={t('file.progress', { percent: percent(state.taken, size) })} /></div>}
    </li>
  )
}
