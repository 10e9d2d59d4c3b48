import type { EndReason, PauseReason, Transfer } from '../../protocol/app/views.ts'

export type Act =
  | 'accept' | 'reject' | 'pause' | 'resume' | 'cancel' | 'open' | 'open-step' | 'show' | 'show-step' | 'save' | 'save-step'
  | 'tell' | 'delete' | 'ask-again' | 'offer-again' | 'offer-new' | 'find' | 'always' | 'set-up-scanner'

/** What can be done with a transfer: buttons, and what stands behind the three dots. */
export interface Actions { buttons: Act[]; more: Act[] }

/** Pauses that one's own *Resume* ends; the others end by themselves or at the other side. */
const MINE_TO_END: ReadonlySet<PauseReason> = new Set(['me', 'disk-full', 'unwritable', 'no-link'])
/** Ends after which the same file can be offered again. */
const OFFERED_AGAIN: ReadonlySet<EndReason> = new Set(['rejected', 'cancelled', 'cancelled-by-me', 'expired', 'no-space', 'unreadable', 'key-changed'])

/** `openFiles`: *Open* and *Show in folder* reach the system; else a file is only saved. */
export function actionsOf(transfer: Transfer, openFiles: boolean): Actions {
  const { state, mine, isRisky } = transfer
  const only = (...buttons: Act[]): Actions => ({ buttons, more: [] })
  switch (state.at) {
    // [FI2] no rule takes what can run programs
    case 'asking': return { buttons: ['reject', 'accept'], more: isRisky ? [] : ['always'] }
    case 'waiting':
    case 'offered':
    case 'queued': return only('cancel')
    case 'moving': return only('pause', 'cancel')
    case 'paused': return MINE_TO_END.has(state.why) ? only('resume', 'cancel') : only('cancel')
    case 'checking': return only()
    case 'scanning': return openFiles && !isRisky ? only('open') : only()
    case 'arrived': return arrived(transfer, openFiles)
    case 'damaged': return { buttons: ['ask-again'], more: ['delete'] }
    case 'sent': return only()
    case 'ended':
      if (!mine) return only()
      if (state.why === 'missing') return only('find')
      if (!transfer.canOfferAgain) return only()
      if (state.why === 'changed') return only('offer-new')
      return OFFERED_AGAIN.has(state.why) ? only('offer-again') : only()
  }
}

function arrived({ state, isRisky }: Transfer, openFiles: boolean): Actions {
  if (state.at !== 'arrived') return { buttons: [], more: [] }
  const { verdict, saved } = state
  if (verdict.is === 'infected') return { buttons: ['tell', 'delete'], more: [] }
  const isShown: Act[] = saved !== undefined && openFiles ? ['show'] : []
  if (isRisky) return { buttons: [...isShown, 'save-step'], more: ['delete'] }
  if (verdict.is === 'clean') {
    return openFiles ? { buttons: ['show', 'open'], more: ['save', 'delete'] } : { buttons: ['save'], more: ['delete'] }
  }
  const setUp: Act[] = verdict.is === 'unscanned' && verdict.why !== 'too-big' ? ['set-up-scanner'] : []
  if (!openFiles) return { buttons: ['save-step'], more: [...setUp, 'delete'] }
  return { buttons: [...isShown, 'open-step'], more: [...(saved === undefined ? ['show-step' as const] : []), 'save-step', ...setUp, 'delete'] }
}
