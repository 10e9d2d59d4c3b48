import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { Button } from './Button.tsx'
import css from './Undo.module.css'

/** How long an act can be taken back, milliseconds; longer while the offer is focused or under the pointer. */
const UNDO_FOR = 10_000

interface Offer {
  text: string
  undo: () => void
  /** What is taken back, where that is not simply the act. */
  label?: string
  /** Done when the time is over, for acts that cannot be taken back afterwards. */
  commit?: () => void
}

const Context = createContext<(offer: Offer) => void>(() => {})

/** One place where the last act can be taken back. */
export const useUndo = () => useContext(Context)

export function UndoProvider({ label, children }: { label: string; children: ReactNode }) {
  const [offer, setOffer] = useState<Offer>()
  const [isPointed, setIsPointed] = useState(false)
  const [isFocused, setIsFocused] = useState(false)
  const isHeld = isPointed || isFocused
  const current = useRef<Offer>(undefined)

  const settle = useCallback((next?: Offer) => {
    current.current?.commit?.()
    current.current = next
    setOffer(next)
    setIsPointed(false)
    setIsFocused(false)
  }, [])
  const takeBack = useCallback(() => {
    current.current?.undo()
    current.current = undefined
    setOffer(undefined)
  }, [])

  useEffect(() => {
    if (offer === undefined || isHeld) return
    const timer = setTimeout(settle, UNDO_FOR)
    return () => clearTimeout(timer)
  }, [offer, isHeld, settle])

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // In an empty field there is nothing else to take back.
      const isTyping = (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) && event.target.value !== ''
      if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !isTyping && current.current) takeBack()
    }
    const onHide = () => settle()
    addEventListener('keydown', onKey)
    addEventListener('pagehide', onHide)
    return () => {
      removeEventListener('keydown', onKey)
      removeEventListener('pagehide', onHide)
    }
  }, [settle, takeBack])

  return (
    <Context value={settle}>
      {children}
      <div className={css.place} role="status">
        {offer && (
          <div
            className={css.toast}
            data-area="undo"
            onPointerEnter={() => setIsPointed(true)}
            onPointerLeave={() => setIsPointed(false)}
            onFocus={() => setIsFocused(true)}
            onBlur={() => setIsFocused(false)}
          >
            <p>{offer.text}</p>
            <Button look="link" data-stop="undo" onClick={takeBack}>{offer.label ?? label}</Button>
          </div>
        )}
      </div>
    </Context>
  )
}
