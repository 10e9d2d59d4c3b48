import { useEffect } from 'react'
import { listOrder } from './buddy-list/order.ts'
import type { Ik } from '../protocol/ids.ts'
import { type Place, useShell } from './shell.ts'
import { useParley } from './store/parley.ts'

/** Where F6 stops, in this order; each names itself with data-stop. */
const STOPS = ['list', 'log', 'composer', 'undo'] as const

/** What opens over the window and has its own Esc. */
const OPEN = 'dialog[open], [role=menu], [role=dialog]:not([hidden])'

/** The keys of a whole window. Listens before everyone else, so that it sees what was open when the key was pressed. */
export function useKeys() {
  const { place, go, lastChat } = useShell()
  const { store } = useParley()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector(OPEN) || event.isComposing) return
      if (event.key === 'F6') nextStop(event.shiftKey ? -1 : 1)
      else if (event.altKey && event.key === 'ArrowDown') nextChat(1)
      else if (event.altKey && event.key === 'ArrowUp') nextChat(-1)
      else if ((event.ctrlKey || event.metaKey) && event.key === 'k') focus('[data-stop=search]')
      else if (event.key === 'Escape') back()
      else return
      event.preventDefault()
    }
    const nextChat = (by: 1 | -1) => {
      const iks = listOrder(store.get().buddies).filter((buddy) => buddy.state === 'accepted').map((buddy) => buddy.ik)
      const at = place.at === 'chat' ? iks.indexOf(place.ik) : by === 1 ? -1 : iks.length
      const ik = iks[at + by]
      if (ik !== undefined) go({ at: 'chat', ik })
    }
    const back = () => {
      const to = placeBefore(place, lastChat)
      if (to.at !== place.at) go(to)
      if (to.at === 'home' || to.at === place.at) requestAnimationFrame(() => focusHome())
    }
    addEventListener('keydown', onKey, true)
    return () => removeEventListener('keydown', onKey, true)
  }, [place, go, lastChat, store])
}

/** Where *Back* and Esc lead. What stands over a chat leads to it; where it is narrow, the list comes first. */
export function placeBefore(place: Place, lastChat: Ik | undefined): Place {
  switch (place.at) {
    case 'profile': return { at: 'chat', ik: place.ik }
    case 'shares': return place.as ? { at: 'sharing' } : { at: 'chat', ik: place.ik }
    case 'chat': return isNarrow() ? { at: 'home' } : place
    case 'transfers':
    case 'sharing': return lastChat !== undefined && !isNarrow() ? { at: 'chat', ik: lastChat } : { at: 'home' }
    default: return { at: 'home' }
  }
}

/** The list and the pane don't stand side by side. */
export const isNarrow = () => !matchMedia('(min-width: 760px)').matches

/** The list, or what stands in its place while nobody is in it. */
export const focusHome = () => focus('[data-stop=list]') || focus('[data-home]')

function focus(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(selector)
  found?.focus()
  return found !== null && document.activeElement === found
}

function nextStop(by: 1 | -1) {
  const stopOf = document.activeElement?.closest<HTMLElement>('[data-area]')?.dataset.area
  const from = STOPS.findIndex((stop) => stop === stopOf)
  for (let step = 1; step <= STOPS.length; step++) {
    const next = STOPS[(from + by * step + STOPS.length * 2) % STOPS.length]
    if (focus(`[data-stop=${next}]`)) return
  }
}
