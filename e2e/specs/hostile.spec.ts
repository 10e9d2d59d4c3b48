import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from '../fixtures.ts'
import { hostile, hostileTexts } from '../hostile.ts'
import { addBuddyPage, invitePage } from '../pages/invite.ts'

const direct = { keep: 'Keep', connect: 'Direct' } as const
const byServer = { keep: 'Keep', connect: 'Through the server' } as const
const names = hostile.filter((text) => [...text].length <= 64)
/** Shorter texts together, so that each sink sees all of them in few steps. */
const upTo = (length: number) => hostile.reduce<string[]>((lines, text) => {
  const last = lines.at(-1)
  if (last !== undefined && last.length + text.length + 1 <= length) lines[lines.length - 1] = `${last} ${text}`
  else if (text.length <= length) lines.push(text)
  return lines
}, [])

/** What a text became beyond text: elements that are not of the app, handlers, and whether anything ran. Violations and requests are seen by the host. */
const grown = (page: Page) => page.evaluate(() => {
  const { document } = globalThis as unknown as { document: { querySelectorAll(of: string): Iterable<{ outerHTML: string; attributes: Iterable<{ name: string }> }> } }
  const strange = 'img, script:not([src^="./"]), object, embed, video, audio, style, base, meta[http-equiv], marquee, template, math, iframe:not([src="link/link.html"]), [data-pwned]'
  const found = [...document.querySelectorAll(strange)]
  const handled = [...document.querySelectorAll('*')].filter(({ attributes }) => [...attributes].some(({ name }) => name.startsWith('on')))
  return [...found, ...handled].map(({ outerHTML }) => outerHTML.slice(0, 120)).concat('pwned' in globalThis ? ['it ran'] : [])
})

const OFTEN = { intervals: [20, 50, 100, 250] }
const squeezed = (text: string) => text.replace(/[ \t\n\f\r]+/g, ' ').trim()
const isBeginning = (shown: string, text: string) => shown !== '' && squeezed(text).startsWith(squeezed(shown).replace(/…$/, ''))
const sideways = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth')

test('sixty hostile messages are text: in the chat, in the list, as a draft and in the search', async ({ ada, ben }) => {
  test.setTimeout(300_000)
  await ada.befriends(ben, direct)
  const [says, hears] = [ada.chatWith('Ben'), ben.chatWith('Ada')]
  await hears.show()
  for (const text of [...hostile, ...hostileTexts]) {
    await says.composer.fill(text)
    await says.composer.press('Enter')
    await expect(says.composer).toHaveValue('')
    await expect.poll(async () => (await hears.texts()).at(-1)?.replace(/Show all$/, ''), OFTEN).toBe(text)
    // The row shows its beginning, on one line.
    await expect.poll(async () => isBeginning(await ben.list.lastLine('Ada'), text), OFTEN).toBe(true)
    expect(await grown(ben.window)).toEqual([])
  }
  expect(await grown(ada.window)).toEqual([])
  expect(await sideways(ben.window)).toBeLessThanOrEqual(0)

  await test.step('as drafts, which come back', async () => {
    const all = hostile.join('\n')
    await hears.composer.fill(all)
    await ben.opensSettings()
    await ben.window.reload()
    await ben.chatWith('Ada').show()
    await expect(ben.chatWith('Ada').composer).toHaveValue(all)
    expect(await grown(ben.window)).toEqual([])
  })
  await test.step('as what is searched for', async () => {
    for (const text of names) await ben.list.search.fill(text)
    await expect(ben.list.region.getByText('Nobody by that name or address.')).toBeVisible()
    expect(await grown(ben.window)).toEqual([])
  })
})

