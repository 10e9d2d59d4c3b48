import type { LinkView } from '../../protocol/app/views.ts'
import type { FromPage } from '../../protocol/app/link.ts'
import { addressKind } from '../../protocol/wire/addresses.ts'
import type { LinkState } from './machine.ts'

export type Pair = Omit<FromPage & { kind: 'pair' }, 'kind' | 'link'>

/** What the chat's header says of a link. `fails`: tries in a row that failed. */
export function viewOfLink(state: LinkState, pair: Pair | undefined, fails: number): LinkView {
  if (state.at === 'up') {
    if (pair?.localType === 'relay' || pair?.remoteType === 'relay') return { at: 'relayed' }
    const seen = pair?.local ?? ''
    const kind = addressKind(seen)
    return { at: 'direct', seen, where: kind === 'loopback' ? 'this-computer' : kind === 'private' ? 'network' : 'internet' }
  }
  if (state.at === 'alarm') return { at: 'alarm' }
  if (fails >= 2 || (state.at === 'cool' && state.tries > 1)) return { at: 'server-for-now' }
  if (state.at === 'cool') return { at: 'retry', until: state.until }
  return state.at === 'none' ? { at: 'none' } : { at: 'connecting' }
}
