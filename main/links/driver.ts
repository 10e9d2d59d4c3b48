import type { BytePipe } from '../../protocol/app/pipe.ts'
import { type FromPage, readFromPage, type ToPage, writeToPage } from '../../protocol/app/link.ts'
import type { Routes } from '../ports.ts'

/** What makes connections for the core: link pages, or their TCP twin in tests. Link numbers are the core's. */
export interface LinkDriver {
  /** A connection over these routes can be made now. */
  isThere(routes: Routes): boolean
  /** `routes` counts for `open`. */
  send(message: ToPage, routes?: Routes): void
  onMessage(listener: (message: FromPage) => void): void
  /** A page came: what found none may try again. One that went has told of each of its links that it is closed. */
  onThere(listener: () => void): void
  close(): void
}

/** Link pages at the other ends of byte pipes, by the routes they serve [L6]. A later page takes the place of an earlier one. */
export function createPageDriver(): LinkDriver & { attach(pipe: BytePipe, serves: readonly Routes[]): void } {
  const pages = new Map<Routes, BytePipe>()
  const holders = new Map<number, BytePipe>()
  let onMessage: (message: FromPage) => void = () => undefined
  let onThere: () => void = () => undefined

  function drop(page: BytePipe) {
    for (const [routes, one] of pages) if (one === page) pages.delete(routes)
    page.close()
    for (const [link, holder] of holders) {
      if (holder !== page) continue
      holders.delete(link)
      onMessage({ kind: 'closed', link, why: 'page' })
    }
  }

  return {
    isThere: (routes) => pages.has(routes),
    send(message, routes = 'default') {
      const page = holders.get(message.link) ?? (message.kind === 'open' ? pages.get(routes) : undefined)
      if (page === undefined) return
      if (message.kind === 'close') holders.delete(message.link)
      else holders.set(message.link, page)
      page.send(writeToPage(message))
    },
    onMessage: (listener) => void (onMessage = listener),
    onThere: (listener) => void (onThere = listener),
    attach(page, serves) {
      for (const routes of serves) {
        const before = pages.get(routes)
        if (before !== undefined) drop(before)
      }
      for (const routes of serves) pages.set(routes, page)
      page.onBytes((bytes) => {
        const message = readFromPage(bytes)
        if (message === undefined) return drop(page)
        // A page speaks for its own links only.
        if (holders.get(message.link) !== page) return
        if (message.kind === 'closed') holders.delete(message.link)
        onMessage(message)
      })
      page.onClose(() => drop(page))
      onThere()
    },
    close() {
      for (const page of new Set(pages.values())) page.close()
      pages.clear()
      holders.clear()
    },
  }
}
