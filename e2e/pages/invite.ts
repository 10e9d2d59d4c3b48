import { expect, type Page } from '@playwright/test'

export type Keep = 'Keep' | 'Until I sign off' | 'Don’t keep'
export type Connect = 'Through the server' | 'Relayed' | 'Direct'
export interface Answers { keep: Keep; connect: Connect }

/** The page with one link for one person. */
export const invitePage = (page: Page) => ({
  region: page.getByRole('region', { name: 'Invite', exact: true }),
  async link(): Promise<string> {
    const field = page.getByRole('textbox', { name: 'Invite link' })
    await expect(field).toHaveValue(/^parley:/)
    return field.inputValue()
  },
})

/** *Add buddy*: a link, or an address with a request. */
export const addBuddyPage = (page: Page) => ({
  openInvites: page.getByRole('list', { name: 'Open invites' }).getByRole('listitem'),
  async openLink(link: string) {
    await page.getByRole('textbox', { name: 'Invite or address' }).fill(link)
  },
  async sendRequest(address: string, text: string, answers: Answers) {
    await page.getByRole('textbox', { name: 'Invite or address' }).fill(address)
    await page.getByRole('textbox', { name: 'Request' }).fill(text)
    await answer(page, answers)
    await page.getByRole('button', { name: 'Send request' }).click()
  },
})

/** The question "Add Ada?". */
export const addQuestion = (page: Page) => ({
  async add(name: string, answers: Answers) {
    const dialog = page.getByRole('dialog', { name: `Add ${name}?` })
    await answer(dialog, answers)
    await dialog.getByRole('button', { name: 'Add' }).click()
    await expect(dialog).toBeHidden()
  },
})

/** The two groups that stand wherever somebody becomes a buddy. */
export async function answer(place: Pick<Page, 'getByRole'>, { keep, connect }: Answers) {
  await place.getByRole('radiogroup', { name: 'Keep this conversation' }).getByRole('radio', { name: new RegExp(`^${apostrophe(keep)}`) }).check()
  await place.getByRole('radiogroup', { name: 'How you connect' }).getByRole('radio', { name: new RegExp(`^${connect}`) }).check()
}

/** Either apostrophe: straight as typed, or curly as set. */
export const apostrophe = (text: string): string => text.replace(/[’']/, '[’\']')
