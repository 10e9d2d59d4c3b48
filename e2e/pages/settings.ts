import { expect, type Page } from '@playwright/test'

/** Each takes effect at once. */
export function settings(page: Page) {
  const region = page.getByRole('region', { name: 'Settings' })
  return {
    region,
    blocked: region.getByRole('list', { name: 'Blocked' }),
    async switches(label: string | RegExp, on: boolean) {
      const box = region.getByRole('checkbox', { name: label })
      // The screen follows the core's answer, so it is not checked by the click itself.
      if ((await box.isChecked()) !== on) await box.click()
      await expect(box).toBeChecked({ checked: on })
    },
    async renames(name: string) {
      await region.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
      await region.getByRole('button', { name: 'Save' }).click()
      await expect(region.getByRole('button', { name: 'Save' })).toBeHidden()
    },
    showsWords: () => region.getByRole('button', { name: 'Show my 24 words' }).click(),
    lets: (who: string) => region.getByRole('radiogroup', { name: 'Who may send me requests' }).getByRole('radio', { name: who }).click(),
  }
}
