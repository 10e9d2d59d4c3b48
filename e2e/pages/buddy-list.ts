import { type Locator, type Page } from '@playwright/test'

/** Yourself, and everyone you know. */
export function buddyList(page: Page) {
  const region = page.getByRole('region', { name: 'Buddies' })
  return {
    region,
    connection: region.getByRole('status', { name: 'Connection' }),
    status: region.getByRole('combobox', { name: /^Status/ }),
    search: region.getByRole('searchbox', { name: 'Search' }),
    /** The row of a buddy, whatever the presence. */
    row: (name: string): Locator => region.getByRole('listitem', { name: new RegExp(`^${RegExp.escape(name)}(,|$)`) }),
    rows: region.getByRole('list', { name: 'Buddies' }).getByRole('listitem'),
    /** What was said last, as it stands in the row. */
    lastLine: (name: string): Promise<string> =>
      region.getByRole('listitem', { name: new RegExp(`^${RegExp.escape(name)}(,|$)`) }).getByRole('button')
        .evaluate((row) => row.ownerDocument.getElementById(row.getAttribute('aria-describedby') ?? '')?.textContent ?? ''),
    requests: region.getByRole('button', { name: /^Requests, / }),
    /** "Undo", while the last act can be taken back. */
    undo: page.getByRole('button', { name: 'Undo' }),
    goOnline: () => region.getByRole('button', { name: 'Go online' }).click(),
    signOff: () => region.getByRole('button', { name: 'Sign off' }).click(),
    invite: () => region.getByRole('button', { name: 'Invite' }).click(),
    addBuddy: () => region.getByRole('button', { name: 'Add buddy' }).click(),
    settings: () => region.getByRole('button', { name: 'Settings' }).click(),
    async setsStatus(text: string) {
      await region.getByRole('combobox', { name: /^Status/ }).click()
      const dialog = page.getByRole('dialog', { name: 'Status' })
      await dialog.getByRole('textbox', { name: 'Status text' }).fill(text)
      await dialog.getByRole('button', { name: 'Save' }).click()
      await dialog.waitFor({ state: 'hidden' })
    },
    async appears(presence: 'Online' | 'Away' | 'Busy') {
      await region.getByRole('combobox', { name: /^Status/ }).click()
      await page.getByRole('dialog', { name: 'Status' }).getByRole('option', { name: presence }).click()
    },
  }
}
