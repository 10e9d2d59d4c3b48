import { useEffect, useState } from 'react'
import { connect } from '../protocol/app/rpc.ts'
import type { Ik } from '../protocol/ids.ts'
import { App } from './App.tsx'
import { createAttached } from './files/attached.ts'
import { createFileDesk } from './files/desk.ts'
import { askWithInput } from './files/dropped.ts'
import { canReconnect, givePath, holdsLinkPage, openBytePipe, openPipe } from './host.ts'
import { LinkPage } from './LinkPage.tsx'
import { type Parley, ParleyContext } from './store/parley.ts'
import { createStore } from './store/store.ts'
import { Sorry } from './ui/Sorry.tsx'
import { t } from './words/index.ts'

type Link =
  | { at: 'opening' }
  | { at: 'open'; parley: Parley; run: number }
  | { at: 'closed' }
  /** The address was used already, or is too old. */
  | { at: 'refused' }

/** How often, and how far apart in milliseconds, a page tries to come back to its core. */
const TRIES = 10
const TRY_AFTER = 1_000

/** Holds the pipe to the core; everything else is drawn when the first snapshot is here. */
export function Root({ onlyChat }: { onlyChat: Ik | undefined }) {
  const [link, setLink] = useState<Link>({ at: 'opening' })
  useEffect(() => follow(setLink), [])
  switch (link.at) {
    case 'opening': return null
    case 'refused': return <Sorry>{t('host.refused')}</Sorry>
    case 'closed': return <Sorry>{t('host.closed')}</Sorry>
    case 'open': return (
      <ParleyContext key={link.run} value={link.parley}>
        <App onlyChat={onlyChat} />
        {holdsLinkPage && <LinkPage />}
      </ParleyContext>
    )
  }
}

/** Opens the pipe and, where the host allows, opens it again after it closed. */
function follow(show: (link: Link) => void): () => void {
  let isOver = false
  let run = 0
  let tries = 0

  const again = () => {
    if (isOver) return
    show({ at: 'closed' })
    if (canReconnect && tries++ < TRIES) setTimeout(open, TRY_AFTER)
  }
  async function open() {
    const pipe = await openPipe()
    if (isOver) return pipe?.close()
    if (pipe === undefined) return show(run === 0 ? { at: 'refused' } : { at: 'closed' })
    const client = connect(pipe)
    client.onClose(again)
    try {
      const store = await createStore(client)
      tries = 0
      const desk = createFileDesk({ open: openBytePipe })
      client.onClose(desk.close)
      const onOnline = () => void client.call('networkBack', {})
      addEventListener('online', onOnline)
      client.onClose(() => removeEventListener('online', onOnline))
      const attached = createAttached({ client, desk, give: givePath, ask: askWithInput })
      if (!isOver) show({ at: 'open', parley: { client, store, desk, attached }, run: ++run })
    } catch {
      // closed before the first snapshot: `again` is on its way
    }
  }
  void open()
  return () => {
    isOver = true
  }
}
