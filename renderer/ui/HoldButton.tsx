import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { Button } from './Button.tsx'
import css from './HoldButton.module.css'
import text from './text.module.css'

interface HoldButtonProps {
  /** How long it is held, seconds. */
  seconds: number
  onHeld: () => void
  /** What to do with it; said with its name. */
  hint: string
  /** Words for what is left, in whole seconds. */
  left: (seconds: number) => string
  children: ReactNode
}

/**
 * A button that acts only after it was held: with the pointer, or with Space or Enter. Letting go takes it back. Where nothing can be
 * held (a screen reader's or a switch's click), a click starts the same time, and a second click or leaving takes it back.
 */
export function HoldButton({ seconds, onHeld, hint, left, children }: HoldButtonProps) {
  const [since, setSince] = useState<number>()
  const [remaining, setRemaining] = useState(seconds)
  const id = useId()
  const held = useRef(onHeld)
  held.current = onHeld
  const isHeld = since !== undefined

  useEffect(() => {
    if (since === undefined) return setRemaining(seconds)
    const timer = setInterval(() => {
      const gone = (performance.now() - since) / 1_000
      setRemaining(Math.max(0, seconds - gone))
      if (gone >= seconds) {
        clearInterval(timer)
        held.current()
      }
    }, 100)
    return () => clearInterval(timer)
  }, [since, seconds])

  const press = () => setSince((before) => before ?? performance.now())
  const release = () => setSince(undefined)
  const isKey = ({ key }: KeyboardEvent) => key === ' ' || key === 'Enter'
  const onClick = (event: MouseEvent) => {
    // A click that no button and no key made; the others were held, or not long enough.
    if (event.detail === 0 && !wasKey.current) setSince((before) => (before === undefined ? performance.now() : undefined))
  }
  const wasKey = useRef(false)
  return (
    <div className={css.place}>
      <Button
        big
        look="line"
        className={css.button}
        aria-describedby={`${id}-hint`}
        onPointerDown={(event) => event.button === 0 && press()}
        onPointerUp={release}
        onPointerLeave={release}
        onPointerCancel={release}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if (!isKey(event)) return
          wasKey.current = true
          if (event.key === 'Enter') event.preventDefault()
          press()
        }}
        onKeyUp={(event) => {
          if (!isKey(event)) return
          release()
          // The browser's own click follows the key.
          setTimeout(() => (wasKey.current = false))
        }}
        onBlur={release}
        onClick={onClick}
      >
        <span className={css.done} style={{ inlineSize: `${(1 - remaining / seconds) * 100}%` }} aria-hidden />
        <span className={css.words}>{children}</span>
      </Button>
      <p id={`${id}-hint`} className={css.hint}>{isHeld ? left(Math.ceil(remaining)) : hint}</p>
      {isHeld && <progress className={text.sr} max={seconds} value={seconds - remaining} aria-label={hint} />}
    </div>
  )
}
