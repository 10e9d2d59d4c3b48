import { X } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import type { Share } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { useShell } from '../shell.ts'
import { useNow } from '../store/now.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Bar, FileSign } from '../transfers/parts.tsx'
import { facts } from '../transfers/says.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { ErrorLine } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import text from '../ui/text.module.css'
import { listed, percent, roundSize, size, speed } from '../words/amounts.ts'
import { clock, longDate, nearDate } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './ShareCard.module.css'

const DAY = 86_400_000

function useNames(): (ik: Ik) => string {
  const buddies = useShown((state) => state.buddies)
  return (ik) => buddies.find((buddy) => buddy.ik === ik)?.name ?? t('transfer.someone')
}

/** One shared folder: what it is, who sees it until when, and what of it goes out. */
export function ShareCard({ share }: { share: Share }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const id = useId()
  const isOver = share.state.at === 'ended'
  return (
    <article className={css.share} aria-labelledby={id}>
      <header className={css.head}>
        <FileSign type="folder" />
        <div className={css.title}>
          <h2 id={id} className={cx(isOver && text.quiet)}><bdi>{share.name}</bdi></h2>
          {!isOver && <p className={`${text.quiet} ${text.small}`}><Words k="sharing.place" place={share.place} facts={amount(share)} /></p>}
          <p className={`${text.quiet} ${text.small}`} role="status">{isOver && <HowItEnded share={share} />}</p>
        </div>
        <div className={css.acts}>
          {/* One button, so that the focus stays: stopping is taken back where it was done. */}
          <Button look={isOver ? 'link' : 'line'} onClick={() => void act(() => client.call(isOver ? 'shareAgain' : 'stopSharing', { id: share.id }))}>{t(isOver ? 'sharing.again' : 'sharing.stop')}</Button>
          {isOver && <IconButton label={t('sharing.forget', { share: share.name })} onClick={() => void act(() => client.call('forgetShare', { id: share.id }))}><Icon of={X} /></IconButton>}
        </div>
      </header>
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      {!isOver && <Facts share={share} />}
    </article>
  )
}

function amount({ files, bytes, isReading }: Share): string {
  const all = facts({ size: bytes, files })
  return isReading ? t('sharing.reading', { facts: all }) : all
}

function HowItEnded({ share: { state, fetched } }: { share: Share }) {
  const now = useNow()
  const nameOf = useNames()
  if (state.at !== 'ended') return null
  if (state.why === 'stopped') {
    return fetched.length === 0 ? t('sharing.stopped') : <Words k="sharing.stopped.stays" names={listed(fetched.map(({ ik }) => nameOf(ik)))} />
  }
  const date = nearDate(state.when, now)
  return (
    <>
      {t(state.why === 'expired' ? 'sharing.ended' : `sharing.ended.${state.why}`, { date })}
      {fetched.map(({ ik, files }) => <span key={ik}> <Words k="sharing.ended.fetched" name={nameOf(ik)} count={files} /></span>)}
    </>
  )
}

function Facts({ share }: { share: Share }) {
  const { ask } = useShell()
  const now = useNow()
  const nameOf = useNames()
  const { id, name, until } = share
  const change = (what: 'with' | 'until') => (
    <Button look="inline" aria-label={t(`sharing.change.${what}`, { share: name })} onClick={() => ask({ about: 'change-share', id, what })}>{t('sharing.change')}</Button>
  )
  return (
    <dl className={css.facts}>
      <Fact name={t('sharing.with')}><bdi>{listed(share.with.map(nameOf))}</bdi> {change('with')}</Fact>
      <Fact name={t('sharing.until')}>{t('sharing.until.date', { date: longDate(until), time: clock(until), days: Math.max(0, Math.floor((until - now) / DAY)) })} {change('until')}</Fact>
      <Fact name={t('sharing.now')}>
        {share.now.length === 0 && t('sharing.now.none')}
        {share.now.map((one) => <p key={one.ik + one.name}><Words k="sharing.now.one" name={nameOf(one.ik)} file={one.name} speed={speed(one.rate)} /></p>)}
      </Fact>
      <Fact name={t('sharing.today')}><Today share={share} nameOf={nameOf} /></Fact>
    </dl>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => <><dt>{name}</dt><dd>{children}</dd></>

/** What went out today, and how much may. */
function Today({ share, nameOf }: { share: Share; nameOf: (ik: Ik) => string }) {
  const { servedToday, daily } = share
  const bytes = servedToday.reduce((sum, one) => sum + one.bytes, 0)
  const values = { done: size(bytes), all: roundSize(daily) }
  return (
    <>
      {share.with.map((ik, index) => {
        const served = servedToday.find((one) => one.ik === ik)
        return (
          <span key={ik}>
            {index > 0 && ' · '}
            {served ? <Words k="sharing.today.one" name={nameOf(ik)} facts={facts({ size: served.bytes, files: served.files })} /> : <Words k="sharing.today.none" name={nameOf(ik)} />}
          </span>
        )
      })}
      <div className={css.bar}><Bar label={t('sharing.today.bar')} percent={percent(bytes, daily)} text={t('sharing.today.of', values)} /></div>
      <p className={`${text.quiet} ${text.tiny}`}>{t(bytes < daily ? 'sharing.today.limit' : 'sharing.today.reached', values)}</p>
    </>
  )
}
