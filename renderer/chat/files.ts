import { useState } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import { picksOf } from '../files/attached.ts'
import type { Dropped } from '../files/dropped.ts'
import { refusalOf, useAttached, useParley } from '../store/parley.ts'

/** The files beside a draft, and how they go. */
export function useFiles({ ik, canFiles }: Buddy) {
  const { client, attached } = useParley()
  const { chips, problem } = useAttached(ik)
  const [isWaiting, setIsWaiting] = useState(false)
  const cannot = () => attached.refuse(ik, 'no-files-yet')

  /** What still comes is waited for; also when another chat is opened meanwhile. */
  async function send(): Promise<void> {
    if (chips.length === 0 || isWaiting) return
    setIsWaiting(true)
    const taken = await attached.take(ik)
    setIsWaiting(false)
    if (taken.length === 0) return
    try {
      await client.call('sendFiles', { ik, picks: picksOf(taken) })
    } catch (error) {
      attached.putBack(ik, taken)
      attached.refuse(ik, refusalOf(error))
    }
  }
  return {
    chips, problem, isWaiting, send, cannot,
    add: (dropped: readonly Dropped[]) => (canFiles ? attached.add(ik, dropped) : cannot()),
    choose: (what: 'files' | 'folder') => void attached.choose(ik, what),
    remove: (key: number) => attached.remove(ik, key),
    forget: () => problem && attached.refuse(ik, undefined),
  }
}
