import { expect, type Locator, type Page } from '@playwright/test'

/** What is shared, and what buddies share. */
export function sharing(page: Page) {
  const region = page.getByRole('region', { name: 'Sharing' })
  const dialog = page.getByRole('dialog')
  const share = (name: string): Locator => region.getByRole('article', { name })
  const show = async () => {
    if (!(await region.isVisible())) await page.getByRole('region', { name: 'Buddies' }).getByRole('button', { name: /^Sharing/ }).click()
    await expect(region).toBeVisible()
  }
  return {
    region,
    show,
    share,
    shares: region.getByRole('article'),
    /** Opens the sheet: by the host's dialog, or with the path where it has none. */
    async picks(path: string) {
      await show()
      await region.getByRole('button', { name: 'Share a folder' }).click()
      const sheet = page.getByRole('dialog', { name: /^Share “/ })
      const field = dialog.getByRole('textbox', { name: 'Folder' })
      await expect(sheet.or(field)).toBeVisible()
      if (!(await field.isVisible())) return
      await field.fill(path)
      await dialog.getByRole('button', { name: 'Next' }).click()
    },
    /** A refusal of the folder, in words. */
    refusal: dialog.getByRole('alert'),
    /** `daily`: the limit of a day, in GB as a person types it. */
    async sharesWith(names: readonly string[], { until, daily }: { until?: '1 day' | '7 days' | '30 days'; daily?: string } = {}) {
      const sheet = page.getByRole('dialog', { name: /^Share “/ })
      if (daily !== undefined) {
        await sheet.getByText('More', { exact: true }).click()
        await sheet.getByRole('textbox', { name: 'Daily limit, GB' }).fill(daily)
      }
      for (const name of names) await sheet.getByRole('checkbox', { name, exact: true }).check()
      if (until !== undefined) await sheet.getByRole('radio', { name: until, exact: true }).check()
      await sheet.getByRole('button', { name: /^Share with/ }).click()
      await expect(sheet).toBeHidden()
    },
    stops: (name: string) => share(name).getByRole('button', { name: 'Stop sharing' }).click(),
    sharesAgain: (name: string) => share(name).getByRole('button', { name: 'Share again' }).click(),
    async viewsAs(name: string) {
      await show()
      await region.getByRole('button', { name: 'View as…' }).click()
      await page.getByRole('menuitem', { name, exact: true }).click()
      return tree(page, `As ${name} sees it`)
    },
  }
}

/** What a buddy shares; `open` brings the chat on screen. */
export function sharesOf(page: Page, name: string, open: () => Promise<void>) {
  const region = page.getByRole('region', { name: `Shared by ${name}` })
  const found = region.getByRole('list', { name: 'Found' }).getByRole('listitem')
  return {
    region,
    ...tree(page, `Shared by ${name}`),
    async browses() {
      await open()
      await page.getByRole('region', { name: `Chat with ${name}` }).getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Browse shared folders' }).click()
      await expect(region).toBeVisible()
    },
    found,
    async searches(text: string) {
      await region.getByRole('searchbox', { name: 'Search shares' }).fill(text)
      await region.getByRole('button', { name: 'Search shares' }).click()
    },
    fetchesFound: (file: string) => found.filter({ has: page.getByText(file, { exact: true }) }).getByRole('button', { name: 'Fetch' }).click(),
  }
}

function tree(page: Page, name: string) {
  const place = page.getByRole('tree', { name })
  const item = (file: string): Locator => place.getByRole('treeitem', { name: new RegExp(`^${RegExp.escape(file)}(, |$)`) })
  return {
    tree: place,
    items: place.getByRole('treeitem'),
    item,
    /** Opens folders one below the other. */
    async opens(...path: readonly string[]) {
      for (const folder of path) {
        const row = item(folder)
        await row.focus()
        if ((await row.getAttribute('aria-expanded')) === 'false') await row.press('ArrowRight')
        await expect(row).toHaveAttribute('aria-expanded', 'true')
      }
    },
    fetches: (file: string) => item(file).getByRole('button', { name: 'Fetch' }).click(),
  }
}
