import { useEffect } from 'react'
import { asksAtClosing } from './host.ts'
import type { Lost, Shell } from './shell.ts'
import { useParley } from './store/parley.ts'

/** What would be lost is asked for again this long after something changed, milliseconds. */
const LOOK_AFTER = 300

/**
 * Asks before the window goes where something in memory goes with it. A browser asks in its own words; elsewhere Parley does. The
 * answer of the core is asked for beforehand: a window that closes doesn't wait.
 */
export function useQuestionAtClosing(isPopOut: boolean, ask: Shell['ask']) {
  const { client, store } = useParley()
  useEffect(() => {
    if (isPopOut || asksAtClosing === 'nobody') return
    let lost: Lost = { unread: 0, waiting: 0, files: [] }
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      timer = undefined
      client.call('unsaved', {}).then((found) => (lost = found), () => {})
    }
    const later = () => (timer ??= setTimeout(look, LOOK_AFTER))
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      if (lost.unread + lost.waiting + lost.files.length === 0) return
      event.preventDefault()
      if (asksAtClosing === 'parley') ask({ about: 'quit', ...lost })
    }
    later()
    const files = new Map<string, string>()
    const stop = store.onEvent((event) => {
      if (event.e === 'transfer' && files.get(event.transfer.id) !== event.transfer.state.at) {
        // Its bytes alone change nothing.
        files.set(event.transfer.id, event.transfer.state.at)
        later()
      }
      if (event.e === 'transfer-gone' || event.e === 'buddy' || event.e === 'item' || event.e === 'buddy-gone' || event.e === 'chat-cleared') later()
    })
    addEventListener('beforeunload', onBeforeUnload)
    return () => {
      stop()
      clearTimeout(timer)
      removeEventListener('beforeunload', onBeforeUnload)
    }
  }, [isPopOut, ask, client, store])
}
