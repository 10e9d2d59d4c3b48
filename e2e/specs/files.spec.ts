import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Actor } from '../actor.ts'
import { expect, test as base } from '../fixtures.ts'
import { startProgram } from '../processes.ts'

/** Files and folders from one window to another, over a real link between two pages of Chromium. */

const test = base.extend<{ desk: string }>({
  /** A folder with what Ada has on her desk. */
  desk: async ({}, use) => {
    const path = mkdtempSync(join(tmpdir(), 'parley-desk-'))
    await use(path)
    rmSync(path, { recursive: true, force: true })
  },
})
// No scanner unless a test brings one: the machine's own would make the words depend on the machine.
test.beforeEach(() => void (process.env['PARLEY_CLAMD'] = ''))

const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
function put(desk: string, name: string, bytes: Uint8Array | string): string {
  const path = join(desk, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, bytes)
  return path
}

async function sends(from: Actor, to: string, paths: string[], what: 'Files…' | 'Folder…' = 'Files…') {
  await from.chatWith(to).show()
  const files = from.filesWith(to)
  await files.attaches(what, what === 'Folder…' ? paths[0]! : paths)
  await expect(files.chips).toHaveCount(what === 'Folder…' ? 1 : paths.length)
  await from.chatWith(to).region.getByRole('button', { name: 'Send' }).click()
  await expect(files.chips).toHaveCount(0)
}

test('FI1: a file is offered, accepted, arrives whole, and takes a second step without a scanner', async ({ ada, ben, desk }) => {
  await ada.befriends(ben)
  const path = put(desk, 'winter-plan.zip', randomBytes(700_000))
  await sends(ada, 'Ben', [path])
  await ben.chatWith('Ada').show()
  const card = ben.filesWith('Ada').card('winter-plan.zip')
  await expect(card).toContainText('Ada wants to send 700 kB')
  await ben.filesWith('Ada').press('winter-plan.zip', 'Accept')
  await ben.transfers.show()
  await ben.transfers.is('winter-plan.zip', 'Not scanned')
  await ada.transfers.show()
  await ada.transfers.is('winter-plan.zip', 'Ben has it')
  await ben.transfers.opensAnyway('winter-plan.zip')
  await expect(ben.transfers.item('winter-plan.zip')).toContainText(/In downloads/i)
  expect(hashOf(join(ben.downloads, 'winter-plan.zip'))).toBe(hashOf(path))
  expect(statSync(join(ben.downloads, 'winter-plan.zip')).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(ben.dataDir, 'profiles/default/vault'))).toEqual([])
})

test('FI12: what can run programs is named as such, and never opened', async ({ ada, ben, desk }) => {
  await ada.befriends(ben)
  await sends(ada, 'Ben', [put(desk, 'invoice.pdf.exe', 'MZ'), put(desk, 'budget.docm', 'PK')])
  await ben.transfers.show()
  await expect(ben.transfers.item('invoice.pdf.exe')).toContainText('Windows program')
  for (const name of ['invoice.pdf.exe', 'budget.docm']) {
    await ben.transfers.accepts(name)
    await ben.transfers.is(name, 'Can run programs')
    await expect(ben.transfers.item(name).getByRole('button', { name: /^Open/ })).toHaveCount(0)
  }
  await ben.transfers.saves('budget.docm')
  await expect.poll(() => existsSync(join(ben.downloads, 'budget.docm'))).toBe(true)
})

test('FI8: a folder is one offer, and arrives as a folder', async ({ ada, ben, desk }) => {
  await ada.befriends(ben)
  const folder = join(desk, 'Harbour plans')
  put(folder, 'mooring.png', randomBytes(200_000))
  put(folder, 'old/notes.txt', 'old notes')
  await sends(ada, 'Ben', [folder], 'Folder…')
  await ben.transfers.show()
  await ben.transfers.accepts('Harbour plans')
  await ben.transfers.is('Harbour plans', 'Not scanned')
  await ben.transfers.opensAnyway('Harbour plans')
  await expect.poll(() => existsSync(join(ben.downloads, 'Harbour plans/old/notes.txt'))).toBe(true)
  expect(hashOf(join(ben.downloads, 'Harbour plans/mooring.png'))).toBe(hashOf(join(folder, 'mooring.png')))
  await ada.transfers.show()
  await ada.transfers.is('Harbour plans', 'Ben has it')
})

