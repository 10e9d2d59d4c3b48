import type { Actor } from '../actor.ts'
import { expect, test } from '../fixtures.ts'

const direct = { keep: 'Keep', connect: 'Direct' } as const
const byServer = { keep: 'Keep', connect: 'Through the server' } as const

test('ME2: a message is Waiting here, Sent, Arrived, and Read only where both told it', async ({ ada, ben }) => {
  await ada.befriends(ben, byServer)
  const { says, message, lastMessage, show } = ada.chatWith('Ben')
  await ben.signOff()
  await ada.signOff()

  await test.step('signed off, it waits here', async () => {
    await says('see you at six')
    await expect(lastMessage).toHaveAccessibleName(/^You, \d{1,2}:\d\d, Waiting here$/)
    await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, 1 waiting here')
    await expect(ada.list.connection).toHaveText(/1 message of yours is waiting here\./)
  })
  await test.step('online, it goes to the server by itself', async () => {
    await ada.goOnline()
    await expect(lastMessage).toHaveAccessibleName(/, Sent$/)
    await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, offline')
  })
  await test.step('Ben comes, and it has arrived, though he read it: he does not tell', async () => {
    await ben.goOnline()
    await ben.chatWith('Ada').show()
    await expect(ben.chatWith('Ada').lastMessage).toHaveAccessibleName(/^Ada, \d{1,2}:\d\d$/)
    await expect(lastMessage).toHaveAccessibleName(/, Arrived$/)
  })
  await test.step('both tell, and the next is Read', async () => {
    for (const one of [ada, ben]) await (await one.opensSettings()).switches('Tell buddies when I have read', true)
    await show()
    await says('bring the map')
    await expect(lastMessage).toHaveAccessibleName(/, Arrived$/)
    await ben.chatWith('Ada').show()
    await expect(message('bring the map')).toHaveAccessibleName(/, Read$/)
  })
})

test('[E21] ME1: where the mailbox is off, what is written to somebody offline waits here and goes by itself', async ({ ada, ben }) => {
  await ada.befriends(ben, direct)
  await (await ben.opensSettings()).switches(/^Leave and take messages at the server/, false)
  // The link begins anew and says it: at his end first.
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').connection).toHaveAccessibleName(/direct/)
  await ben.chatWith('Ada').says('I keep no mailbox')
  await expect(ada.chatWith('Ben').connection).toHaveAccessibleName(/direct/)
  await ada.chatWith('Ben').show()
  await expect(ada.chatWith('Ben').message('I keep no mailbox')).toBeVisible()
  await ben.restarts()
  await expect(ada.list.row('Ben')).toHaveAccessibleName(/^Ben, offline/)
  await ada.chatWith('Ben').says('then it waits')
  await expect(ada.chatWith('Ben').lastMessage).toHaveAccessibleName(/, Waiting here$/)
  await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, offline, 1 waiting here')
  await ben.goOnline()
  // Only a link carries it: a first try that fails while his window still loads is followed by one after 5 and 15 s [L15].
  await expect(ada.chatWith('Ben').lastMessage).toHaveAccessibleName(/, Arrived$/, { timeout: 40_000 })
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').message('then it waits')).toBeVisible()
})

