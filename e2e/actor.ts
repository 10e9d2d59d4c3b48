import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, expect, type Page } from '@playwright/test'
import { openElectron } from './hosts/electron.ts'
import type { Connection, Seat } from './hosts/host.ts'
import { openWeb } from './hosts/web.ts'
import { buddyList } from './pages/buddy-list.ts'
import { requests } from './pages/requests.ts'
import { settings } from './pages/settings.ts'
import { type Chat, chat } from './pages/chat.ts'
import { addBuddyPage, answer, addQuestion, type Answers, type Connect, invitePage, type Keep } from './pages/invite.ts'
import { sharesOf, sharing } from './pages/sharing.ts'
import { chatFiles, transfers } from './pages/transfers.ts'
import { welcome } from './pages/welcome.ts'
import type { Server } from './server.ts'

/** One person with a computer of their own: what they do, in their words. */
export interface Actor {
  name: string
  dataDir: string
  downloads: string
  /** Opened with the first thing the actor does. */
  page(): Promise<Page>
  /** Once it is open. */
  readonly window: Page
  readonly list: ReturnType<typeof buddyList>
  readonly requests: ReturnType<typeof requests>
  readonly settings: ReturnType<typeof settings>
  readonly transfers: ReturnType<typeof transfers>
  readonly sharing: ReturnType<typeof sharing>
  /** What a buddy shares. */
  sharesOf(name: string): ReturnType<typeof sharesOf>
  /** Files in the chat with this buddy, which is on screen. */
  filesWith(name: string): ReturnType<typeof chatFiles>
  /** Every WebRTC connection that this start of Parley made. */
  readonly connections: readonly Connection[]
  /** `ada@…`, from Settings. */
  address(): Promise<string>
  /** Before the first thing: the server is reached at this address. */
  reaches(where: string): void
  /** Sets up at the server (or `this-computer`) unless that was done, and stays offline. */
  createIdentity(where?: 'this-computer'): Promise<void>
  /** It was made by hand, step by step. */
  hasIdentity(): Promise<void>
  goOnline(): Promise<void>
  signOff(): Promise<void>
  /** Both set up and online, and each other's buddies by an invite of mine, with the same answers. */
  befriends(other: Actor, answers?: { keep?: Keep; connect?: Connect }): Promise<void>
  chatWith(name: string): Chat
  /** A link for one person. */
  invites(): Promise<string>
  addsByInvite(name: string, link: string, answers: Answers): Promise<void>
  /** Asks by address, with a few words. */
  asks(address: string, text: string, answers: Answers): Promise<void>
  /** The question after *Accept*. */
  accepts(name: string, answers: Answers): Promise<void>
  opensSettings(): Promise<ReturnType<typeof settings>>
  /** The twelve groups to compare. */
  numberWith(name: string): Promise<string[]>
  /** kill -9, and a new start of the same profile. */
  crashes(): Promise<void>
  /** An end in good order, and a new start of the same profile. */
  restarts(): Promise<void>
  /** An end in good order; the next thing starts it again. */
  quits(): Promise<void>
  close(): Promise<void>
}

interface Deps {
  name: string
  browser: () => Browser
  /** Electron's program, where the test runs in it. */
  electron: string | undefined
  server: () => Promise<Server>
  /** Port of the embedded server, the same for everyone in a test. */
  embeddedPort: () => Promise<number>
}

