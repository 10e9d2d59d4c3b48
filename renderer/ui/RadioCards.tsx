import { type FocusEvent, type KeyboardEvent, type ReactNode, type Ref, useId, useRef, useState } from 'react'
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
    const isLook = atOnce !== undefined && isArrow.current
    isArrow.current = false
    setLooked(isLook ? picked : undefined)
    if (isLook) return
    onChange(picked)
  }
  const onKey = (event: KeyboardEvent) => {
    isArrow.current = event.key.startsWith('Arrow')
    if (atOnce === undefined || (event.key !== 'Enter' && event.key !== ' ')) return
    event.preventDefault()
    const card = cards.find((one) => one.value === (event.target as HTMLInputElement).value)
    if (card !== undefined && !card.off) pick(card.value)
  }
  // What was only looked at is not shown as chosen once one is elsewhere.
  const onBlur = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setLooked(undefined)
  }
  return (
    <fieldset className={css.group} role="radiogroup" aria-labelledby={`${id}-legend`} aria-describedby={error ? `${id}-error` : undefined} onKeyDown={onKey} onBlur={onBlur}>
      <legend id={`${id}-legend`}>{legend}</legend>
      {error && <p id={`${id}-error`} className={css.error} role="alert">{error}</p>}
      <div className={css.cards}>
        {cards.map((card, index) => (
          <label key={card.value} className={cx(css.card, card.off && css.off)}>
            <input
              type="radio"
              name={id}
              value={card.value}
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
