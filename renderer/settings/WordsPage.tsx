import { useState } from 'react'
import { useShell } from '../shell.ts'
import { useShown } from '../store/parley.ts'
import { HoldButton } from '../ui/HoldButton.tsx'
import { Page } from '../ui/Page.tsx'
import { PhraseSteps } from '../welcome/Phrase.tsx'
import { t } from '../words/index.ts'
import css from './Settings.module.css'

/** So long it is held, seconds: nobody shows them by accident. */
const HOLD = 5

/** The 24 words once more, as long as they are on this computer; behind one step, since someone may be near. */
export function WordsPage() {
  const { go } = useShell()
  const isHere = useShown((state) => state.me?.wordsUnconfirmed === true)
  const [isShown, setIsShown] = useState(false)
  const leave = () => go({ at: 'home' })
  if (isShown && isHere) return <PhraseSteps onDone={leave} />
  return (
    <Page title={t('words')} name={t('words')} back={t('back')} onBack={leave}>
      <p>{t(isHere ? 'words.about' : 'words.gone')}</p>
      {isHere && <div className={css.hold}><HoldButton seconds={HOLD} progress={t('words.left')} hint={t('words.hold', { seconds: HOLD })} left={(seconds) => t('words.holding', { seconds })} onHeld={() => setIsShown(true)}>{t('words.showNow')}</HoldButton></div>}
    </Page>
  )
}