test('[F2] six kills of a whole app in mid-chat: every message that stood on screen arrives, once and in order', async ({ ada, ben }) => {
  test.setTimeout(300_000)
  await ada.befriends(ben, direct)
  const said: Record<string, string[]> = { Ada: [], Ben: [] }
  const other = (one: Actor) => (one === ada ? ben : ada)
  const tall = (one: Actor) => one.window.setViewportSize({ width: 1000, height: 3_000 })
  const says = async (one: Actor, text: string) => {
    const chat = one.chatWith(other(one).name)
    await chat.says(text)
    await expect(chat.message(text)).toBeVisible()
    said[one.name]!.push(text)
  }
  await Promise.all([tall(ada), tall(ben)])
  for (let kill = 1; kill <= 6; kill++) {
    const victim = kill % 2 === 0 ? ada : ben
    await Promise.all([ada, ben].map(async (one) => {
      for (const n of [1, 2]) await says(one, `${one.name} ${kill}.${n}`)
    }))
    await Promise.all([says(victim, `${victim.name}'s last before kill ${kill}`).then(() => victim.crashes()), says(other(victim), `${other(victim).name} meanwhile ${kill}`)])
    await tall(victim)
    await victim.goOnline()
  }
  // A receipt that died with its writer comes with the next word.
  for (const one of [ada, ben]) await says(one, `${one.name}'s last`)
  for (const one of [ada, ben]) {
    const chat = one.chatWith(other(one).name)
    await expect(chat.messages).toHaveCount(said['Ada']!.length + said['Ben']!.length, { timeout: 30_000 })
    const texts = await chat.texts()
    for (const name of ['Ada', 'Ben']) expect(texts.filter((text) => text.startsWith(name)), `${name}'s, at ${one.name}`).toEqual(said[name])
    await expect(chat.region.getByRole('article', { name: /Waiting here|Sent$|Not delivered/ })).toHaveCount(0)
  }
})

test('wide, list and chat stand side by side; narrow, one at a time; popped out, a chat has a window of its own', async ({ ada, ben }) => {
  await ada.befriends(ben, byServer)
  const chat = ada.chatWith('Ben')
  await expect(ada.list.region).toBeVisible()
  await expect(chat.region).toBeVisible()
  await ada.window.setViewportSize({ width: 390, height: 760 })
  await expect(ada.list.region).toBeHidden()
  await expect(chat.region).toBeVisible()
  await chat.region.getByRole('button', { name: 'Back' }).click()
  await expect(chat.region).toBeHidden()
  await expect(ada.list.row('Ben')).toBeVisible()
  await ada.window.setViewportSize({ width: 1280, height: 720 })

  await chat.show()
  const opening = ada.window.context().waitForEvent('page')
  await chat.region.getByRole('button', { name: 'Pop out' }).click()
  const own = await opening
  await expect(chat.region).toBeHidden()
  await expect(own).toHaveTitle('Ben – Parley')
  const region = own.getByRole('region', { name: 'Chat with Ben' })
  await region.getByRole('textbox', { name: 'Message' }).fill('from my own window')
  await region.getByRole('textbox', { name: 'Message' }).press('Enter')
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').message('from my own window')).toBeVisible()
  await ben.chatWith('Ada').says('seen there')
  await expect(region.getByRole('article').last()).toHaveAccessibleDescription('seen there')
  await own.reload()
  await expect(region.getByRole('article').last()).toHaveAccessibleDescription('seen there')
  await own.close()
})

test('ME13: a draft and a kept conversation survive a restart, several lines and all', async ({ ada, ben }) => {
  await ada.befriends(ben, byServer)
  await ada.chatWith('Ben').says('what is kept')
  await expect(ada.chatWith('Ben').lastMessage).toHaveAccessibleName(/, Arrived$/)
  await ada.chatWith('Ben').composer.fill('half a thought,\nand the ')
  await ada.opensSettings()
  await expect.poll(async () => {
    await ada.chatWith('Ben').show()
    return ada.chatWith('Ben').composer.inputValue()
  }).toBe('half a thought,\nand the ')
  await ada.restarts()
  await ada.chatWith('Ben').show()
  await expect(ada.chatWith('Ben').composer).toHaveValue('half a thought,\nand the ')
  await expect(ada.chatWith('Ben').message('what is kept')).toHaveAccessibleName(/, Arrived$/)
})

