import { useShell } from '../shell.ts'
import { Button } from '../ui/Button.tsx'
import { t } from '../words/index.ts'
import type { Fetching } from './fetch.ts'

/** One button, so that the focus stays: first it fetches, then it leads to where that is seen. */
export function FetchButton({ fetching, tabIndex, onFetch }: { fetching: Fetching | undefined; tabIndex: 0 | -1; onFetch: () => void }) {
  const { go } = useShell()
  const isAsked = fetching?.at === 'asked'
  return <Button look={isAsked ? 'link' : 'line'} tabIndex={tabIndex} onClick={() => (isAsked ? go({ at: 'transfers' }) : onFetch())}>{t(isAsked ? 'shares.fetching' : 'shares.fetch')}</Button>
}
