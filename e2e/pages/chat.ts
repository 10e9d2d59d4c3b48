import { expect, type Locator, type Page } from '@playwright/test'
import { apostrophe, type Connect, type Keep } from './invite.ts'

/** One conversation; `open` brings it on screen where it isn't. */
export function chat(page: Page, name: string, open: () => Promise<void>) {
  const region = page.getByRole('region', { name: `Chat with ${name}` })
  const messages = region.getByRole('log', { name: 'Messages' }).getByRole('article')
  const show = async () => {
    if (!(await region.isVisible())) await open()
    await expect(region).toBeVisible()
  }
  return {
    region,
    show,
    messages,
    /** An article named `SENDER, TIME, STATE` and described by its text: `toHaveAccessibleDescription('see you at six')`. */
    lastMessage: messages.last(),
    /** The article with this text. */
    message: (text: string): Locator => messages.filter({ has: page.getByText(text, { exact: true }) }),
    connection: region.getByRole('status', { name: /^Connection/ }),
    logging: region.getByRole('status', { name: /^Logging/ }),
    composer: region.getByRole('textbox', { name: 'Message' }),
    keepQuestion: region.getByRole('radiogroup', { name: 'Keep this conversation' }),
    /** Everything that stands in the log, messages and lines. */
    log: region.getByRole('log', { name: 'Messages' }),
    line: (text: string | RegExp): Locator => region.getByRole('log', { name: 'Messages' }).getByText(text),
    /** The texts in their order; a window tall enough shows them all. */
    texts: (): Promise<string[]> => messages.evaluateAll((all) => all.map((one) => one.ownerDocument.getElementById(one.getAttribute('aria-describedby') ?? '')?.textContent ?? '')),
    menu: async (item: string | RegExp) => {
      await show()
      await region.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: item }).click()
    },
    /** Your half of the strip. */
    async changesKeep(keep: Keep) {
      await show()
      await region.getByRole('status', { name: /^Logging/ }).getByRole('button').click()
      await page.getByRole('menuitemradio', { name: new RegExp(`^${apostrophe(keep)}`) }).click()
    },
    async says(text: string) {
      await show()
      await region.getByRole('textbox', { name: 'Message' }).fill(text)
      await region.getByRole('button', { name: 'Send' }).click()
    },
    /** The question above the composer, for who invited; it goes with the answer. */
    async keeps(keep: Keep) {
      await show()
      const question = region.getByRole('radiogroup', { name: 'Keep this conversation' })
      await question.getByRole('radio', { name: new RegExp(`^${apostrophe(keep)}`) }).click()
      await expect(question).toBeHidden()
    },
    /** In the profile, behind the three dots. */
    async connects(how: Connect) {
      await show()
      await region.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Profile' }).click()
      const profile = page.getByRole('region', { name: `Profile of ${name}` })
      const choice = profile.getByRole('radiogroup', { name: 'How you connect' }).getByRole('radio', { name: new RegExp(`^${how}`) })
      // The screen follows the core's answer, so it is not checked by the click itself.
      await choice.click()
      await expect(choice).toBeChecked()
      await profile.getByRole('button', { name: 'Back' }).click()
      await expect(region).toBeVisible()
    },
  }
}

export type Chat = ReturnType<typeof chat>
