import { useState } from 'react'
import type { Params } from '../../protocol/app/api.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import { refusalOf, useParley } from '../store/parley.ts'

export type Wanted = Params<'fetchEntry'>
export type Fetching = { at: 'asked' } | { at: 'failed'; code: ErrorCode }

/** What was asked for here, and what was refused; the rest is told by the transfers. */
export function useFetches() {
  const { client } = useParley()
  const [fetches, setFetches] = useState<Readonly<Record<string, Fetching>>>({})
  const [last, setLast] = useState<string>()
  const fetch = async (key: string, wanted: Wanted) => {
    const set = (fetching: Fetching) => setFetches((all) => ({ ...all, [key]: fetching }))
    try {
      await client.call('fetchEntry', wanted)
      set({ at: 'asked' })
      setLast(wanted.name)
    } catch (error) {
      set({ at: 'failed', code: refusalOf(error) })
    }
  }
  return { fetches, last, fetch }
}
