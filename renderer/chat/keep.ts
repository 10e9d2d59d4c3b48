import type { Buddy, KeepChoice } from '../../protocol/app/views.ts'
import { useShell } from '../shell.ts'
import { useParley } from '../store/parley.ts'

/** Chooses what is kept; before *Don't keep* it is asked what becomes of what is here. */
export function useKeepChoice({ ik, mine }: Buddy): (keep: KeepChoice) => void {
  const { client } = useParley()
  const { ask } = useShell()
  return (keep) => {
    if (keep === 'off' && mine.mode !== 'off') ask({ about: 'keep-nothing', ik })
    else void client.call('setKeep', { ik, keep, deleteHere: false })
  }
}
