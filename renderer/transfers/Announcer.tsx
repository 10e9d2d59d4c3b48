import { useEffect, useRef, useState } from 'react'
import type { Ik } from '../../protocol/ids.ts'
import { useParley } from '../store/parley.ts'
import text from '../ui/text.module.css'
import { announcement, type Heard, heardOf } from './announce.ts'

/** So long the words stand there for a screen reader to find, milliseconds. */
const SAID_FOR = 10_000

/** Says what happens to files, wherever one is in the window. `only`: the one chat of this window. */
export function TransferAnnouncer({ only }: { only: Ik | undefined }) {
  const { store } = useParley()
  const [said, setSaid] = useState<readonly { key: number; words: string }[]>([])
  const heard = useRef(new Map<string, Heard>())
  const lastKey = useRef(0)
  useEffect(() => {
    for (const transfer of store.get().transfers) heard.current.set(transfer.id, heardOf(transfer))
    return store.onEvent((event) => {
      if (event.e !== 'transfer' || (only !== undefined && event.transfer.ik !== only)) return
      const { transfer } = event
      const name = store.get().buddies.find(({ ik }) => ik === transfer.ik)?.name ?? ''
      const words = announcement(heard.current.get(transfer.id), transfer, name)
      heard.current.set(transfer.id, heardOf(transfer))
      if (words === undefined) return
      const key = ++lastKey.current
      setSaid((before) => [...before, { key, words }])
      setTimeout(() => setSaid((before) => before.filter((one) => one.key !== key)), SAID_FOR)
    })
  }, [store, only])
  return <div className={text.sr} role="status" aria-atomic={false} aria-relevant="additions">{said.map(({ key, words }) => <p key={key}>{words}</p>)}</div>
}
