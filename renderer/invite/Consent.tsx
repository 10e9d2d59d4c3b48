import { type RefObject, useRef, useState } from 'react'
import type { Connect, KeepChoice } from '../../protocol/app/views.ts'
import { useShown } from '../store/parley.ts'
import { type Card, RadioCards } from '../ui/RadioCards.tsx'
import { t } from '../words/index.ts'

const KEEPS = ['disk', 'session', 'off'] as const

/** The three ways to keep a conversation: one fact each. */
export const keepCards = (): Card<KeepChoice>[] => KEEPS.map((value) => ({ value, label: t(`keep.${value}`), about: t(`keep.${value}.about`) }))

/** The three ways to connect; a relay that the server does not have is visible and off. */
export const connectCards = (name: string, hasRelay: boolean): Card<Connect>[] => [
  { value: 'server', label: t('connect.server'), about: t('connect.server.about', { name }) },
  { value: 'relay', label: t('connect.relay'), about: hasRelay ? t('connect.relay.about', { name }) : t('connect.relay.none'), off: !hasRelay },
  { value: 'direct', label: t('connect.direct'), about: t('connect.direct.about', { name }) },
]

export interface Consent {
  connect: Connect
  keep: KeepChoice | undefined
  setConnect(connect: Connect): void
  setKeep(keep: KeepChoice): void
  /** Undefined when nothing was chosen: the group has the focus then, and says so. */
  answered(): { connect: Connect; keep: KeepChoice } | undefined
  isMissing: boolean
  first: RefObject<HTMLInputElement | null>
}

/** The two answers; nothing is presumed about keeping the first time, afterwards the last answer. */
export function useConsent(): Consent {
  const defaults = useShown((state) => state.defaults)
  const [connect, setConnect] = useState<Connect>(defaults.connect === 'relay' && !defaults.relay ? 'server' : defaults.connect)
  const [keep, setKeep] = useState(defaults.keep)
  const [isMissing, setIsMissing] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  return {
    connect, setConnect, keep, setKeep, first,
    isMissing: isMissing && keep === undefined,
    answered() {
      if (keep !== undefined) return { connect, keep }
      setIsMissing(true)
      first.current?.focus()
      return undefined
    },
  }
}

/** *Keep this conversation* and *How you connect*. */
export function ConsentGroups({ consent, name }: { consent: Consent; name: string }) {
  const hasRelay = useShown((state) => state.defaults.relay)
  return (
    <>
      <RadioCards
        legend={t('keep')}
        cards={keepCards()}
        value={consent.keep}
        onChange={consent.setKeep}
        first={consent.first}
        error={consent.isMissing ? t('keep.choose') : undefined}
      />
      <RadioCards legend={t('connect')} cards={connectCards(name, hasRelay)} value={consent.connect} onChange={consent.setConnect} />
    </>
  )
}