test('a buddy with a hostile name and status changes nothing but the name and status', async ({ ada, ben }) => {
  test.setTimeout(300_000)
  await ada.befriends(ben, direct)
  await ada.chatWith('Ben').says('hello')
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').message('hello')).toBeVisible()
  const opening = ben.window.context().waitForEvent('page')
  await ben.chatWith('Ada').region.getByRole('button', { name: 'Pop out' }).click()
  const own = await opening
  await expect(own).toHaveTitle('Ada – Parley')
  await ben.list.row('Ada').getByRole('button').click()

  await test.step('every name: list, header, message, and the title of a window', async () => {
    const settings = await ada.opensSettings()
    for (const name of names) {
      await settings.renames(name)
      await expect(own.getByRole('heading', { level: 1 })).toHaveText(name, { useInnerText: false })
      await expect.poll(() => own.title(), OFTEN).toBe(squeezed(`${name} – Parley`))
      await expect(ben.list.rows.first().locator('bdi').first()).toHaveText(name)
      for (const page of [ben.window, own]) expect(await grown(page), name).toEqual([])
    }
  })
  await test.step('every status', async () => {
    for (const status of upTo(140)) {
      await ada.list.setsStatus(status)
      await expect(ben.list.rows.first()).toContainText(status)
      expect(await grown(ben.window), status).toEqual([])
    }
    expect(await grown(ada.window)).toEqual([])
    expect(await sideways(ben.window)).toBeLessThanOrEqual(0)
  })
  await test.step('the worst of them in every place that says a name', async () => {
    const name = `<img data-pwned src=x onerror=window.pwned=1>{count} 'a' ''{x}`
    await (await ada.opensSettings()).renames(name)
    const chat = ben.chatWith(name)
    await chat.show()
    for (const [item, role] of [['Compare numbers', 'dialog'], ['Remove…', 'dialog'], ['Profile', 'region']] as const) {
      await chat.menu(item)
      await expect(ben.window.getByRole(role, { name }).first()).toBeVisible()
      expect(await grown(ben.window), item).toEqual([])
      await ben.window.keyboard.press('Escape')
    }
    await chat.changesKeep('Don’t keep')
    await expect(ben.window.getByRole('dialog')).toContainText(name)
    await ben.window.keyboard.press('Escape')
    await chat.menu('Block')
    await expect(ben.window.getByText(`Blocked. ${name} isn't told`)).toBeVisible()
    await expect((await ben.opensSettings()).blocked).toContainText(name)
    expect(await grown(ben.window)).toEqual([])
  })
})

test('sixty hostile names of files, and of a folder with them, are names: shared, looked at, browsed, found, offered and fetched', async ({ ada, ben }) => {
  test.skip(process.platform !== 'linux', 'such names stand on a disk of Linux only')
  const desk = mkdtempSync(join(tmpdir(), 'parley-desk-'))
  const worst = `<img data-pwned src=x onerror=window.pwned=1>{0}`
  try {
    // No name has a slash; what hides from the eye, or is a device somewhere, is renamed by who receives it [T9].
    const files = new Set(hostile.map((text) => `${text.replaceAll('/', '∕').slice(0, 120)}.txt`))
    mkdirSync(join(desk, worst))
    for (const name of files) writeFileSync(join(desk, worst, name), 'hello')
    await ada.befriends(ben)

    await ada.sharing.picks(join(desk, worst))
    await ada.sharing.sharesWith(['Ben'])
    const mine = await ada.sharing.viewsAs('Ben')
    await mine.opens(worst)
    await expect(mine.items).toHaveCount(files.size + 1)
    expect(await grown(ada.window), 'my own view').toEqual([])

    const shares = ben.sharesOf('Ada')
    await shares.browses()
    const theirs = shares.items.first()
    await expect(theirs).toBeVisible()
    await theirs.press('ArrowRight')
    await expect(shares.items).toHaveCount(files.size + 1)
    expect(await grown(ben.window), 'what Ben sees').toEqual([])
    await shares.searches('data-pwned')
    await expect(shares.found.first()).toBeVisible()
    expect(await grown(ben.window), 'what is found').toEqual([])
    await shares.found.first().getByRole('button', { name: 'Fetch' }).click()
    await ben.transfers.show()
    await expect(ben.transfers.items.first()).toHaveAccessibleName(/pwned.*, Not scanned$/)

    await ada.chatWith('Ben').show()
    const offered = [...files].filter((name) => name.includes('onerror')).slice(0, 3).map((name) => join(desk, worst, name))
    expect(offered.every((path) => existsSync(path))).toBe(true)
    await ada.filesWith('Ben').attaches('Files…', offered)
    await expect(ada.filesWith('Ben').chips).toHaveCount(3)
    await ada.chatWith('Ben').region.getByRole('button', { name: 'Send' }).click()
    await expect(ben.transfers.region.getByRole('button', { name: 'Accept' })).toHaveCount(3)
    await ben.chatWith('Ada').show()
    for (const page of [ada.window, ben.window]) {
      expect(await grown(page), 'in the chat').toEqual([])
      expect(await sideways(page)).toBeLessThanOrEqual(0)
    }
  } finally {
    rmSync(desk, { recursive: true, force: true })
  }
})

