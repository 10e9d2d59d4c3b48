import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, expect } from '@playwright/test'
import { createActor, type Actor } from './actor.ts'
import { ROOT, startProgram } from './processes.ts'
import { startServer } from './server.ts'
import { freePort } from './wire.ts'

/**
 * The demo: a server and two people on this machine, from the first start to a direct conversation, a file and a shared folder. In two
 * windows where there is a display, else with screenshots.
 */

const OUT = join(ROOT, 'demo-output')
const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
/** What a person needs to follow, where one is looking. */
const pace = () => (hasDisplay ? new Promise((resolve) => setTimeout(resolve, 900)) : Promise.resolve())

const CONVERSATION: [who: 'Ada' | 'Ben', text: string][] = [
  ['Ada', 'Morning! Did the plan come back from the printer?'],
  ['Ben', 'Just now. The boat people want it before noon.'],
  ['Ada', 'Then let us meet at the harbour at eleven.'],
  ['Ben', 'Good. I bring the keys.'],
]
const WHILE_AWAY = 'Page 3 has the new mooring, the old one silted up over the winter.'

const desk = mkdtempSync(join(tmpdir(), 'parley-demo-'))
const plan = join(desk, 'mooring-plan.pdf')
const pictures = join(desk, 'Lofoten 2026')
const PICTURES = ['DSC_0417.jpg', 'DSC_0418.jpg']
writeFileSync(plan, Buffer.concat([Buffer.from('%PDF-1.4\n'), randomBytes(2_100_000)]))
mkdirSync(pictures)
for (const name of PICTURES) writeFileSync(join(pictures, name), randomBytes(400_000))
// A scanner of the demo's own where one is installed; else the words are "not scanned".
const scanner = await startProgram('main/testing/clamd.ts', []).catch(() => undefined)
process.env['PARLEY_CLAMD'] = scanner === undefined ? '' : String(scanner.ready['socket'])

const transcript: { at: string; what: string }[] = []
const screenshots: string[] = []
const note = (what: string) => {
  transcript.push({ at: new Date().toISOString(), what })
  process.stderr.write(`${what}\n`)
}

rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })
const browser = await chromium.launch({
  headless: !hasDisplay,
  executablePath: process.env['PARLEY_CHROMIUM'] || '/usr/bin/chromium',
  args: ['--allow-loopback-in-peer-connection', '--disable-gpu', '--disable-dev-shm-usage', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
})
const server = await startServer()
const port = await freePort()
const person = (name: string) => createActor({ name, browser: () => browser, electron: undefined, server: async () => server, embeddedPort: async () => port })
const ada = person('Ada')
const ben = person('Ben')

async function shot(who: Actor, name: string) {
  const file = `${String(screenshots.length + 1).padStart(2, '0')}-${who.name.toLowerCase()}-${name}.png`
  await (await who.page()).screenshot({ path: join(OUT, file) })
  screenshots.push(`demo-output/${file}`)
}

/** Each text on each side: how often it stands there. */
const countOf = async (who: Actor, other: string) => {
  const counts = new Map<string, number>()
  await who.chatWith(other).show()
  for (const text of await who.chatWith(other).texts()) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** Ada sends a picture of the plan; Ben's scanner looks at it, and he opens it. */
async function sendFile(): Promise<{ sha256Equal: boolean; verdict: string }> {
  note('Ada sends Ben a file')
  await ada.chatWith('Ben').show()
  await ada.filesWith('Ben').attaches('Files…', plan)
  await shot(ada, 'attached')
  await ada.chatWith('Ben').region.getByRole('button', { name: 'Send' }).click()
  await ben.chatWith('Ada').show()
  await expect(ben.filesWith('Ada').card('mooring-plan.pdf')).toContainText('Ada wants to send')
  await shot(ben, 'offer')
  await ben.filesWith('Ada').press('mooring-plan.pdf', 'Accept')
  await ben.transfers.show()
  const item = ben.transfers.item('mooring-plan.pdf')
  await expect(item).toHaveAccessibleName(/No known threat|Not scanned|Not fully checked/, { timeout: 60_000 })
  const verdict = /(no known threat|not scanned|not fully checked)/i.exec((await item.getAttribute('aria-label')) ?? '')?.[1]?.toLowerCase() ?? 'none'
  if (verdict === 'no known threat') await ben.transfers.opens('mooring-plan.pdf')
  else await ben.transfers.opensAnyway('mooring-plan.pdf')
  await expect(item).toContainText(/In downloads/i)
  await shot(ben, 'transfers')
  note(`Ben has it: ${verdict}`)
  return { sha256Equal: hashOf(join(ben.downloads, 'mooring-plan.pdf')) === hashOf(plan), verdict }
}

/** Ada shares a folder with Ben for a week; he looks into it and fetches it. */
async function shareFolder(): Promise<{ shared: number; fetched: number }> {
  note('Ada shares a folder with Ben')
  await ada.sharing.picks(pictures)
  await ada.sharing.sharesWith(['Ben'])
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').line(/shares Lofoten 2026 with you/)).toBeVisible({ timeout: 30_000 })
  const shares = ben.sharesOf('Ada')
  await shares.browses()
  await shares.opens('Lofoten 2026')
  await shot(ben, 'shared-folder')
  for (const name of PICTURES) await shares.fetches(name)
  await ben.transfers.show()
  for (const name of PICTURES) await expect(ben.transfers.item(name)).toHaveAccessibleName(/No known threat|Not scanned|Not fully checked/, { timeout: 60_000 })
  await ada.sharing.show()
  await expect(ada.sharing.share('Lofoten 2026')).toContainText(`Ben ${PICTURES.length} files`)
  await shot(ada, 'sharing')
  note(`Ben has fetched ${PICTURES.length} files`)
  return { shared: PICTURES.length, fetched: PICTURES.length }
}

const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

let result: object
let code = 0
try {
  note('Ada and Ben set up Parley and go online')
  await shot(ada, 'welcome')
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await shot(ada, 'first-list')
  const link = await ada.invites()
  await shot(ada, 'invite')
  note('Ben opens Ada’s invite link')
  await ben.addsByInvite('Ada', link, { keep: 'Keep', connect: 'Direct' })
  await ada.chatWith('Ben').keeps('Keep')
  await ada.chatWith('Ben').connects('Direct')
  await ben.chatWith('Ada').show()
  await expect(ada.chatWith('Ben').connection).toHaveAccessibleName(/direct/, { timeout: 30_000 })
  note('They are connected directly')

  const of = { Ada: [ada, ben, 'Ben'], Ben: [ben, ada, 'Ada'] } as const
  for (const [who, text] of CONVERSATION) {
    const [from, to, other] = of[who]
    await from.chatWith(other).says(text)
    await expect(to.chatWith(who).message(text)).toBeVisible()
    await expect(from.chatWith(other).message(text)).toHaveAccessibleName(/, Arrived$/)
    note(`${who}: ${text}`)
    await pace()
  }
  await shot(ada, 'chat')
  await shot(ben, 'chat')

  note('Ben signs off, Ada writes, Ben comes back')
  await ben.signOff()
  await shot(ben, 'signed-off')
  await ada.chatWith('Ben').says(WHILE_AWAY)
  await ben.goOnline()
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').message(WHILE_AWAY)).toBeVisible({ timeout: 30_000 })
  await expect(ada.chatWith('Ben').message(WHILE_AWAY)).toHaveAccessibleName(/, Arrived$/, { timeout: 30_000 })
  note('Both programs are killed and started again')
  await Promise.all([ada.crashes(), ben.crashes()])
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await ben.chatWith('Ada').show()
  await ada.chatWith('Ben').show()
  await expect(ada.chatWith('Ben').connection).toHaveAccessibleName(/direct/, { timeout: 30_000 })
  const connection = await ada.chatWith('Ben').connection.getAttribute('aria-label')
  await shot(ada, 'after-restart')

  const file = await sendFile()
  const share = await shareFolder()

  const sent = [...CONVERSATION.map(([, text]) => text), WHILE_AWAY]
  const sides = [await countOf(ada, 'Ben'), await countOf(ben, 'Ada')]
  const delivered = sent.filter((text) => sides.every((side) => side.has(text))).length
  const duplicated = sent.filter((text) => sides.some((side) => (side.get(text) ?? 0) > 1)).length
  const kind = /relayed/.test(connection ?? '') ? 'relayed' : /direct/.test(connection ?? '') ? 'direct' : /server/.test(connection ?? '') ? 'server' : 'none'
  const ok = delivered === sent.length && duplicated === 0 && kind === 'direct' && file.sha256Equal && file.verdict !== 'none' && share.fetched === share.shared
  result = { ok, messages: { sent: sent.length, delivered, lost: sent.length - delivered, duplicated }, link: kind, file, share: { fetched: share.fetched }, screenshots }
  code = ok ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  result = { ok: false, messages: null, link: 'none', file: null, share: null, screenshots }
  code = 1
}
writeFileSync(join(OUT, 'transcript.json'), `${JSON.stringify({ transcript, result }, undefined, 2)}\n`)
for (const end of [() => ada.close(), () => ben.close(), () => browser.close(), () => server.close(), async () => scanner?.stop(), async () => rmSync(desk, { recursive: true, force: true })]) {
  await end().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    code = 1
  })
}
process.stdout.write(`${JSON.stringify({ ...result, ok: code === 0 })}\n`)
process.exit(code)
