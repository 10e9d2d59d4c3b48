import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from '../fixtures.ts'
import { addBuddyPage } from '../pages/invite.ts'
import { welcome } from '../pages/welcome.ts'

/** `PARLEY_SHOTS=dir` keeps a picture of each window, for people to look at. */
const SHOTS = process.env['PARLEY_SHOTS']
const byServer = { keep: 'Keep', connect: 'Through the server' } as const
const WIDE = { width: 1280, height: 800 }
const LOOKS = [
  { name: 'wide light', ...WIDE, colorScheme: 'light' },
  { name: 'wide dark', ...WIDE, colorScheme: 'dark' },
  { name: 'narrow light', width: 390, height: 760, colorScheme: 'light' },
  { name: 'narrow dark', width: 390, height: 760, colorScheme: 'dark' },
  { name: '320', width: 320, height: 640, colorScheme: 'light' },
] as const

test('AC1: Welcome in every look', async ({ ada, server }) => {
  test.setTimeout(120_000)
  const { where, code } = await server.place()
  const page = await ada.page()
  const { heading, names, picks, next, code: codeField, words } = welcome(page)
  const back = () => page.getByRole('button', { name: 'Back' }).click()
  const faults = new Faults(page)
  await expect(heading).toBeVisible()
  await faults.look('welcome')
  await faults.tab('welcome')
  await page.getByRole('button', { name: 'Open invite' }).click()
  await page.getByRole('textbox', { name: 'Invite link' }).fill('parley://i#x')
  await next()
  await expect(page.getByRole('alert')).toBeVisible()
  await faults.look('welcome open invite')
  await back()
  await page.getByRole('button', { name: 'I\'ve used Parley before' }).click()
  await page.getByRole('button', { name: 'Use my 24 words' }).click()
  await page.getByRole('textbox', { name: 'Your 24 words' }).fill('abandon orbti ab')
  await expect(page.getByText('Did you mean')).toBeVisible()
  await faults.look('welcome words come back')
  await back()
  await back()
  await names('Ada', 'a')
  await faults.look('welcome name')
  await page.getByRole('textbox', { name: 'Handle' }).fill('ada')
  await next()
  await picks(where)
  await next()
  await expect(codeField).toBeVisible()
  await faults.look('welcome where')
  await codeField.fill(code)
  await next()
  await words.read()
  await faults.look('welcome words')
  await words.wrote()
  const [first] = await words.asked()
  await first!.field.fill('wrong')
  await next()
  await expect(page.getByText('That isn\'t word')).toBeVisible()
  await faults.look('welcome check')
  await faults.tab('welcome check')
  faults.none()
})

test('AC1: list, pages and questions about people in every look', async ({ ada, ben }) => {
  test.setTimeout(120_000)
  await ada.createIdentity()
  const { window: page } = ada
  const faults = new Faults(page)
  await faults.look('list not online')
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await expect(page.getByRole('textbox', { name: 'Invite link' })).toHaveValue(/^parley/)
  await faults.look('invite')
  await ada.list.addBuddy()
  await faults.look('add buddy')
  await page.getByRole('textbox', { name: 'Invite or address' }).fill('dora@example.org')
  await page.getByRole('button', { name: 'Send request' }).click()
  await expect(page.getByText('Choose what you keep.')).toBeVisible()
  await faults.look('add buddy by address')
  await faults.tab('add buddy by address')
  await addBuddyPage(page).openLink(await ben.invites())
  await expect(page.getByRole('dialog', { name: 'Add Ben?' })).toBeVisible()
  await faults.look('add by invite')
  await page.keyboard.press('Escape')

  await ben.asks(await ada.address(), 'It is Ben, from the choir: https://choir.example/a/very/long/address/that/has/no/space/in/it/at/all', byServer)
  await ada.list.requests.click()
  await ada.requests.from('Ben').curtain.click()
  await faults.look('requests')
  await ada.requests.from('Ben').accept()
  await ada.requests.from('Ben').question.getByRole('button', { name: 'Accept' }).click()
  await faults.look('accept')
  await faults.tab('accept')
  await page.keyboard.press('Escape')
  await ada.requests.from('Ben').block()
  await expect(ada.list.undo).toBeVisible()
  await faults.look('blocked with undo')
  await ada.opensSettings()
  await faults.look('settings')
  await faults.tab('settings')
  await ada.settings.showsWords()
  await faults.look('words page')
  faults.none()
})

