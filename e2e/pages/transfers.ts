import { expect, type Locator, type Page } from '@playwright/test'

const starts = (name: string) => new RegExp(`^${RegExp.escape(name)}, `)

/** The page *Transfers*: what asks, moves, arrived and is over. */
export function transfers(page: Page) {
  const region = page.getByRole('region', { name: 'Transfers' })
  const dialog = page.getByRole('dialog')
  const item = (file: string): Locator => region.getByRole('listitem', { name: starts(file) })
  const press = (file: string, button: string) => item(file).getByRole('button', { name: button, exact: true }).click()
  const show = async () => {
    if (!(await region.isVisible())) await page.getByRole('region', { name: 'Buddies' }).getByRole('button', { name: /^Transfers/ }).click()
    await expect(region).toBeVisible()
  }
  const choose = async (file: string, what: string | RegExp) => {
    await press(file, 'File menu')
    await page.getByRole('menuitem', { name: what }).click()
  }
  return {
    region,
    show,
    items: region.getByRole('listitem'),
    /** Named `FILE, STATE`. */
    item,
    /** As in `transfers.is('plan.pdf', 'No known threat')`. */
    is: (file: string, state: string | RegExp) => expect(item(file)).toHaveAccessibleName(typeof state === 'string' ? `${file}, ${state}` : state),
    progress: (file: string): Locator => item(file).getByRole('progressbar'),
    accepts: (file: string) => press(file, 'Accept'),
    rejects: (file: string) => press(file, 'Reject'),
    pauses: (file: string) => press(file, 'Pause'),
    resumes: (file: string) => press(file, 'Resume'),
    cancels: (file: string) => press(file, 'Cancel'),
    opens: (file: string) => press(file, 'Open'),
    /** *Open…*, and the second step. */
    async opensAnyway(file: string) {
      const anyway = dialog.getByRole('button', { name: 'Open anyway' })
      // Rows change places as others arrive; a press that met one on its way is made again.
      await expect(async () => {
        if (!(await anyway.isVisible())) await press(file, 'Open…')
        await expect(anyway).toBeVisible({ timeout: 3_000 })
      }).toPass()
      await anyway.click()
      await expect(dialog).toBeHidden()
    },
    showsInFolder: (file: string) => press(file, 'Show in folder'),
    /** *Save as…*, as a button or behind the three dots, and the second step where there is one. */
    async saves(file: string) {
      const button = item(file).getByRole('button', { name: 'Save as…' })
      if (await button.isVisible()) await button.click()
      else await choose(file, 'Save as…')
      const second = dialog.getByRole('button', { name: 'Save as…' })
      if (await second.isVisible()) await second.click()
    },
    tells: (file: string, name: string) => press(file, `Tell ${name}`),
    async deletes(file: string) {
      const button = item(file).getByRole('button', { name: 'Delete' })
      if (await button.isVisible()) await button.click()
      else await choose(file, 'Delete')
      await expect(item(file)).toBeHidden()
    },
    asksAgain: (file: string) => press(file, 'Ask again'),
    offersAgain: (file: string) => press(file, 'Offer again'),
    pausesAll: () => region.getByRole('button', { name: 'Pause all' }).click(),
    clears: () => region.getByRole('button', { name: 'Clear finished' }).click(),
    /** From an offer's menu: these kinds, as large as the dialog offers. */
    async alwaysAccepts(file: string, kinds: readonly string[]) {
      await choose(file, /^Always accept from/)
      for (const kind of kinds) await dialog.getByRole('checkbox', { name: kind, exact: true }).check()
      await dialog.getByRole('button', { name: 'Always accept' }).click()
      await expect(dialog).toBeHidden()
    },
  }
}

/** Files in one chat: beside the draft, and among the messages. `region` is that of the chat. */
export function chatFiles(page: Page, region: Locator) {
  const chips = region.getByRole('list', { name: 'To be sent' }).getByRole('listitem')
  const card = (file: string): Locator => region.getByRole('article').filter({ has: page.getByText(file, { exact: true }) })
  return {
    chips,
    /** The article with this file. */
    card,
    picture: (file: string): Locator => region.getByRole('img', { name: file }),
    /** With the browser's own dialog, where the host has none. */
    async attaches(what: 'Files…' | 'Folder…', paths: string | string[]) {
      const chooser = page.waitForEvent('filechooser')
      await region.getByRole('button', { name: 'Attach' }).click()
      await page.getByRole('menuitem', { name: what }).click()
      await (await chooser).setFiles(paths)
    },
    /** Where the host answers its dialog by itself. */
    async attachesPicked(what: 'Files…' | 'Folder…') {
      await region.getByRole('button', { name: 'Attach' }).click()
      await page.getByRole('menuitem', { name: what }).click()
    },
    takesBack: (file: string) => region.getByRole('button', { name: `Remove ${file}` }).click(),
    press: (file: string, button: string) => card(file).getByRole('button', { name: button, exact: true }).click(),
  }
}
