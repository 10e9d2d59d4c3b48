import { type ReactNode, useLayoutEffect, useRef } from 'react'

const CAN_FOCUS = 'button:not([disabled]), input, textarea, [tabindex]'

/** Where the pressed button goes away with what it did, the focus stays near: at the next thing in this place, not at the top of the window. */
export function KeepFocus({ children, className }: { children: ReactNode; className?: string | undefined }) {
  const place = useRef<HTMLDivElement>(null)
  const wasInside = useRef(false)
  useLayoutEffect(() => {
    if (!wasInside.current || document.activeElement !== document.body) return
    const next = place.current?.querySelector<HTMLElement>(CAN_FOCUS) ?? place.current
    next?.focus({ preventScroll: true })
  })
  return (
    <div
      ref={place}
      className={className}
      tabIndex={-1}
      onFocus={() => (wasInside.current = true)}
      // What is taken away is not left: it says nothing. Who leaves on purpose, also for nowhere, is not called back.
      onBlur={(event) => (wasInside.current = event.currentTarget.contains(event.relatedTarget))}
    >
      {children}
    </div>
  )
}
