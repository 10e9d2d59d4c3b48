import type { Transfer } from '../../protocol/app/views.ts'

/** The parts of the page, from what asks for an answer to what is over. */
export const PARTS = ['asking', 'moving', 'arrived', 'done'] as const
export type Part = (typeof PARTS)[number]

export function partOf({ state }: Transfer): Part {
  switch (state.at) {
    case 'asking': return 'asking'
    case 'waiting':
    case 'offered':
    case 'queued':
    case 'moving':
    case 'paused': return 'moving'
    case 'checking':
    case 'scanning':
    case 'arrived':
    case 'damaged': return 'arrived'
    case 'sent':
    case 'ended': return 'done'
  }
}
