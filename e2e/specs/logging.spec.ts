import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'

const byServer = { keep: 'Keep', connect: 'Through the server' } as const

test('[G3] LP5: both see both logging states before the first word, and every change of them as a line and in the strip', async ({ ada, ben }) => {
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await ben.addsByInvite('Ada', await ada.invites(), byServer)
  await expect(ada.list.row('Ben')).toBeVisible()
  await expect(ben.list.row('Ada')).toHaveAccessibleName('Ada, online')
  const [adas, bens] = [ada.chatWith('Ben'), ben.chatWith('Ada')]
  await adas.show()

  await test.step('before the first word', async () => {
    await expect(adas.logging).toHaveAccessibleName('Logging: you haven\'t chosen, Ben keeps this')
    await expect(bens.logging).toHaveAccessibleName('Logging: you keep this, Ada hasn\'t chosen')
    await adas.keeps('Until I sign off')
    await expect(adas.logging).toHaveAccessibleName('Logging: you keep until sign-off, Ben keeps this')
    await expect(bens.logging).toHaveAccessibleName('Logging: you keep this, Ada keeps until sign-off')
    for (const chat of [adas, bens]) await expect(chat.messages).toHaveCount(0)
  })
  await test.step('less is kept', async () => {
    await bens.changesKeep('Don’t keep')
    const question = ben.window.getByRole('dialog', { name: 'Also delete what is here?' })
    await question.getByRole('button', { name: 'Leave them' }).click()
    await expect(bens.logging).toHaveAccessibleName('Logging: you keep nothing, Ada keeps until sign-off')
    await expect(bens.line('You no longer keep this conversation.')).toBeVisible()
    await expect(adas.logging).toHaveAccessibleName('Logging: you keep until sign-off, Ben keeps nothing')
    await expect(adas.line('Ben no longer keeps this conversation.')).toBeVisible()
  })
  await test.step('more is kept, also while the other is away', async () => {
    await ben.signOff()
    await adas.changesKeep('Keep')
    await expect(adas.line('You keep this conversation.')).toBeVisible()
    await ben.goOnline()
    await expect(bens.line('Ada now keeps this conversation.')).toBeVisible()
    await expect(bens.logging).toHaveAccessibleName('Logging: you keep nothing, Ada keeps this')
  })
})

test('[G1] what is not kept stays while its chat is open, also behind a page; arrow keys look at the choices, Enter chooses', async ({ ada, ben }) => {
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await ben.addsByInvite('Ada', await ada.invites(), { keep: 'Don’t keep', connect: 'Through the server' })
  await expect(ada.list.row('Ben')).toBeVisible()
  const [adas, bens] = [ada.chatWith('Ben'), ben.chatWith('Ada')]
  await adas.show()
  const question = adas.keepQuestion
  await question.getByRole('radio', { name: 'Keep', exact: true }).focus()
  for (const name of ['Until I sign off', /^Don.t keep/] as const) {
    await ada.window.keyboard.press('ArrowDown')
    await expect(question.getByRole('radio', { name })).toBeFocused()
  }
  await expect(adas.logging, 'nothing is chosen by looking').toHaveAccessibleName(/^Logging: you haven't chosen/)
  await ada.window.keyboard.press('Tab')
  await expect(question.getByRole('radio', { checked: true }), 'nor shown as chosen by who went on').toHaveCount(0)
  await question.getByRole('radio', { name: /^Don.t keep/ }).focus()
  await ada.window.keyboard.press('Enter')
  await expect(question).toBeHidden()
  await expect(adas.logging).toHaveAccessibleName(/^Logging: you keep nothing/)

  await adas.says('for now only')
  await bens.show()
  await expect(bens.message('for now only')).toBeVisible()
  for (const one of [ada, ben]) {
    await one.opensSettings()
    await one.chatWith(one === ada ? 'Ben' : 'Ada').show()
    await expect(one.chatWith(one === ada ? 'Ben' : 'Ada').message('for now only')).toBeVisible()
  }
})

test('LP2: what is kept until sign-off is gone at Sign off, what is not kept is gone at the end; what is kept stays', async ({ ada, ben }) => {
  await ada.befriends(ben, byServer)
  await ada.chatWith('Ben').changesKeep('Until I sign off')
  await ada.chatWith('Ben').says('until the evening')
  await expect(ada.chatWith('Ben').lastMessage).toHaveAccessibleName(/, Arrived$/)
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').message('until the evening')).toBeVisible()
  await ada.signOff()
  await expect(ada.chatWith('Ben').message('until the evening')).toBeHidden()
  await ben.restarts()
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').message('until the evening')).toBeVisible()
})

test('[G2] a conversation that nobody keeps is in no file of either side and not at the server, and gone with the window', async ({ ada, ben, server }) => {
  const canary = `canary-${Math.random().toString(36).slice(2)}`
  await ada.befriends(ben, { keep: 'Don’t keep', connect: 'Through the server' })
  await ada.chatWith('Ben').says(`${canary} from Ada`)
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').message(`${canary} from Ada`)).toBeVisible()
  await ben.signOff()
  await ada.chatWith('Ben').says(`${canary} by the mailbox`)
  await expect(ada.chatWith('Ben').lastMessage).toHaveAccessibleName(/, Sent$/)
  await ada.chatWith('Ben').composer.fill(`${canary} never sent`)
  await ada.opensSettings()

  const folders = [ada.dataDir, ben.dataDir, ada.downloads, ben.downloads, server.dataDir]
  expect(filesWith(canary, folders)).toEqual([])
  await ben.goOnline()
  await expect(ben.chatWith('Ada').message(`${canary} by the mailbox`)).toBeVisible()
  await Promise.all([ada.restarts(), ben.restarts()])
  await ada.chatWith('Ben').show()
  await ben.chatWith('Ada').show()
  for (const { messages, composer } of [ada.chatWith('Ben'), ben.chatWith('Ada')]) {
    await expect(messages).toHaveCount(0)
    await expect(composer).toHaveValue('')
  }
  expect(filesWith(canary, folders)).toEqual([])

  await test.step('the search can fail', () => {
    writeFileSync(join(ada.dataDir, 'twin'), Buffer.from(`x${canary}`, 'utf16le'))
    expect(filesWith(canary, folders)).toEqual([join(ada.dataDir, 'twin')])
  })
})

test('LP7: what is kept is on the disk, and readable in no file', async ({ ada, ben }) => {
  const canary = `canary-${Math.random().toString(36).slice(2)}`
  await ada.befriends(ben, byServer)
  await ada.chatWith('Ben').says(canary)
  await expect(ada.chatWith('Ben').lastMessage).toHaveAccessibleName(/, Arrived$/)
  await ada.chatWith('Ben').composer.fill(`${canary} as a draft`)
  await ada.opensSettings()
  await ada.crashes()
  await ada.chatWith('Ben').show()
  await expect(ada.chatWith('Ben').message(canary)).toBeVisible()
  expect(filesWith(canary, [ada.dataDir, ben.dataDir])).toEqual([])
  for (const one of [ada, ben]) expect(filesWith('SQLite format 3', [join(one.dataDir, 'profiles')]).filter((path) => !path.endsWith('lock.db')), 'nothing is unencrypted').toEqual([])
})

/** Files under these folders that hold a text, in UTF-8 or UTF-16. */
function filesWith(text: string, folders: string[]): string[] {
  return folders.flatMap((folder) => {
    const files = filesUnder(folder)
    return files.filter((path) => {
      const bytes = readFileSync(path)
      return bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'))
    })
  })
}

function filesUnder(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw error
  }
}
