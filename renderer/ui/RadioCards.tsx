import { type KeyboardEvent, type ReactNode, type Ref, useId, useRef, useState } from 'react'
import { cx } from './cx.ts'
import css from './RadioCards.module.css'
import text from './text.module.css'

export interface Card<Value extends string> {
  value: Value
  label: string
  about?: ReactNode
  /** Visible, focusable and off, for the reason that `about` gives. */
  off?: boolean
}

interface RadioCardsProps<Value extends string> {
  legend: string
  cards: readonly Card<Value>[]
  value: Value | undefined
  onChange: (value: Value) => void
  /** Stands under the legend, and is said at once. */
  error?: string | undefined
  /** What belongs under the chosen card. */
  under?: ReactNode
  /** Choosing has its effect at once: arrow keys only look, and these words say how to choose. A click chooses. */
  atOnce?: string
  /** The card that takes the focus when the group is asked for. */
  first?: Ref<HTMLInputElement>
}

/** One of a few: each card has a name and one fact. */
export function RadioCards<Value extends string>({ legend, cards, value: chosen, onChange, error, under, atOnce, first }: RadioCardsProps<Value>) {
  const id = useId()
  const [looked, setLooked] = useState<Value>()
  const isArrow = useRef(false)
  const value = looked ?? chosen
  const pick = (picked: Value) => {
    if (atOnce !== undefined && isArrow.current) return setLooked(picked)
    setLooked(undefined)
    onChange(picked)
  }
  const onKey = (event: KeyboardEvent) => {
    isArrow.current = event.key.startsWith('Arrow')
    if (looked === undefined || (event.key !== 'Enter' && event.key !== ' ')) return
    event.preventDefault()
    isArrow.current = false
    pick(looked)
  }
  return (
    <fieldset className={css.group} role="radiogroup" aria-labelledby={`${id}-legend`} aria-describedby={error ? `${id}-error` : undefined} onKeyDown={onKey} onPointerDown={() => (isArrow.current = false)}>
      <legend id={`${id}-legend`}>{legend}</legend>
      {error && <p id={`${id}-error`} className={css.error} role="alert">{error}</p>}
      <div className={css.cards}>
        {cards.map((card, index) => (
          <label key={card.value} className={cx(css.card, card.off && css.off)}>
            <input
              type="radio"
              name={id}
              ref={index === 0 ? first : undefined}
              checked={value === card.value}
              aria-disabled={card.off}
              aria-labelledby={`${id}-${card.value}`}
              aria-describedby={cx(Boolean(card.about) && `${id}-${card.value}-about`, Boolean(atOnce) && `${id}-how`) || undefined}
              onChange={() => card.off || pick(card.value)}
            />
            <span className={css.words}>
              <span id={`${id}-${card.value}`} className={css.name}>{card.label}</span>
              {card.about && <span id={`${id}-${card.value}-about`} className={css.about}>{card.about}</span>}
            </span>
          </label>
        ))}
      </div>
      {atOnce && <p id={`${id}-how`} className={cx(css.how, looked === undefined && text.sr)}>{atOnce}</p>}
      {under}
    </fieldset>
  )
}
