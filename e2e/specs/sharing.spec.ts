import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as base } from '../fixtures.ts'

/** Shared folders, from the sheet to the last byte. */

const test = base.extend<{ lofoten: string }>({
  /** A folder with a few pictures. */
  lofoten: async ({}, use) => {
    const desk = mkdtempSync(join(tmpdir(), 'parley-desk-'))
    const folder = join(desk, 'Lofoten 2026')
    mkdirSync(join(folder, 'boats'), { recursive: true })
    writeFileSync(join(folder, 'map.png'), randomBytes(150_000))
    writeFileSync(join(folder, 'film.mov'), randomBytes(9_000_000))
    writeFileSync(join(folder, 'boats', 'list of boats.txt'), 'Ellida\n')
    await use(folder)
    rmSync(desk, { recursive: true, force: true })
  },
})
test.beforeEach(() => void (process.env['PARLEY_CLAMD'] = ''))

test('[B5] FI14: a folder is shared with one buddy, who browses, searches and fetches; another sees nothing', async ({ ada, ben, chen, lofoten }) => {
  await ada.befriends(ben)
  await ada.befriends(chen)
  await ada.sharing.picks(lofoten)
  await ada.sharing.sharesWith(['Ben'])
  await expect(ada.sharing.region).toContainText('1 person can see 1 folder while you are online')
  const asChen = await ada.sharing.viewsAs('Chen')
  await expect(asChen.items).toHaveCount(0)

  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').line(/shares Lofoten 2026 with you/)).toBeVisible()
  const shares = ben.sharesOf('Ada')
  await shares.browses()
  await shares.opens('Lofoten 2026', 'boats')
  await expect(shares.item('list of boats.txt')).toBeVisible()
  await shares.fetches('map.png')
  await shares.searches('BOATS')
  await expect(shares.found.filter({ hasText: 'list of boats.txt' })).toBeVisible()
  await shares.fetchesFound('list of boats.txt')
  await ben.transfers.show()
  for (const name of ['map.png', 'list of boats.txt']) {
    await ben.transfers.is(name, 'Not scanned')
    await ben.transfers.opensAnyway(name)
    await expect.poll(() => existsSync(join(ben.downloads, name))).toBe(true)
  }
  await ada.sharing.show()
  await expect(ada.sharing.share('Lofoten 2026')).toContainText(/Ben 2 files/)
})

test('[B7] *Stop sharing* ends a fetch in its middle, at once', async ({ ada, ben, lofoten }) => {
  await ada.befriends(ben)
  await ada.sharing.picks(lofoten)
  await ada.sharing.sharesWith(['Ben'])
  const shares = ben.sharesOf('Ada')
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').line(/shares Lofoten 2026 with you/)).toBeVisible()
  await shares.browses()
  await shares.opens('Lofoten 2026')
  await shares.fetches('film.mov')
  await ben.transfers.show()
  await expect.poll(async () => Number(await ben.transfers.progress('film.mov').getAttribute('aria-valuenow').catch(() => 0)), { timeout: 30_000 }).toBeGreaterThan(5)
  await ada.sharing.show()
  await ada.sharing.stops('Lofoten 2026')
  await expect(ben.transfers.item('film.mov')).toContainText('Ada stopped sharing this folder')
  await expect(ada.sharing.share('Lofoten 2026').getByRole('button', { name: 'Share again' })).toBeVisible()
})

test('[B6] the limit of a day ends a fetch at its byte, and both are told', async ({ ada, ben, lofoten }) => {
  await ada.befriends(ben)
  await ada.sharing.picks(lofoten)
  // So small that every byte is shown.
  await ada.sharing.sharesWith(['Ben'], { daily: '0.000000999' })
  const shares = ben.sharesOf('Ada')
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').line(/shares Lofoten 2026 with you/)).toBeVisible()
  await shares.browses()
  await shares.opens('Lofoten 2026')
  await shares.fetches('map.png')
  await ben.transfers.show()
  await expect(ben.transfers.item('map.png')).toContainText('the daily limit is reached; goes on after midnight')
  const share = ada.sharing.share('Lofoten 2026')
  await ada.sharing.show()
  await expect(share).toContainText('The 999 bytes of today are used up')
  await expect(share).toContainText(/Ben 0 files, 999 bytes/)
  // Nothing of another file goes either.
  await ben.chatWith('Ada').show()
  await shares.browses()
  await shares.opens('Lofoten 2026')
  await shares.fetches('film.mov')
  await ben.transfers.show()
  await expect(ben.transfers.item('film.mov')).toContainText('the daily limit is reached; goes on after midnight')
  await expect(share).toContainText(/Ben 0 files, 999 bytes/)
})

test('[B2] dangerous folders are refused with the reason, where it happened', async ({ ada }) => {
  await ada.createIdentity()
  await ada.sharing.picks('/')
  await expect(ada.sharing.refusal).toContainText('A whole disk can’t be shared')
})
