import { Search } from 'lucide-react'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import type { Result } from '../../protocol/app/api.ts'
import type { ShareHit } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { useAct, useBuddy, useParley } from '../store/parley.ts'
import { FileName, FileSign } from '../transfers/parts.tsx'
import { Button } from '../ui/Button.tsx'
import { ErrorLine } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import text from '../ui/text.module.css'
import { size } from '../words/amounts.ts'
import { sentence, t } from '../words/index.ts'
import { useFetches } from './fetch.ts'
import { FetchButton } from './FetchButton.tsx'
import css from './SearchShares.module.css'

/** Fewer letters would find everything. */
const SHORTEST = 3

/** [FI24] Searches by name what this buddy shares, or all do; their own machines answer. `children` stand there until something was searched. */
export function SearchShares({ ik, about, children }: { ik?: Ik; about?: string; children?: ReactNode }) {
  const { client } = useParley()
  const { act, refusal, isBusy } = useAct()
  const [wanted, setWanted] = useState('')
  const [found, setFound] = useState<Result<'findInShares'>>()
  const [isShort, setIsShort] = useState(false)
  const id = useId()
  const problem = isShort ? t('shares.search.short') : refusal && sentence(refusal)
  const search = async (event: FormEvent) => {
    event.preventDefault()
    const words = wanted.trim()
    setIsShort(words.length < SHORTEST)
    if (words.length < SHORTEST) return
    const answer = await act(() => client.call('findInShares', { text: words, ...(ik !== undefined && { ik }) }))
    if (answer.done) setFound(answer.value)
  }
  return (
    <>
      <form role="search" className={css.search} onSubmit={(event) => void search(event)}>
        <input
          type="search" aria-label={t('shares.search')} placeholder={t('shares.search.hint')} maxLength={64} value={wanted} aria-invalid={problem ? true : undefined}
          aria-describedby={problem || about ? id : undefined} onChange={(event) => setWanted(event.target.value)}
        />
        <Button look="line" type="submit"><Icon of={Search} />{t('shares.search')}</Button>
      </form>
      <div id={id}>{problem ? <ErrorLine>{problem}</ErrorLine> : about && <p className={`${text.quiet} ${text.small}`}>{about}</p>}</div>
      <p className={found || isBusy ? `${css.summary} ${text.quiet}` : text.sr} role="status">{isBusy ? t('shares.loading') : found && summary(found)}</p>
      {found && !isBusy && <Hits hits={found.hits} />}
      {found && children ? <Button look="link" className={css.back} onClick={() => setFound(undefined)}>{t('shares.search.clear')}</Button> : children}
    </>
  )
}

function summary({ hits, more, asked, failed }: Result<'findInShares'>): string {
  if (asked === 0) return t('shares.search.nobody')
  return [t('shares.search.count', { count: hits.length }), failed > 0 && t('shares.search.failed', { failed, asked }), more && t('shares.search.more')].filter(Boolean).join(' ')
}

function Hits({ hits }: { hits: readonly ShareHit[] }) {
  const { fetches, last, fetch } = useFetches()
  return (
    <>
      <ul aria-label={t('shares.search.found')}>
        {hits.map((hit) => {
          const key = `${hit.ik} ${hit.share} ${hit.e}`
          return <Hit key={key} hit={hit} fetching={fetches[key]} onFetch={() => void fetch(key, { ik: hit.ik, share: hit.share, e: hit.e, name: hit.name, kind: hit.kind, size: hit.size })} />
        })}
      </ul>
      <p className={text.sr} role="status">{last !== undefined && t('shares.fetched', { file: last })}</p>
    </>
  )
}

function Hit({ hit, fetching, onFetch }: { hit: ShareHit; fetching: ReturnType<typeof useFetches>['fetches'][string] | undefined; onFetch: () => void }) {
  const owner = useBuddy(hit.ik)?.name ?? t('transfer.someone')
  const where = hit.shareName === '' ? owner : t('shares.search.where', { name: owner, share: hit.shareName })
  return (
    <li className={css.hit} aria-label={t('shares.item', { file: hit.name, facts: t('file.from', { name: where }) })}>
      <FileSign type={hit.kind === 'd' ? 'folder' : hit.type} />
      <div className={css.words}>
        <FileName name={hit.name} ending={hit.ending} />
        <p className={`${text.quiet} ${text.small}`}><bdi>{owner}</bdi>{hit.shareName !== '' && <> · <bdi>{hit.shareName}</bdi></>}{hit.kind === 'f' && ` · ${size(hit.size)}`}</p>
        {fetching?.at === 'failed' && <ErrorLine>{sentence(fetching.code)}</ErrorLine>}
      </div>
      <FetchButton fetching={fetching} tabIndex={0} onFetch={onFetch} />
    </li>
  )
}
