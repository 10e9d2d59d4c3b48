import { type KeyboardEvent, type PointerEvent, useEffect, useState } from 'react'
import css from './Divider.module.css'
import { t } from './words/index.ts'

/** Width of the list, CSS pixels. */
const NARROWEST = 280
const WIDEST = 340
const USUAL = 320
const STEP = 10
const KEPT_AS = 'parley-list-width'

const within = (width: number) => Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)))

/** Between list and pane: dragged, or moved with the arrow keys. */
export function Divider() {
  const [width, setWidth] = useState(() => within(Number(localStorage.getItem(KEPT_AS)) || USUAL))
  useEffect(() => {
    document.documentElement.style.setProperty('--list-width', `${width}px`)
    localStorage.setItem(KEPT_AS, String(width))
  }, [width])

  const isRtl = () => getComputedStyle(document.documentElement).direction === 'rtl'
  const onKey = (event: KeyboardEvent) => {
    const wider = isRtl() ? 'ArrowLeft' : 'ArrowRight'
    const narrower = isRtl() ? 'ArrowRight' : 'ArrowLeft'
    if (event.key === wider) setWidth(within(width + STEP))
    else if (event.key === narrower) setWidth(within(width - STEP))
    else if (event.key === 'Home') setWidth(NARROWEST)
    else if (event.key === 'End') setWidth(WIDEST)
    else return
    event.preventDefault()
  }
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    setWidth(within(isRtl() ? innerWidth - event.clientX : event.clientX))
  }
  return (
    <div
      className={css.divider}
      role="separator"
      tabIndex={0}
      aria-label={t('list.width')}
      aria-orientation="vertical"
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      aria-valuenow={width}
      onKeyDown={onKey}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onMove}
    />
  )
}