test('AC1: from the list to a sent message and to the next chat without a mouse', async ({ ada, ben, chen }) => {
  await ada.befriends(ben, byServer)
  await ada.befriends(chen, byServer)
  await ben.chatWith('Ada').says('write me')
  await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, online, 1 unread')
  await ada.window.reload()
  const { keyboard } = ada.window
  const focused = (name: RegExp) => expect(ada.window.locator(':focus')).toHaveAccessibleName(name)

  await expect(ada.list.row('Ben')).toBeVisible()
  // No hand is as quick as a test: the keys are heard a moment after the first picture.
  await expect(async () => {
    await keyboard.press('F6')
    await expect(ada.window.locator(':focus')).toHaveAccessibleName(/^Ben, online/, { timeout: 200 })
  }).toPass()
  await keyboard.press('ArrowDown')
  await focused(/^Chen/)
  await keyboard.press('b')
  await focused(/^Ben/)
  await keyboard.press('Enter')
  const chat = ada.chatWith('Ben')
  await expect(chat.composer).toBeFocused()
  await keyboard.type('with the keyboard,')
  await keyboard.press('Shift+Enter')
  await keyboard.type('two lines')
  await keyboard.press('Enter')
  await expect(chat.lastMessage).toHaveAccessibleDescription('with the keyboard, two lines')
  await expect(chat.lastMessage).toHaveAccessibleName(/, Arrived$/)

  await test.step('F6 goes round: list, messages, composer', async () => {
    await keyboard.press('F6')
    await focused(/^Ben/)
    await keyboard.press('F6')
    await expect(chat.lastMessage).toBeFocused()
    await keyboard.press('ArrowUp')
    await expect(chat.message('write me')).toBeFocused()
    await keyboard.press('F6')
    await expect(chat.composer).toBeFocused()
    await keyboard.press('Shift+F6')
    await expect(chat.message('write me')).toBeFocused()
  })
  await test.step('Alt and arrows go from chat to chat, Esc back to the list, Ctrl K to the search', async () => {
    await keyboard.press('Alt+ArrowDown')
    await expect(ada.chatWith('Chen').region).toBeVisible()
    await keyboard.press('Alt+ArrowUp')
    await expect(chat.region).toBeVisible()
    await keyboard.press('Escape')
    await focused(/^Ben/)
    await keyboard.press('Control+k')
    await expect(ada.list.search).toBeFocused()
    await ada.opensSettings()
    await expect(ada.settings.region.getByText('Previous and next chat')).toBeVisible()
    await keyboard.press('Escape')
    await expect(ada.settings.region).toBeHidden()
  })
})

test('AC1: where a pressed button goes, the focus stays near; each incoming message is said, also the same words again', async ({ ada, ben }) => {
  await ada.befriends(ben, byServer)
  const page = ada.window
  const isSomewhere = (what: string) => expect.poll(() => page.evaluate('document.activeElement !== document.body'), { message: what }).toBe(true)

  await test.step('Sign off and Go online take each other\'s place', async () => {
    await ada.list.region.getByRole('button', { name: 'Sign off' }).focus()
    await page.keyboard.press('Enter')
    await expect(ada.list.region.getByRole('button', { name: 'Go online' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(ada.list.region.getByRole('button', { name: 'Sign off' })).toBeFocused()
  })
  await test.step('who left for nowhere is not called back', async () => {
    await page.evaluate('document.activeElement.blur()')
    await ben.list.setsStatus('at the harbour')
    await expect(ada.list.row('Ben')).toHaveAccessibleName(/at the harbour$/)
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true)
  })
  await test.step('a question from a menu gives the focus back to the menu\'s button', async () => {
    const chat = ada.chatWith('Ben')
    await chat.menu('Remove…')
    await expect(page.getByRole('dialog', { name: 'Remove Ben?' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(chat.region.getByRole('button', { name: 'More' })).toBeFocused()
  })
  await test.step('Esc from a page, and a search that is cleared', async () => {
    await ada.opensSettings()
    await page.keyboard.press('Escape')
    await isSomewhere('after Esc')
    await ada.list.search.fill('nobody here')
    await ada.list.region.getByRole('button', { name: 'Clear search' }).click()
    await expect(ada.list.search).toBeFocused()
  })
  await test.step('the same words twice are said twice', async () => {
    await ada.chatWith('Ben').show()
    for (const _ of [1, 2]) await ben.chatWith('Ada').says('ok')
    await expect(ada.chatWith('Ben').region.getByRole('status').getByText('Ben: ok')).toHaveCount(2)
  })
})
