import { useEffect, useMemo } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { placeBefore } from '../keys.ts'
import { useShell } from '../shell.ts'
import { useBuddy, useParley } from '../store/parley.ts'
import { Actions, Button } from '../ui/Button.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { Page } from '../ui/Page.tsx'
import text from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { SearchShares } from './SearchShares.tsx'
import { Tree } from './Tree.tsx'
import { type Source, useTree } from './useTree.ts'

/** What a buddy shares with me; or, `as`, what that buddy sees of mine. */
export function Shares({ ik, as = false }: { ik: Ik; as?: boolean }) {
  const { place, go } = useShell()
  const buddy = useBuddy(ik)
  const isGone = buddy === undefined
  useEffect(() => {
    if (isGone) go({ at: 'home' })
  }, [isGone, go])
  if (isGone) return null
  const { name } = buddy
  const title = as ? 'shares.as' : 'shares.of'
  return (
    <Page title={<Words k={title} name={name} />} name={t(title, { name })} back={t('back')} onBack={() => go(placeBefore(place, ik))} isOver isWide>
      {as ? <AsSeen buddy={buddy} /> : <SearchShares ik={ik}><Theirs buddy={buddy} /></SearchShares>}
    </Page>
  )
}

function Theirs({ buddy }: { buddy: Buddy }) {
  const { client } = useParley()
  const { ik, name } = buddy
  const source = useMemo((): Source => ({
    shares: () => client.call('browseShares', { ik }),
    folder: (share, dir, after) => client.call('browseFolder', { ik, share, dir, ...(after !== undefined && { after }) }),
  }), [client, ik])
  const tree = useTree(source)
  return (
    <>
      <p className={text.quiet} role="status">{tree.isAsked ? <Words k="shares.asking" name={name} /> : tree.isNone && <Words k="shares.none" name={name} />}</p>
      {tree.failed && <><ErrorLine>{sentence(tree.failed)}</ErrorLine><Actions start><Button look="line" onClick={tree.ask}>{t('shares.again')}</Button></Actions></>}
      {tree.rows.length > 0 && <Tree label={t('shares.of', { name })} rows={tree.rows} toggle={tree.toggle} from={ik} />}
    </>
  )
}

function AsSeen({ buddy: { ik, name } }: { buddy: Buddy }) {
  const { client } = useParley()
  const source = useMemo((): Source => ({
    shares: () => client.call('viewAs', { ik, dir: '' }),
    folder: (share, dir, after) => client.call('viewAs', { ik, share, dir, ...(after !== undefined && { after }) }),
  }), [client, ik])
  const tree = useTree(source)
  return (
    <>
      {!tree.isAsked && tree.failed === undefined && <p className={text.quiet}><Words k={tree.isNone ? 'shares.as.nothing' : 'shares.as.about'} name={name} /></p>}
      {tree.failed && <ErrorLine>{sentence(tree.failed)}</ErrorLine>}
      {tree.rows.length > 0 && <Tree label={t('shares.as', { name })} rows={tree.rows} toggle={tree.toggle} />}
    </>
  )
}
