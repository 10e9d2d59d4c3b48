import { createContext, useCallback, useContext, useState, useSyncExternalStore } from 'react'
import { type Client, Refused } from '../../protocol/app/rpc.ts'
import type { Buddy, Transfer } from '../../protocol/app/views.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { Ik } from '../../protocol/ids.ts'
import type { Attached, Beside } from '../files/attached.ts'
import type { FileDesk } from '../files/desk.ts'
import type { State } from './fold.ts'
import type { Store } from './store.ts'

export interface Parley {
  client: Client
  store: Store
  desk: FileDesk
  attached: Attached
}

export const ParleyContext = createContext<Parley | undefined>(undefined)

export function useParley(): Parley {
  const parley = useContext(ParleyContext)
  if (parley === undefined) throw new Error('outside of Parley')
  return parley
}

/** A part of the state. `select` returns what stands in the state, not something new. */
export function useShown<T>(select: (state: State) => T): T {
  const { store } = useParley()
  return useSyncExternalStore(store.listen, () => select(store.get()))
}

export const useBuddy = (ik: Ik): Buddy | undefined => useShown((state) => state.buddies.find((buddy) => buddy.ik === ik))

/** As it is now; `then`, as it was when it was read, for one that is not among those a window is told of. */
export const useTransfer = (then: Transfer): Transfer => useShown((state) => state.transfers.find(({ id }) => id === then.id)) ?? then

/** What goes with the next *Send* to this buddy. */
export function useAttached(ik: Ik): Beside {
  const { attached } = useParley()
  return useSyncExternalStore(attached.listen, () => attached.of(ik))
}

/** Asks the core and remembers a refusal, so that its sentence stands at the place where it happened. */
export function useAct() {
  const [refusal, setRefusal] = useState<ErrorCode>()
  const [isBusy, setIsBusy] = useState(false)
  const act = useCallback(async <T>(what: () => Promise<T>): Promise<{ done: true; value: T } | { done: false; code: ErrorCode }> => {
    setIsBusy(true)
    setRefusal(undefined)
    try {
      return { done: true, value: await what() }
    } catch (error) {
      const code = refusalOf(error)
      setRefusal(code)
      return { done: false, code }
    } finally {
      setIsBusy(false)
    }
  }, [])
  return { act, refusal, isBusy, forget: useCallback(() => setRefusal(undefined), []) }
}

/** Expected refusals are values; anything else is a bug and goes on. */
export function refusalOf(error: unknown): ErrorCode {
  if (error instanceof Refused) return error.code
  throw error
}
