import { ChevronRight, LoaderCircle } from 'lucide-react'
import { type KeyboardEvent, memo, useEffect, useRef, useState } from 'react'
import type { Ik } from '../../protocol/ids.ts'
import { FileName, FileSign } from '../transfers/parts.tsx'
import { facts } from '../transfers/says.ts'
import { cx } from '../ui/cx.ts'
import { ErrorLine } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import text from '../ui/text.module.css'
import { size } from '../words/amounts.ts'
import { longDate } from '../words/dates.ts'
import { sentence, t } from '../words/index.ts'
import { type Fetching, useFetches, type Wanted } from './fetch.ts'
import { FetchButton } from './FetchButton.tsx'
import css from './Tree.module.css'
import { treeMove, type TreeRow } from './tree.ts'

interface TreeProps {
  label: string
  rows: readonly TreeRow[]
  toggle(row: TreeRow): void
  /** Whose it is; without it nothing is fetched. */
  from?: Ik | undefined
}

/** Folders within folders: one tab stop, arrow keys move and open. */
export function Tree({ label, rows, toggle, from }: TreeProps) {
  const place = useRef<HTMLDivElement>(null)
  const [current, setCurrent] = useState<string>()
  const { fetches, last, fetch } = useFetches()
  const now = useRef({ toggle, fetch })
  now.current = { toggle, fetch }
  const { current: acts } = useRef<RowActs>({
    focus: (row) => setCurrent(row.key),
    toggle: (row) => now.current.toggle(row),
    fetch: (row, wanted) => void now.current.fetch(row.key, wanted),
  })
  const at = Math.max(0, rows.findIndex(({ key }) => key === current))
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement) || event.target.role !== 'treeitem') return
    const move = treeMove(rows, at, event.key)
    if (move === undefined) return
    event.preventDefault()
    if ('toggle' in move) toggle(move.toggle)
    else place.current?.querySelectorAll<HTMLElement>('[role=treeitem]')[move.to]?.focus()
  }
  return (
    <>
      <div ref={place} role="tree" aria-label={label} className={css.tree} onKeyDown={onKey}>
        {rows.map((row, index) => <Row key={row.key} row={row} isTabStop={index === at} acts={acts} fetching={fetches[row.key]} from={from} />)}
      </div>
      <p className={text.sr} role="status">{last !== undefined && t('shares.fetched', { file: last })}</p>
    </>
  )
}

/** A whole share is its topmost folder. */
function wantedOf(row: TreeRow, ik: Ik): Wanted | undefined {
  if (row.is === 'share') return row.item.files === 0 ? undefined : { ik, share: row.share, e: '', name: row.item.name, kind: 'd', size: row.item.bytes }
  if (row.is !== 'entry') return undefined
  const { e, name, kind, size: bytes } = row.item
  return { ik, share: row.share, e, name, kind, size: bytes }
}

/** The same for all rows and always, so that only rows that changed are drawn anew: there may be thousands. */
interface RowActs { focus(row: TreeRow): void; toggle(row: TreeRow): void; fetch(row: TreeRow, wanted: Wanted): void }

interface RowProps {
  row: TreeRow
  isTabStop: boolean
  acts: RowActs
  fetching: Fetching | undefined
  from: Ik | undefined
}

const Row = memo(function Row({ row, isTabStop, acts, fetching, from }: RowProps) {
  const tabIndex = isTabStop ? 0 : -1
  const isOpen = 'isOpen' in row ? row.isOpen : undefined
  const { name, about } = wordsOf(row)
  const wanted = from && wantedOf(row, from)
  return (
    <div
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.pos}
      aria-setsize={row.of}
      aria-expanded={isOpen}
      aria-label={about === '' ? name : t('shares.item', { file: name, facts: about })}
      tabIndex={tabIndex}
      className={css.row}
      style={{ '--level': row.level - 1 } as React.CSSProperties}
      onFocus={() => acts.focus(row)}
      onClick={(event) => {
        if (!(event.target instanceof Element) || event.target.closest('button') === null) acts.toggle(row)
      }}
    >
      <span className={cx(css.arrow, isOpen && css.open)}>{isOpen !== undefined && <Icon of={ChevronRight} small />}</span>
      {row.is === 'share' || row.is === 'entry'
        ? (
          <>
            <FileSign type={row.is === 'share' || row.item.kind === 'd' ? 'folder' : row.item.type} />
            <span className={css.words}>
              <FileName name={name} ending={row.is === 'entry' ? row.item.ending : ''} />
              {about !== '' && <span className={css.about}>{about}</span>}
              {fetching?.at === 'failed' && <ErrorLine>{sentence(fetching.code)}</ErrorLine>}
            </span>
            {wanted && <FetchButton fetching={fetching} tabIndex={tabIndex} onFetch={() => acts.fetch(row, wanted)} />}
          </>
        )
        : <Stand row={row} words={name} onSight={() => acts.toggle(row)} />}
    </div>
  )
})

/** What stands for entries that are not here; more of them are read when it comes into sight. */
function Stand({ row, words, onSight }: { row: TreeRow; words: string; onSight(): void }) {
  const place = useRef<HTMLSpanElement>(null)
  const isMore = row.is === 'more'
  const read = useRef(onSight)
  read.current = onSight
  useEffect(() => {
    const element = place.current
    if (!isMore || element === null) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && read.current())
    observer.observe(element)
    return () => observer.disconnect()
  }, [isMore])
  return (
    <span ref={place} className={cx(css.stand, row.is === 'failed' && css.failed)}>
      {row.is === 'reading' && <Icon of={LoaderCircle} small />}
      {row.is === 'failed' ? <span>{sentence(row.code)} <span className={css.again}>{t('shares.again')}</span></span> : words}
    </span>
  )
}

function wordsOf(row: TreeRow): { name: string; about: string } {
  switch (row.is) {
    case 'share': return { name: row.item.name, about: t('shares.about', { facts: facts({ size: row.item.bytes, files: row.item.files }), date: longDate(row.item.exp) }) }
    case 'entry': return { name: row.item.name, about: row.item.kind === 'd' ? '' : size(row.item.size) }
    case 'reading': return { name: t('shares.loading'), about: '' }
    case 'more': return { name: t('shares.loading.more'), about: '' }
    case 'empty': return { name: t('shares.empty'), about: '' }
    case 'failed': return { name: t('shares.retry', { why: sentence(row.code), again: t('shares.again') }), about: '' }
  }
}