test('a stranger with a hostile name, request and invite is read as text, and a link in a request is not clickable', async ({ ada, ben }) => {
  await Promise.all([ada.goOnline(), ben.createIdentity()])
  const name = `<img data-pwned src=x onerror=window.pwned=1> {0}`
  const text = `https://evil.example ${upTo(270)[0]}`.slice(0, 300)
  await (await ben.opensSettings()).renames(name)
  await ben.goOnline()

  await ben.asks(await ada.address(), text, byServer)
  await ada.list.requests.click()
  const { item, curtain, accept, question } = ada.requests.from(name)
  await curtain.click()
  await expect(item).toContainText(text)
  await expect(item.getByRole('link')).toHaveCount(0)
  await accept()
  await expect(question).toContainText(name)
  expect(await grown(ada.window)).toEqual([])
  await ada.window.keyboard.press('Escape')

  await ben.list.invite()
  const link = await invitePage(ben.window).link()
  await ada.list.addBuddy()
  await addBuddyPage(ada.window).openLink(link)
  await expect(ada.window.getByRole('dialog', { name: `Add ${name}?` })).toBeVisible()
  for (const page of [ada.window, ben.window]) expect(await grown(page)).toEqual([])

  await test.step('what is looked for would be found', async () => {
    await ada.window.evaluate('document.body.append(document.createElement("img"), document.createElement("b")); document.body.lastChild.setAttribute("data-pwned", ""); globalThis.pwned = 1')
    expect(await grown(ada.window)).toEqual(['<img>', '<b data-pwned=""></b>', 'it ran'])
  })
})

test('LP11: only http, https and mailto are links; a click first shows the host in punycode, and nothing is fetched', async ({ ada, ben }) => {
  await ada.befriends(ben, byServer)
  const chat = ben.chatWith('Ada')
  await ada.chatWith('Ben').says([
    'javascript:window.pwned=1 data:text/html,<script>1</script> file:///etc/passwd vbscript:x blob:x parley://i#x',
    'ftp://example.org ws://example.org //evil.example JaVaScRiPt:window.pwned=1 https:evil https://ada@evil.example/ http://a\\b',
  ].join('\n'))
  await chat.show()
  await expect(chat.lastMessage).toContainText('etc/passwd')
  await expect(chat.lastMessage.getByRole('link')).toHaveCount(0)

  await ada.chatWith('Ben').says('look: https://pаypal.com/a?b=1.')
  await expect(chat.lastMessage).toContainText('look:')
  const pages = ben.window.context().pages().length
  await chat.lastMessage.getByRole('link', { name: 'https://pаypal.com/a?b=1', exact: true }).click()
  const question = ben.window.getByRole('dialog', { name: 'Open xn--pypal-4ve.com?' })
  await expect(question.getByText('https://xn--pypal-4ve.com/a?b=1')).toBeVisible()
  await question.getByRole('button', { name: 'Not now' }).click()
  await expect(question).toBeHidden()
  await ada.chatWith('Ben').says('mailto:chen@example.org?subject=x')
  await chat.lastMessage.getByRole('link', { name: 'mailto:chen@example.org?subject=x' }).press('Enter')
  await expect(ben.window.getByRole('dialog', { name: 'Open chen@example.org?' })).toBeVisible()
  expect(ben.window.context().pages()).toHaveLength(pages)
  expect(await grown(ben.window)).toEqual([])
})