export function createActor({ name, browser, electron, server, embeddedPort }: Deps): Actor {
  const home = mkdtempSync(join(tmpdir(), `parley-${name.toLowerCase()}-`))
  const dataDir = join(home, 'data')
  const downloads = join(home, 'downloads')
  const faults: string[] = []
  let seat: Seat | undefined
  let hasIdentity = false
  let reached: string | undefined

  async function open(): Promise<Seat> {
    if (seat !== undefined) return seat
    const options = { dataDir, downloads, args: ['--server-port', String(await embeddedPort())] }
    seat = electron === undefined ? await openWeb(browser(), options) : await openElectron(electron, options)
    return seat
  }
  async function leave(how: 'close' | 'kill') {
    if (seat === undefined) return
    faults.push(...seat.faults)
    await seat[how]()
    seat = undefined
  }
  const page = async () => (await open()).page
  const openPage = (): Page => {
    if (seat === undefined) throw new Error(`${name} has no window yet`)
    return seat.page
  }

  const self: Actor = {
    name,
    dataDir,
    downloads,
    page,
    get window() {
      return openPage()
    },
    get list() {
      return buddyList(openPage())
    },
    get requests() {
      return requests(openPage())
    },
    get settings() {
      return settings(openPage())
    },
    get transfers() {
      return transfers(openPage())
    },
    get sharing() {
      return sharing(openPage())
    },
    sharesOf: (other) => sharesOf(openPage(), other, self.chatWith(other).show),
    filesWith: (other) => chatFiles(openPage(), self.chatWith(other).region),
    get connections() {
      return seat?.connections ?? []
    },
    async address() {
      const { region } = await self.opensSettings()
      return (await region.getByText(/^[a-z0-9.-]+@\S+$/).innerText()).trim()
    },
    reaches: (where) => void (reached = where),
    async createIdentity(where) {
      await page()
      if (hasIdentity) return
      const atServer = async () => ({ ...(await (await server()).place()), ...(reached === undefined ? {} : { where: reached }) })
      const place = where === undefined ? await atServer() : { where }
      await welcome(await page()).createIdentity({ name, handle: name.toLowerCase().padEnd(3, '0'), ...place })
      await expect(buddyList(openPage()).region).toBeVisible()
      hasIdentity = true
    },
    async hasIdentity() {
      await expect(buddyList(openPage()).region).toBeVisible()
      hasIdentity = true
    },
    async goOnline() {
      await self.createIdentity()
      const { region, goOnline } = buddyList(openPage())
      const on = region.getByRole('button', { name: 'Sign off' })
      await expect(on.or(region.getByRole('button', { name: 'Go online' }))).toBeVisible()
      if (!(await on.isVisible())) await goOnline()
      await expect(on).toBeVisible()
    },
    async signOff() {
      await buddyList(openPage()).signOff()
      await expect(buddyList(openPage()).region.getByRole('button', { name: 'Go online' })).toBeVisible()
    },
    async invites() {
      await buddyList(openPage()).invite()
      return invitePage(openPage()).link()
    },
    async addsByInvite(from, link, answers) {
      await buddyList(openPage()).addBuddy()
      await addBuddyPage(openPage()).openLink(link)
      await addQuestion(openPage()).add(from, answers)
    },
    async asks(address, text, answers) {
      await buddyList(openPage()).addBuddy()
      await addBuddyPage(openPage()).sendRequest(address, text, answers)
    },
    async accepts(other, answers) {
      const { question } = requests(openPage()).from(other)
      await answer(question, answers)
      await question.getByRole('button', { name: 'Accept' }).click()
      await expect(question).toBeHidden()
    },
    async numberWith(other) {
      await self.chatWith(other).menu('Compare numbers')
      const dialog = openPage().getByRole('dialog', { name: `Compare numbers with ${other}` })
      const groups = dialog.getByRole('list', { name: 'The numbers' }).getByRole('listitem')
      await expect(groups).toHaveCount(12)
      const number = await groups.allInnerTexts()
      await dialog.getByRole('button', { name: 'Later' }).click()
      return number
    },
    async opensSettings() {
      await buddyList(openPage()).settings()
      return settings(openPage())
    },
    async befriends(other, { keep = 'Keep', connect = 'Direct' } = {}) {
      await Promise.all([self.goOnline(), other.goOnline()])
      await other.addsByInvite(name, await self.invites(), { keep, connect })
      await expect(buddyList(openPage()).row(other.name)).toBeVisible()
      await expect(buddyList(await other.page()).row(name)).toBeVisible()
      await self.chatWith(other.name).keeps(keep)
      if (connect !== 'Through the server') await self.chatWith(other.name).connects(connect)
    },
    chatWith: (other) => chat(openPage(), other, () => buddyList(openPage()).row(other).getByRole('button').click()),
    async crashes() {
      await leave('kill')
      await open()
    },
    async restarts() {
      await leave('close')
      await open()
    },
    quits: () => leave('close'),
    async close() {
      await leave('close')
      rmSync(home, { recursive: true, force: true })
      expect(faults, `violations and errors in ${name}'s windows`).toEqual([])
    },
  }
  return self
}
