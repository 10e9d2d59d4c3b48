import { Eye, Plus } from 'lucide-react'
import { placeBefore } from '../keys.ts'
import { useShell } from '../shell.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { Button } from '../ui/Button.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import { KeepFocus } from '../ui/KeepFocus.tsx'
import { Menu, MenuItem } from '../ui/Menu.tsx'
import { Page, SectionTitle } from '../ui/Page.tsx'
import text from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'
import { useSharers } from './Form.tsx'
import { isListed, isOn, seenOf } from './seen.ts'
import { SearchShares } from './SearchShares.tsx'
import { ShareCard } from './ShareCard.tsx'
import css from './Sharing.module.css'

/** What others can see of this computer, and how it is stopped. */
export function Sharing() {
  const { place, go, ask, lastChat } = useShell()
  const { client } = useParley()
  const { act, refusal } = useAct()
  const all = useShown((state) => state.shares)
  const sharers = useSharers()
  const listed = all.filter(isListed)
  const on = listed.filter(isOn)
  const { folders, people, given } = seenOf(all)

  const share = async () => {
    const answer = await act(() => client.call('pickShare', {}))
    if (answer.done && answer.value.pick) ask({ about: 'share', pick: answer.value.pick })
    if (!answer.done && answer.code === 'no-dialog') ask({ about: 'share-path' })
  }
  const actions = (
    <>
      {sharers.length > 0 && (
        <Menu label={t('sharing.viewAs.menu')} button={<Button look="line"><Icon of={Eye} />{t('sharing.viewAs')}</Button>}>
          {sharers.map(({ ik, name }) => <MenuItem key={ik} onSelect={() => go({ at: 'shares', ik, as: true })}><bdi>{name}</bdi></MenuItem>)}
        </Menu>
      )}
      <Button look="primary" onClick={() => void share()}><Icon of={Plus} />{t('sharing.share')}</Button>
    </>
  )
  return (
    <Page title={t('sharing')} name={t('sharing')} back={t('back')} onBack={() => go(placeBefore(place, lastChat))} actions={actions} isWide>
      {refusal && refusal !== 'no-dialog' && <ErrorLine>{sentence(refusal)}</ErrorLine>}
      <p className={text.quiet}>{folders > 0 ? t('sharing.promise', { count: people, folders }) : t('sharing.none')}{given > 0 && ` ${t('sharing.given', { count: given })}`}</p>
      <KeepFocus>{[...on, ...listed.filter((one) => !isOn(one))].map((one) => <KeepFocus key={one.id} className={css.share}><ShareCard share={one} /></KeepFocus>)}</KeepFocus>
      {sharers.length > 0 && (
        <>
          <SectionTitle>{t('sharing.others')}</SectionTitle>
          <SearchShares about={t('sharing.others.about')} />
        </>
      )}
    </Page>
  )
}
