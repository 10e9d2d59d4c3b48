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
export function welcome(page: Page) {
  const places = page.getByRole('radiogroup', { name: 'Where can buddies find you?' })
  const self = {
    heading: page.getByRole('heading', { name: 'Welcome to Parley' }),
    name: page.getByRole('textbox', { name: 'Name', exact: true }),
    handle: page.getByRole('textbox', { name: 'Handle' }),
    places,
    server: page.getByRole('textbox', { name: 'Server' }),
    code: page.getByRole('textbox', { name: 'Invite code' }),
    next: () => page.getByRole('button', { name: 'Next' }).click(),
    words: words(page),

    async names(name: string, handle: string) {
      await page.getByRole('button', { name: 'Create identity' }).click()
      await self.name.fill(name)
      await self.handle.fill(handle)
      await self.next()
    },
    async picks(where: string) {
      if (where === 'this-computer') return places.getByRole('radio', { name: 'This computer' }).check()
      await places.getByRole('radio', { name: 'A server' }).check()
      await self.server.fill(where)
    },
    /** Up to the 24 words. */
    async getsWords({ name, handle, where, code }: Identity) {
      await expect(self.heading).toBeVisible()
      await self.names(name, handle)
      await self.picks(where)
      await self.next()
      if (code !== undefined) {
        await expect(self.code.or(self.words.heading)).toBeVisible()
        if (await self.code.isVisible()) {
          await self.code.fill(code)
          await self.next()
        }
      }
      await expect(self.words.heading).toBeVisible()
    },
    async createIdentity(identity: Identity) {
      await self.getsWords(identity)
      await page.getByRole('button', { name: 'Later' }).click()
    },
    /** *I've used Parley before*, up to "You're back". */
    async comesBack({ words: phrase, name, handle, where }: { words: string[]; name: string; handle: string; where: string }) {
      await page.getByRole('button', { name: 'I\'ve used Parley before' }).click()
      await page.getByRole('button', { name: 'Use my 24 words' }).click()
      await page.getByRole('textbox', { name: 'Your 24 words' }).fill(phrase.join(' '))
      await expect(page.getByText('24 of 24')).toBeVisible()
      await self.next()
      await self.name.fill(name)
      await self.handle.fill(handle)
      await self.picks(where)
      await page.getByRole('button', { name: 'Bring me back' }).click()
    },
  }
  return self
}

/** The 24 words and their check, at the first start and from Settings. */
export const words = (page: Page) => ({
  heading: page.getByRole('heading', { name: 'Write down these 24 words' }),
  /** Read from the screen, in their order. */
  async read(): Promise<string[]> {
    const items = page.getByRole('list', { name: 'Your 24 words' }).getByRole('listitem')
    await expect(items).toHaveCount(24)
    return (await items.allInnerTexts()).map((text) => text.replace(/\d/g, '').trim())
  },
  wrote: () => page.getByRole('button', { name: 'I\'ve written them down' }).click(),
  /** The fields of the three words that are asked for, with their numbers. */
  async asked() {
    const fields = page.getByRole('textbox', { name: /^Word \d+$/ })
    await expect(fields).toHaveCount(3)
    const labels = await page.getByText(/^Word \d+$/).allInnerTexts()
    return labels.map((label) => ({ number: Number(label.replace('Word ', '')), field: page.getByRole('textbox', { name: label, exact: true }) }))
  },
})
