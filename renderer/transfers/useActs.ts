import { useState } from 'react'
import type { Method, Params } from '../../protocol/app/api.ts'
import type { Transfer } from '../../protocol/app/views.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import { useShell } from '../shell.ts'
import { useAct, useParley } from '../store/parley.ts'
import { useUndo } from '../ui/Undo.tsx'
import { t } from '../words/index.ts'
import type { Act } from './actions.ts'

/** What the buttons of a transfer do, and what came of the last one. */
export function useActs(transfer: Transfer): { run(act: Act): void; refusal: ErrorCode | undefined; isTold: boolean } {
  const { id, ik, name: file } = transfer
  const { client, attached } = useParley()
  const { ask, go, setTransferLeaving } = useShell()
  const undo = useUndo()
  const { act, refusal } = useAct()
  const [isTold, setIsTold] = useState(false)
  const call = <M extends Method>(method: M, p: Params<M>) => void act(() => client.call(method, p))

  /** What is checked goes at once; the core knows best whether it still may. */
  const release = async (how: 'open' | 'show' | 'save') => {
    const method = RELEASES[how]
    const answer = await act<unknown>(() => client.call(method, { id, anyway: false }))
    if (!answer.done && answer.code === 'needs-second-step') ask({ about: 'release', transfer, how })
  }
  // Out of sight at once, gone when the time to take it back is over.
  const remove = () => {
    setTransferLeaving(id, true)
    undo({
      text: t('transfer.deleted', { file }),
      undo: () => setTransferLeaving(id, false),
      commit: () => void client.call('deleteTransfer', { id }).catch(() => {}).then(() => setTransferLeaving(id, false)),
    })
  }
  // Where it is now is chosen anew; it stands beside the message then, and goes with Send.
  const find = async () => {
    await attached.choose(ik, 'files')
    if (attached.of(ik).chips.length > 0) go({ at: 'chat', ik })
  }

  function run(what: Act): void {
    switch (what) {
      case 'accept': return call('acceptTransfer', { id })
      case 'reject': return call('rejectTransfer', { id })
      case 'pause': return call('pauseTransfer', { id, on: true })
      case 'resume': return call('pauseTransfer', { id, on: false })
      case 'cancel': return call('cancelTransfer', { id })
      case 'open':
      case 'show':
      case 'save': return void release(what)
      case 'open-step': return ask({ about: 'release', transfer, how: 'open' })
      case 'show-step': return ask({ about: 'release', transfer, how: 'show' })
      case 'save-step': return ask({ about: 'release', transfer, how: 'save' })
      case 'tell': return void act(() => client.call('tellInfected', { id })).then(({ done }) => setIsTold(done))
      case 'delete': return remove()
      case 'ask-again': return call('askAgain', { id })
      case 'offer-again':
      case 'offer-new': return call('offerAgain', { id })
      case 'find': return void find()
      case 'always': return ask({ about: 'rule', ik })
      case 'set-up-scanner': return go({ at: 'settings', part: 'files' })
    }
  }
  return { run, isTold, refusal: refusal === 'needs-second-step' ? undefined : refusal }
}

export const RELEASES = { open: 'openTransfer', show: 'showTransfer', save: 'saveTransferAs' } as const satisfies Record<string, Method>
