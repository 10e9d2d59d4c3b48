import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '../fixtures.ts'

test('the first start opens on Welcome, with nothing forbidden by the policy and nothing that assistive technology trips over', async ({ ada }) => {
  const page = await ada.page()
  await expect(page.getByRole('heading', { name: 'Welcome to Parley' })).toBeVisible()
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
})