/** A picture of 2 by 2, as a screenshot in the clipboard would be. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR4nGP8z8DAwMDAxMDAwMAAAAwAAQLk3l1JAAAAAElFTkSuQmCC'

test('[T10] a pasted image is sent like a file and shown as a picture on both sides', async ({ ada, ben }) => {
  await ada.befriends(ben)
  await ada.chatWith('Ben').show()
  await ada.chatWith('Ben').composer.focus()
  await ada.window.evaluate((data) => {
    const { document, atob, File, DataTransfer, ClipboardEvent } = globalThis as unknown as {
      document: { activeElement: { dispatchEvent(event: unknown): void } }
      atob(text: string): string
      File: new (parts: unknown[], name: string, options: object) => unknown
      DataTransfer: new () => { items: { add(file: unknown): void } }
      ClipboardEvent: new (type: string, options: object) => unknown
    }
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], 'image.png', { type: 'image/png' }))
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, PNG)
  const files = ada.filesWith('Ben')
  await expect(files.chips).toHaveCount(1)
  await ada.chatWith('Ben').region.getByRole('button', { name: 'Send' }).click()
  await ben.chatWith('Ada').show()
  await ben.filesWith('Ada').press('Pasted image.png', 'Accept')
  for (const picture of [ben.filesWith('Ada').picture('Pasted image.png'), files.picture('Pasted image.png')]) {
    await expect(picture).toBeVisible()
    await expect.poll(() => picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(2)
  }
})

test('a rejected file and a cancelled one are said on both sides', async ({ ada, ben, desk }) => {
  await ada.befriends(ben)
  await sends(ada, 'Ben', [put(desk, 'one.txt', '1'), put(desk, 'two.txt', '2')])
  await ben.transfers.show()
  await ben.transfers.rejects('one.txt')
  await ada.transfers.show()
  await ada.transfers.is('one.txt', 'Rejected')
  await ada.transfers.cancels('two.txt')
  await expect(ben.transfers.item('two.txt')).toHaveAccessibleName(/Cancelled by Ada/)
})

for (const who of ['ada', 'ben'] as const) {
  test(`[T7] F2: ${who} is killed in mid-transfer, and it goes on from the last verified piece`, async ({ ada, ben, desk }) => {
    await ada.befriends(ben)
    const { region } = await ada.opensSettings()
    const limit = region.getByRole('textbox', { name: 'Upload at most, MB a second' })
    await limit.fill('2')
    await limit.press('Enter')
    const path = put(desk, 'harbour-tour.mov', randomBytes(16_000_000))
    await sends(ada, 'Ben', [path])
    await ben.transfers.show()
    await ben.transfers.accepts('harbour-tour.mov')
    /** Undefined where no bar is to be seen. */
    const progress = async () => {
      const now = await ben.transfers.progress('harbour-tour.mov').getAttribute('aria-valuenow', { timeout: 500 }).catch(() => null)
      return now === null ? undefined : Number(now)
    }
    await expect.poll(progress, { timeout: 30_000, intervals: [200] }).toBeGreaterThan(35)
    const killed = who === 'ada' ? ada : ben
    await killed.crashes()
    await killed.goOnline()
    await ben.transfers.show()
    // What was there is there at every look, until there is more: it did not begin anew.
    const looks: number[] = []
    await expect.poll(async () => {
      const now = await progress()
      if (now !== undefined) looks.push(now)
      else if (await ben.transfers.item('harbour-tour.mov').getByText('Not scanned').isVisible()) looks.push(100)
      return Math.max(0, ...looks)
    }, { timeout: 30_000, intervals: [200] }).toBeGreaterThan(60)
    expect(Math.min(...looks)).toBeGreaterThan(25)
    await expect(ben.transfers.item('harbour-tour.mov')).toHaveAccessibleName(/Not scanned/, { timeout: 45_000 })
    await ben.transfers.opensAnyway('harbour-tour.mov')
    expect(hashOf(join(ben.downloads, 'harbour-tour.mov'))).toBe(hashOf(path))
  })
}

test('FI2: a rule accepts what fits it, and never a program', async ({ ada, ben, desk }) => {
  await ada.befriends(ben)
  await sends(ada, 'Ben', [put(desk, 'first.txt', 'one')])
  await ben.transfers.show()
  await ben.transfers.alwaysAccepts('first.txt', ['Text'])
  await ben.transfers.accepts('first.txt')
  await sends(ada, 'Ben', [put(desk, 'second.txt', 'two'), put(desk, 'setup.exe', 'MZ')])
  await ben.transfers.is('second.txt', 'Not scanned')
  await ben.transfers.is('setup.exe', 'Asking you')
})

test('FI13: an infected file stays in the vault, and the sender is told with one click', async ({ ada, ben, desk }) => {
  const scanner = await startProgram('main/testing/clamd.ts', [])
  process.env['PARLEY_CLAMD'] = String(scanner.ready['socket'])
  try {
    await ada.befriends(ben)
    const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE!$H+H*'].join('')
    await sends(ada, 'Ben', [put(desk, 'notes.txt', eicar), put(desk, 'plan.pdf', '%PDF-1.4 nothing in it')])
    await ben.transfers.show()
    await ben.transfers.accepts('plan.pdf')
    await ben.transfers.is('plan.pdf', 'No known threat')
    await ben.transfers.opens('plan.pdf')
    await expect.poll(() => existsSync(join(ben.downloads, 'plan.pdf'))).toBe(true)
    await ben.transfers.accepts('notes.txt')
    await expect(ben.transfers.item('notes.txt')).toHaveAccessibleName(/Infected: /)
    await expect(ben.transfers.item('notes.txt').getByRole('button', { name: /^(Open|Save|Show)/ })).toHaveCount(0)
    expect(readdirSync(ben.downloads)).toEqual(['plan.pdf'])
    await ben.transfers.tells('notes.txt', 'Ada')
    await ada.chatWith('Ben').show()
    await expect(ada.chatWith('Ben').line(/which you sent me, is infected/)).toBeVisible()
    await ben.transfers.deletes('notes.txt')
    await expect.poll(() => readdirSync(join(ben.dataDir, 'profiles/default/vault')).length, { timeout: 20_000 }).toBe(0)
  } finally {
    process.env['PARLEY_CLAMD'] = ''
    await scanner.stop()
  }
})

test('with *Through the server* files say what they need', async ({ ada, ben, desk }) => {
  await ada.befriends(ben, { connect: 'Through the server' })
  await ada.chatWith('Ben').show()
  await ada.filesWith('Ben').attaches('Files…', [put(desk, 'a.txt', 'a')])
  await expect(ada.chatWith('Ben').region).toContainText('Files need a relay or a direct connection')
})
