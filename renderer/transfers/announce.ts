import type { Transfer } from '../../protocol/app/views.ts'
import { percent, size } from '../words/amounts.ts'
import { t } from '../words/index.ts'
import { fileSays, nameSaid } from './says.ts'

/** What was last heard of a transfer: enough to know whether the next thing is worth words. */
export interface Heard { at: string; quarter: number }

const quarterOf = (transfer: Transfer): number => ('done' in transfer.state ? Math.floor(percent(transfer.state.done, transfer.size) / 25) : 0)
export const heardOf = (transfer: Transfer): Heard => ({ at: stageOf(transfer), quarter: quarterOf(transfer) })

/** Waiting for a turn, a start and a step on the way are one stage; a stop for another reason is another. */
function stageOf({ state }: Transfer): string {
  switch (state.at) {
    case 'paused':
    case 'ended': return `${state.at} ${state.why}`
    case 'arrived': return `arrived ${state.verdict.is}`
    default: return state.at
  }
}

/** Said are offers, the start, each quarter, the end and every stop; never each percent, and nothing that one just did. */
export function announcement(before: Heard | undefined, transfer: Transfer, name: string): string | undefined {
  const { state, mine } = transfer
  const file = transfer.name
  const now = heardOf(transfer)
  if (before?.at === now.at && (state.at !== 'moving' || now.quarter <= before.quarter)) return undefined
  switch (state.at) {
    case 'asking': return before === undefined ? t('file.said.asking', { name, file, size: size(transfer.size) }) : undefined
    case 'moving':
      if (before?.at !== 'moving') return t(mine ? 'file.said.sending' : 'file.said.receiving', { name, file })
      return t('file.said.progress', { file, percent: now.quarter * 25 })
    case 'waiting':
    case 'offered':
    case 'queued':
    case 'checking':
    case 'scanning': return undefined
    case 'paused':
    case 'ended':
      if (state.why === 'me' || state.why === 'rejected-by-me' || state.why === 'cancelled-by-me' || state.why === 'deleted') return undefined
      break
    // Saved: that was one's own doing.
    case 'arrived': if (state.saved !== undefined) return undefined
  }
  const says = fileSays(transfer, name)
  const lead = nameSaid(says.lead ?? says.name)
  const [why] = says.rest
  return (state.at === 'paused' || state.at === 'ended') && why !== undefined && !says.isSentence ? t('file.said.why', { file, state: lead, why: nameSaid(why) }) : t('file.said', { file, state: lead })
}
