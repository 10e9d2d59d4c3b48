import { ArrowDownUp, FolderUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { seenOf } from '../sharing/seen.ts'
import { type Place, useShell } from '../shell.ts'
import { useShown } from '../store/parley.ts'
import { IconButton } from '../ui/Button.tsx'
import { Icon } from '../ui/Icon.tsx'
import { t } from '../words/index.ts'
import css from './FootButtons.module.css'

/** Files: a dot while something moves or asks. */
export function TransfersButton() {
  const { leavingTransfers } = useShell()
  const asking = useShown((state) => state.transfers.reduce((sum, { id, cleared, state: { at } }) => sum + (at === 'asking' && !cleared && !leavingTransfers.has(id) ? 1 : 0), 0))
  const running = useShown((state) => state.transfers.reduce((sum, { state: { at } }) => sum + (at === 'moving' ? 1 : 0), 0))
  const label = running > 0 ? t('transfers.running', { count: running }) : asking > 0 ? t('transfers.asking', { count: asking }) : t('transfers')
  return <FootButton to="transfers" label={label} hasDot={running + asking > 0}><Icon of={ArrowDownUp} /></FootButton>
}

/** Folders: a dot while any can be seen. */
export function SharingButton() {
  const folders = useShown((state) => seenOf(state.shares).folders)
  return <FootButton to="sharing" label={folders > 0 ? t('sharing.on', { count: folders }) : t('sharing')} hasDot={folders > 0}><Icon of={FolderUp} /></FootButton>
}

function FootButton({ to, label, hasDot, children }: { to: 'transfers' | 'sharing'; label: string; hasDot: boolean; children: ReactNode }) {
  const { place, go } = useShell()
  const there: Place = { at: to }
  return (
    <IconButton label={label} className={css.button} aria-current={place.at === to || undefined} onClick={() => go(there)}>
      {children}
      {hasDot && <i className={css.dot} />}
    </IconButton>
  )
}
