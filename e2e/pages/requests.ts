import { type Page } from '@playwright/test'

/** Strangers who wait. */
export function requests(page: Page) {
  const region = page.getByRole('region', { name: 'Requests' })
  return {
    region,
    from(name: string) {
      const item = region.getByRole('listitem', { name: new RegExp(`^${RegExp.escape(name)},`) })
      return {
        item,
        curtain: item.getByRole('button', { name: /^(Show|Hide) message$/ }),
        accept: () => item.getByRole('button', { name: 'Accept' }).click(),
        decline: () => item.getByRole('button', { name: 'Decline' }).click(),
        block: () => item.getByRole('button', { name: 'Block' }).click(),
        /** The question after *Accept*. */
        question: page.getByRole('dialog', { name: `Accept ${name}?` }),
      }
    },
  }
}
