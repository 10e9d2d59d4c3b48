import { expect, type Page } from '@playwright/test'

export interface Identity {
  name: string
  handle: string
  /** `this-computer`, or the server as it is typed. */
  where: string
  /** Where the server asks for one. */
  code?: string
}

/** The first start, up to the buddy list. */
export const welcome = (page: Page) => ({
  async createIdentity({ name, handle, where, code }: Identity) {
    await expect(page.getByRole('heading', { name: 'Welcome to Parley' })).toBeVisible()
    await page.getByRole('button', { name: 'Create identity' }).click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
    await page.getByRole('textbox', { name: 'Handle' }).fill(handle)
    await page.getByRole('button', { name: 'Next' }).click()
    const places = page.getByRole('radiogroup', { name: 'Where can buddies find you?' })
    const words = page.getByRole('heading', { name: 'Write down these 24 words' })
    if (where === 'this-computer') {
      await places.getByRole('radio', { name: 'This computer' }).check()
    } else {
      await places.getByRole('radio', { name: 'A server' }).check()
      await page.getByRole('textbox', { name: 'Server' }).fill(where)
    }
    await page.getByRole('button', { name: 'Next' }).click()
    if (code !== undefined) {
      const field = page.getByRole('textbox', { name: 'Invite code' })
      await expect(field.or(words)).toBeVisible()
      if (await field.isVisible()) {
        await field.fill(code)
        await page.getByRole('button', { name: 'Next' }).click()
      }
    }
    await expect(words).toBeVisible()
    await page.getByRole('button', { name: 'Later' }).click()
  },
})
