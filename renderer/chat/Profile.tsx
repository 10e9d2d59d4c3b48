import { useEffect } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { connectCards, keepCards } from '../invite/Consent.tsx'
import { useShell } from '../shell.ts'
import { useAct, useBuddy, useParley, useShown } from '../store/parley.ts'
import { Avatar } from '../ui/Avatar.tsx'
import { Actions, Button } from '../ui/Button.tsx'
import { Check, ErrorLine } from '../ui/Field.tsx'
import { Page } from '../ui/Page.tsx'
import { RadioCards } from '../ui/RadioCards.tsx'
import { PresenceSign } from '../ui/signs.tsx'
import text from '../ui/text.module.css'
import { useUndo } from '../ui/Undo.tsx'
import { shortDate } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { isThere } from '../buddy-list/order.ts'
import { block } from './block.ts'
import { useKeepChoice } from './keep.ts'
import css from './Profile.module.css'
import { keepTip, keepWords } from './strip.ts'

/** One buddy: who it is, how sure that is, how you connect, what is kept. */
export function Profile({ ik }: { ik: Ik }) {
  const { go } = useShell()
  const buddy = useBuddy(ik)
  const isGone = buddy === undefined
  useEffect(() => {
    if (isGone) go({ at: 'home' })
  }, [isGone, go])
  if (isGone) return null
  return (
    <Page title={<bdi>{buddy.name}</bdi>} name={t('profile.name', { name: buddy.name })} back={t('back')} onBack={() => go({ at: 'chat', ik })} isOver>
      <Who buddy={buddy} />
      <Connecting buddy={buddy} />
      <Kept buddy={buddy} />
      <Leaving buddy={buddy} />
    </Page>
  )
}

function Who({ buddy }: { buddy: Buddy }) {
  const { ask, go } = useShell()
  const { client } = useParley()
  const { ik, name, presence, level, verifiedAt } = buddy
  return (
    <>
      <div className={css.who}>
        <Avatar name={name} seed={ik} large>{presence !== 'unknown' && <PresenceSign of={presence} />}</Avatar>
        <div>
          <p dir="ltr" className={css.addr}>{buddy.addr}</p>
          <p className={`${text.quiet} ${text.small}`}>
            {presence !== 'unknown' && t(`presence.${presence}`)}
            {buddy.status !== '' && isThere(presence) && <> · <bdi>{buddy.status}</bdi></>}
          </p>
        </div>
      </div>
      <p>{level === 'verified' && verifiedAt !== undefined ? t('trust.verified.tip', { date: shortDate(verifiedAt) }) : t(`trust.${level}.tip`, { date: '' })}</p>
      <Actions start>
        <Button look="line" onClick={() => ask({ about: 'numbers', ik })}>{t('numbers')}</Button>
        {buddy.canShares && <Button look="line" onClick={() => go({ at: 'shares', ik })}>{t('shares.browse')}</Button>}
      </Actions>
      <div className={css.notify}><Check label={t('notify', { name })} checked={buddy.notify} onChange={(on) => void client.call('setNotify', { ik, on })} /></div>
    </>
  )
}

function Connecting({ buddy }: { buddy: Buddy }) {
  const { client } = useParley()
  const { act, refusal } = useAct()
  const hasRelay = useShown((state) => state.defaults.relay)
  const { ik, connect, lan, name } = buddy
  return (
    <>
      <RadioCards
        legend={t('connect')}
        cards={connectCards(name, hasRelay)}
        value={connect}
        atOnce={t('choose.enter')}
        onChange={(chosen) => void act(() => client.call('setConnect', { ik, connect: chosen, lan }))}
        under={connect === 'direct' && (
          <div className={css.under}>
            <Check label={t('connect.lan')} hint={<Words k="connect.lan.about" name={name} />} checked={lan} onChange={(on) => void act(() => client.call('setConnect', { ik, connect, lan: on }))} />
          </div>
        )}
      />
      {refusal && <ErrorLine>{sentence(refusal)}</ErrorLine>}
    </>
  )
}

function Kept({ buddy }: { buddy: Buddy }) {
  const { name, mine, theirs } = buddy
  const choose = useKeepChoice(buddy)
  const words = keepWords(theirs, 'theirs', name)
  const tip = keepTip(theirs, 'theirs', name)
  return (
    <>
      <RadioCards
        legend={t('keep')}
        cards={keepCards()}
        value={mine.chosen && mine.mode !== 'archive' && mine.mode !== 'unknown' ? mine.mode : undefined}
        atOnce={t('choose.enter')}
        onChange={choose}
      />
      <dl className={css.kept}>
        <dt><Words k={words.k} {...words.values} /></dt>
        <dd><Words k={tip.k} {...tip.values} /></dd>
      </dl>
    </>
  )
}

function Leaving({ buddy }: { buddy: Buddy }) {
  const { client } = useParley()
  const { ask } = useShell()
  const undo = useUndo()
  return (
    <div className={css.leaving}>
      <Button look="line" onClick={() => ask({ about: 'remove', ik: buddy.ik })}>{t('remove.more')}</Button>
      <Button look="line" danger onClick={() => void block(client, undo, buddy)}>{t('block')}</Button>
      <p className={`${text.quiet} ${text.small}`}><Words k="block.about" name={buddy.name} /></p>
    </div>
  )
}
