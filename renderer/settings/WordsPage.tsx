import { useState } from 'react'
import { useShell } from '../shell.ts'
import { useShown } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { Page } from '../ui/Page.tsx'
import { PhraseSteps } from '../welcome/Phrase.tsx'
import { t } from '../words/index.ts'

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
      {isHere && <Actions start><Button big look="primary" onClick={() => setIsShown(true)}>{t('words.showNow')}</Button></Actions>}
    </Page>
  )
}
