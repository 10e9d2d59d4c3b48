import { useEffect, useState } from 'react'
import type { Result } from '../../protocol/app/api.ts'
import type { Ik } from '../../protocol/ids.ts'
import { useParley } from '../store/parley.ts'

/** How much stands in a chat, as of when it is asked; undefined until it is known. */
export function useCount(ik: Ik): Result<'countChat'> | undefined {
  const { client } = useParley()
  const [count, setCount] = useState<Result<'countChat'>>()
  useEffect(() => {
    client.call('countChat', { ik }).then(setCount, () => setCount({ messages: 0, waiting: 0 }))
  }, [client, ik])
  return count
}
