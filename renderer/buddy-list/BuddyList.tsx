import { Search, UserPlus, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { useShell } from '../shell.ts'
import { useShown } from '../store/parley.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { Icon } from '../ui/Icon.tsx'
import { Notice } from '../ui/Notice.tsx'
import text from '../ui/text.module.css'
import { t } from '../words/index.ts'
import css from './BuddyList.module.css'
import { ConnectionLine } from './ConnectionLine.tsx'
import { Me } from './Me.tsx'
import { heldOrder, isFound, listOrder, plainName, twinNames } from './order.ts'
import { SharingButton, TransfersButton } from './FootButtons.tsx'
import { BuddyRow, RequestsRow } from './rows.tsx'

/** Yourself, what connects you, requests and everyone you know. */
export function BuddyList() {
  const { go, leaving } = useShell()
  const all = useShown((state) => state.buddies)
  const requests = useShown((state) => state.requests)
  const wordsUnconfirmed = useShown((state) => state.me?.wordsUnconfirmed)
  const isOn = useShown((state) => state.connection.at === 'on')
  const [search, setSearch] = useState('')
  const searchPlace = useRef<HTMLLabelElement>(null)
  const buddies = all.filter((buddy) => !leaving.has(buddy.ik))
  const found = search.trim() === '' ? buddies : buddies.filter((buddy) => isFound(buddy, search))
  const isNobodyFound = buddies.length > 0 && found.length === 0
  const online = found.filter((buddy) => buddy.presence !== 'off' && buddy.presence !== 'unknown').length
  return (
    <section className={css.list} aria-label={t('list')} data-area="list" data-home tabIndex={-1}>
      <Me />
      <ConnectionLine />
      {wordsUnconfirmed && (
        <Notice attention className={css.notice} actions={<Button look="line" onClick={() => go({ at: 'words' })}>{t('words.show')}</Button>}>
          <p>{t('words.notWritten')}</p>
        </Notice>
      )}
      {buddies.length > 0 && (
        <label className={css.search} ref={searchPlace}>
          <Icon of={Search} />
          <input type="search" data-stop="search" aria-label={t('list.search')} placeholder={t('list.search.hint')} value={search} onChange={(event) => setSearch(event.target.value)} />
          {search !== '' && <IconButton label={t('list.search.clear')} className={css.clear} onClick={() => {
            setSearch('')
            searchPlace.current?.querySelector('input')?.focus()
          }}><Icon of={X} small /></IconButton>}
        </label>
      )}
      <div className={css.scroll}>
        {requests.length > 0 && search === '' && <RequestsRow />}
        {found.length > 0 && (
          <h2 className={css.group}>
            {t('list.title')}
            {isOn && <span>{t('list.online', { online, all: found.length })}</span>}
          </h2>
        )}
        {found.length > 0 && <Buddies buddies={found} />}
        {buddies.length === 0 && requests.length === 0 && <p className={css.nobody}>{t('list.nobody')}</p>}
        <p className={isNobodyFound ? css.nobody : text.sr} role="status">{isNobodyFound ? t('list.notFound') : search.trim() !== '' && t('list.found', { count: found.length })}</p>
      </div>
      <footer className={css.foot}>
        <Button look="link" onClick={() => go({ at: 'add' })}><Icon of={UserPlus} />{t('add')}</Button>
        <Button look="link" className={css.invite} onClick={() => go({ at: 'invite' })}>{t('invite')}</Button>
        <TransfersButton />
        <SharingButton />
      </footer>
    </section>
  )
}

/** One tab stop for all rows: arrow keys, Home, End and first letters move in it. */
function Buddies({ buddies }: { buddies: readonly Buddy[] }) {
  const list = useRef<HTMLUListElement>(null)
  const [isPointed, setIsPointed] = useState(false)
  const before = useRef<readonly Ik[]>([])
  const [tabStop, setTabStop] = useState<Ik>()
  const { place } = useShell()
  const open = place.at === 'chat' ? place.ik : undefined
  useEffect(() => {
    if (open !== undefined) setTabStop(open)
  }, [open])
  const shown = isPointed ? heldOrder(before.current, buddies) : listOrder(buddies)
  before.current = shown.map((buddy) => buddy.ik)
  const twins = twinNames(buddies)
  const rows = shown.filter((buddy) => buddy.state === 'accepted')
  const stop = rows.some((buddy) => buddy.ik === tabStop) ? tabStop : rows[0]?.ik

  const onKey = (event: KeyboardEvent) => {
    const at = rows.findIndex((buddy) => buddy.ik === stop)
    const to = moved(event, at, rows)
    if (to === undefined) return
    event.preventDefault()
    list.current?.querySelectorAll<HTMLElement>('[data-row]')[to]?.focus()
  }
  return (
    <ul ref={list} className={css.buddies} aria-label={t('list')} onKeyDown={onKey} onPointerEnter={() => setIsPointed(true)} onPointerLeave={() => setIsPointed(false)}>
      {shown.map((buddy) => (
        <BuddyRow
          key={buddy.ik}
          buddy={buddy}
          isTwin={twins.has(plainName(buddy.name))}
          isTabStop={buddy.ik === stop}
          onFocus={() => setTabStop(buddy.ik)}
        />
      ))}
    </ul>
  )
}

function moved(event: KeyboardEvent, at: number, rows: readonly Buddy[]): number | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined
  switch (event.key) {
    case 'ArrowDown': return Math.min(at + 1, rows.length - 1)
    case 'ArrowUp': return Math.max(at - 1, 0)
    case 'Home': return 0
    case 'End': return rows.length - 1
  }
  if (event.key.length !== 1 || event.key === ' ') return undefined
  const letter = event.key.toLocaleLowerCase()
  const from = rows.findIndex((buddy, index) => index > at && buddy.name.toLocaleLowerCase().startsWith(letter))
  const found = from === -1 ? rows.findIndex((buddy) => buddy.name.toLocaleLowerCase().startsWith(letter)) : from
  return found === -1 ? undefined : found
}