test('AC1: a chat, a profile and their questions in every look', async ({ ada, ben }) => {
  test.setTimeout(120_000)
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await (await ben.opensSettings()).renames('Bénédicte Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh')
  await ben.list.setsStatus('At the harbour, waiting for the boat that was to come at six, then at seven, then at eight')
  const name = 'Bénédicte Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh'
  await ben.addsByInvite('Ada', await ada.invites(), byServer)
  await expect(ada.list.row(name)).toBeVisible()
  const { window: page } = ada
  const [chat, bens] = [ada.chatWith(name), ben.chatWith('Ada')]
  const faults = new Faults(page)
  await expect(ada.list.row(name)).toContainText('At the harbour, waiting')
  await chat.show()
  await faults.look('chat keep first')
  await chat.keeps('Keep')
  await chat.says('see you at six')
  await bens.says(`${'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(4)} https://example.org/${'a'.repeat(120)}`)
  await bens.says('one\ntwo\nthree')
  await expect(bens.lastMessage).toHaveAccessibleName(/, Arrived$/)
  await expect(chat.lastMessage).toHaveAccessibleName(/^Bénédicte/)
  await ben.signOff()
  await chat.says('and this one waits')
  await expect(chat.lastMessage).toHaveAccessibleName(/, Sent$/)
  await faults.look('chat')
  await faults.tab('chat')
  await chat.region.getByRole('link').click()
  await faults.look('open link')
  await page.keyboard.press('Escape')
  for (const [item, what] of [['Compare numbers', 'numbers'], ['Remove…', 'remove'], ['Profile', 'profile']] as const) {
    await chat.menu(item)
    await faults.look(what)
    if (what === 'profile') await faults.tab(what)
    await page.keyboard.press('Escape')
  }
  await chat.changesKeep('Don’t keep')
  await faults.look('keep nothing')
  await page.keyboard.press('Escape')
  await chat.region.getByRole('button', { name: 'More' }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  await faults.look('menu')
  await page.keyboard.press('Escape')
  await ada.list.status.click()
  await faults.look('status', ['wide light', 'wide dark'])
  await page.keyboard.press('Escape')
  await ada.signOff()
  await chat.show()
  await faults.look('chat signed off')
  faults.none()
})

/** Gathers what is wrong in each look, so that one run tells all of it. */
class Faults {
  #page: Page
  #found: string[] = []
  constructor(page: Page) {
    this.#page = page
  }

  /** What axe finds, and what is wider than the window: also at 200 % zoom and with letters twice as large. */
  async look(window: string, only?: string[]) {
    const page = this.#page
    for (const { name, width, height, colorScheme } of LOOKS) {
      if (only !== undefined && !only.includes(name)) continue
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await this.#isNotWider(`${window}, ${name}`)
      if (SHOTS !== undefined) {
        mkdirSync(SHOTS, { recursive: true })
        await page.screenshot({ path: join(SHOTS, `${window} - ${name}.png`.replaceAll(' ', '-')) })
      }
      if (name === '320') continue
      // What stands where is the same in the dark: only the colours are another matter.
      const axe = new AxeBuilder({ page })
      const { violations } = await (colorScheme === 'dark' ? axe.withRules('color-contrast') : axe).analyze()
      for (const { id, help, nodes } of violations) {
        this.#found.push(`${window}, ${name}: ${id}: ${help}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any.map(({ message }) => message).join(' ')}`).join(' | ')}`)
      }
    }
    if (only === undefined) {
      await page.setViewportSize({ width: WIDE.width / 2, height: WIDE.height / 2 })
      await this.#isNotWider(`${window}, 200 %`)
      await page.evaluate('document.documentElement.style.fontSize = "200%"')
      await this.#isNotWider(`${window}, large letters`)
      await page.evaluate('document.documentElement.style.fontSize = ""')
    }
    await page.setViewportSize(WIDE)
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  }

  async #isNotWider(where: string) {
    const wider = await this.#page.evaluate(() => {
      const { document, innerWidth } = globalThis as unknown as {
        innerWidth: number
        document: { documentElement: { scrollWidth: number }; querySelectorAll(of: string): Iterable<Box> }
      }
      interface Box { className: unknown; tagName: string; clientWidth: number; scrollWidth: number; getBoundingClientRect(): { left: number; right: number; width: number } }
      const found = document.documentElement.scrollWidth > innerWidth ? [`the window by ${document.documentElement.scrollWidth - innerWidth}`] : []
      // A button that is cut off cannot be pressed.
      for (const box of document.querySelectorAll('button, input, textarea, [role=link]')) {
        const { left, right, width } = box.getBoundingClientRect()
        const hidden = width <= 1
        if (!hidden && (right > innerWidth + 1 || left < -1)) found.push(`${box.tagName} ${String((box as { ariaLabel?: unknown }).ariaLabel ?? (box as { textContent?: unknown }).textContent).slice(0, 30)} ${Math.round(left)}–${Math.round(right)} of ${innerWidth}`)
      }
      return found
    })
    if (wider.length > 0) this.#found.push(`${where}: wider: ${wider.join(', ')}`)
  }

  /** Tab reaches everything in turn, and each stop is seen. */
  async tab(window: string) {
    const page = this.#page
    const seen = new Set<string>()
    for (let stop = 0; stop < 40; stop++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate(() => {
        interface Style { outlineStyle: string; outlineWidth: string; boxShadow: string; borderColor: string }
        interface Element { outerHTML: string; tagName: string; parentElement: Element | null }
        const { document, getComputedStyle } = globalThis as unknown as { document: { activeElement: Element; body: Element }; getComputedStyle(of: Element): Style }
        const element = document.activeElement
        if (element === document.body) return undefined
        // A field may leave it to the frame around it.
        const isSeen = [element, element.parentElement, element.parentElement?.parentElement].some((one) => {
          if (one === null || one === undefined) return false
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
          return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
        })
        return { html: element.outerHTML.slice(0, 200), isSeen }
      })
      // After the last comes the browser itself, then the first.
      if (at === undefined && seen.size === 0) continue
      if (at === undefined || seen.has(at.html)) break
      seen.add(at.html)
      if (!at.isSeen) this.#found.push(`${window}: the focus is not seen on ${at.html}`)
    }
    if (seen.size < 3) this.#found.push(`${window}: Tab reaches only ${[...seen].join(', ')}`)
  }

  none() {
    expect(this.#found).toEqual([])
  }
}
