import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { Button } from './Button.tsx'
import css from './HoldButton.module.css'
import text from './text.module.css'

interface HoldButtonProps {
  /** How long it is held, seconds. */
  seconds: number
  onHeld: () => void
  /** What to do with it; said with its name. */
  hint: string
  /** Name of the time that runs. */
  progress: string
  /** Words for what is left, in whole seconds. */
  left: (seconds: number) => string
  children: ReactNode
}

/** A shorter press is a press, not the start of holding; milliseconds. */
const SHORT = 400

/**
 * A button that acts only after some seconds: held with the pointer, Space or Enter, where letting go takes it back; or pressed once,
 * for who cannot hold, where a second press or leaving takes it back.
 */
export function HoldButton({ seconds, onHeld, hint, progress, left, children }: HoldButtonProps) {
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

  const pressedAt = useRef<number>(undefined)
  const press = () => {
    // A second press takes it back.
    if (since !== undefined) return setSince(undefined)
    pressedAt.current = performance.now()
    setSince(pressedAt.current)
  }
  /** Let go after a while: it was being held, and is taken back. A short press goes on by itself. */
  const release = () => {
    if (pressedAt.current !== undefined && performance.now() - pressedAt.current > SHORT) setSince(undefined)
    pressedAt.current = undefined
  }
  /** The pointer has left while it was down. */
  const leave = () => {
    if (pressedAt.current === undefined) return
    pressedAt.current = undefined
    wasPressed.current = false
    setSince(undefined)
  }
  const isKey = ({ key }: KeyboardEvent) => key === ' ' || key === 'Enter'
  const wasPressed = useRef(false)
  const onClick = () => {
    // A click that neither a pointer nor a key made: a screen reader's, or a switch's.
    if (!wasPressed.current) press()
    wasPressed.current = false
    pressedAt.current = undefined
  }
  return (
    <div className={css.place}>
      <Button
        big
        look="line"
        className={css.button}
        aria-describedby={`${id}-hint`}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          wasPressed.current = true
          press()
        }}
        onPointerUp={release}
        onPointerLeave={leave}
        onPointerCancel={leave}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if (!isKey(event)) return
          event.preventDefault()
          if (!event.repeat) press()
        }}
        onKeyUp={(event) => isKey(event) && release()}
        onBlur={() => setSince(undefined)}
        onClick={onClick}
      >
        <span className={css.done} style={{ inlineSize: `${(1 - remaining / seconds) * 100}%` }} aria-hidden />
        <span className={css.words}>{children}</span>
      </Button>
      <p id={`${id}-hint`} className={css.hint}>{isHeld ? left(Math.ceil(remaining)) : hint}</p>
      {isHeld && <progress className={text.sr} max={seconds} value={seconds - remaining} aria-label={progress} />}
    </div>
  )
}
