import { type Locator, type Page } from '@playwright/test'

/** Yourself, and everyone you know. */
export function buddyList(page: Page) {
  const region = page.getByRole('region', { name: 'Buddies' })
  return {
    region,
    connection: region.getByRole('status', { name: 'Connection' }),
    /** The row of a buddy, whatever the presence. */
    row: (name: string): Locator => region.getByRole('listitem', { name: new RegExp(`^${RegExp.escape(name)}(,|$)`) }),
    goOnline: () => region.getByRole('button', { name: 'Go online' }).click(),
    signOff: () => region.getByRole('button', { name: 'Sign off' }).click(),
    invite: () => region.getByRole('button', { name: 'Invite' }).click(),
    addBuddy: () => region.getByRole('button', { name: 'Add buddy' }).click(),
  }
}
