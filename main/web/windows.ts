import type { Windows } from '../ports.ts'

interface Deps {
  /** A one-time address of this path and query. */
  address(query: string): string
  /** Tells whoever started this host and holds its browser, if anybody does. */
  focus(): void
  quit(): void
}

/** A browser's windows are opened by its pages, so a pop-out is an address. */
export function webWindows({ address, focus, quit }: Deps): Windows {
  return { popOut: (ik) => address(`?chat=${encodeURIComponent(ik)}`), focus, openLinkPage: () => undefined, quit }
}
