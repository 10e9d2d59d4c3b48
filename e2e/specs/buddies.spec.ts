import { expect, test } from '../fixtures.ts'
import { addBuddyPage, addQuestion, answer, invitePage } from '../pages/invite.ts'

const byServer = { keep: 'Keep', connect: 'Through the server' } as const

test('CC6: a link for one person makes two buddies, on each side linked; whoever comes later is told that it was used', async ({ ada, ben, chen }) => {
  await Promise.all([ada.goOnline(), ben.goOnline(), chen.goOnline()])

  await test.step('Ada sees her link and its QR code as soon as she is online', async () => {
    await expect(ada.window.getByRole('heading', { name: 'Invite someone on this computer' }), 'the server of a test is on this computer').toBeVisible()
    await expect(ada.window.getByRole('img', { name: 'QR code of your invite link' })).toBeVisible()
  })
  const link = await invitePage(ada.window).link()
  await ada.window.getByRole('button', { name: 'Copy link' }).click()
  await expect(ada.window.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await ada.window.evaluate('navigator.clipboard.readText()')).toBe(link)
  await ada.window.getByRole('button', { name: 'Copy with a short note' }).click()
  await expect.poll(() => ada.window.evaluate('navigator.clipboard.readText()')).toContain(`Let's talk on Parley: ${link} – it works once`)

  await test.step('what is no invite, and her own, is refused in words', async () => {
    await ada.list.addBuddy()
    for (const [typed, words] of [['parley://i#bm90IGFuIGludml0ZQ', 'This isn’t an invite link of Parley.'], [link, 'This is your own invite.']] as const) {
      await addBuddyPage(ada.window).openLink(typed)
      const dialog = ada.window.getByRole('dialog', { name: 'This invite can\'t be used' })
      await expect(dialog.getByText(words)).toBeVisible()
      await dialog.getByRole('button', { name: 'Close' }).click()
    }
  })

  await test.step('Ben pastes it; Add without a Keep choice moves the focus and says why', async () => {
    await ben.list.addBuddy()
    await addBuddyPage(ben.window).openLink(link)
    const dialog = ben.window.getByRole('dialog', { name: 'Add Ada?' })
    await expect(dialog.getByText(/^ada@.* · added by invite link$/)).toBeVisible()
    const keep = dialog.getByRole('radiogroup', { name: 'Keep this conversation' })
    await expect(keep.getByRole('radio', { checked: true })).toHaveCount(0)
    const relayed = dialog.getByRole('radio', { name: 'Relayed' })
    await expect(relayed).toHaveAccessibleDescription('This server has no relay')
    await relayed.click({ force: true })
    await expect(dialog.getByRole('radio', { name: 'Through the server' }), 'a relay that is not there cannot be chosen').toBeChecked()
    await dialog.getByRole('button', { name: 'Add' }).click()
    await expect(keep).toHaveAccessibleDescription('Choose what you keep.')
    await expect(keep.getByRole('radio', { name: 'Keep', exact: true })).toBeFocused()
    await addQuestion(ben.window).add('Ada', byServer)
  })

  await test.step('both lists move by themselves, and both see a seal', async () => {
    await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, online')
    await expect(ben.list.row('Ada')).toHaveAccessibleName('Ada, online')
    for (const [one, other] of [[ada, 'Ben'], [ben, 'Ada']] as const) {
      await one.chatWith(other).show()
      await expect(one.chatWith(other).region.getByRole('img', { name: /^Added by invite link/ })).toBeVisible()
    }
  })

  await test.step('the inviter says above the composer what she keeps, before the first word', async () => {
    const chat = ada.chatWith('Ben')
    await expect(chat.line(/^Ben was added by your invite, \d{1,2}:\d\d\.$/)).toBeVisible()
    await expect(chat.composer).not.toBeEditable()
    await chat.keeps('Until I sign off')
    await expect(chat.composer).toBeEditable()
  })

  await test.step('Chen, with the same link, where one needs an invite', async () => {
    await (await ada.opensSettings()).lets('Only with my invite')
    await chen.list.addBuddy()
    await addBuddyPage(chen.window).openLink(link)
    const dialog = chen.window.getByRole('dialog', { name: 'Add Ada?' })
    await answer(dialog, byServer)
    await dialog.getByRole('button', { name: 'Add' }).click()
    await expect(dialog.getByText('This invite was used already, or its time is over. Ask for a new one.')).toBeVisible()
  })
})

test('[C1] [C2] CC12: who asks by address waits behind a curtain, and only Accept with a Keep choice answers', async ({ ada, ben }) => {
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await ben.asks(await ada.address(), 'it is Ben from the choir https://choir.example', byServer)
  await expect(ben.window.getByText('ada is asked. You hear only if ada accepts.')).toHaveCount(0)
  await expect(ben.list.row('ada')).toHaveAccessibleName(/^ada, asked /)

  await expect(ada.list.requests).toHaveAccessibleName('Requests, 1 waiting')
  await ada.list.requests.click()
  const { item, curtain, question, accept } = ada.requests.from('Ben')
  await expect(curtain).toHaveAttribute('aria-expanded', 'false')
  await expect(item.getByText('from the choir'), 'not in the tree').toHaveCount(0)
  await curtain.click()
  await expect(curtain).toHaveAttribute('aria-expanded', 'true')
  await expect(item.getByText('it is Ben from the choir https://choir.example')).toBeVisible()
  await expect(item.getByRole('link')).toHaveCount(0)

  await accept()
  await expect(question.getByText(/^ben@.* · not verified$/)).toBeVisible()
  await expect(question.getByRole('heading', { name: 'Accept Ben?' })).toBeFocused()
  const keep = question.getByRole('radiogroup', { name: 'Keep this conversation' })
  await question.getByRole('button', { name: 'Accept' }).click()
  await expect(keep).toHaveAccessibleDescription('Choose what you keep.')
  await expect(question.getByRole('alert')).toHaveText('Choose what you keep.')
  await expect(keep.getByRole('radio', { name: 'Keep', exact: true })).toBeFocused()
  await ada.window.keyboard.press('Escape')
  await expect(item, 'Esc leaves it standing').toBeVisible()
  await accept()
  await ada.accepts('Ben', byServer)
  await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, online')
  await expect(ben.list.row('Ada'), 'with the name that she gave herself').toHaveAccessibleName('Ada, online')
})

test('[C31] a request is declined or blocked with a way back, a block ends in Settings, a buddy and an invite can be taken back', async ({ ada, ben }) => {
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await ben.asks(await ada.address(), 'hello', byServer)
  await ada.list.requests.click()
  const { item, decline, block } = ada.requests.from('Ben')

  await decline()
  await expect(item).toBeHidden()
  await expect(ada.window.getByText('Declined. Ben isn\'t told.')).toBeVisible()
  await ada.list.undo.click()
  await block()
  await expect(item).toBeHidden()
  await ada.list.undo.click()
  await expect(item).toBeVisible()
  await block()
  await expect(ada.window.getByText('Blocked. Ben isn\'t told, and sees you as offline.')).toBeVisible()
  await expect(ben.list.row('ada'), 'Ben is not told').toHaveAccessibleName(/^ada, asked /)

  const { blocked } = await ada.opensSettings()
  await expect(blocked.getByRole('listitem')).toHaveCount(1)
  await blocked.getByRole('button', { name: 'Unblock Ben' }).click()
  await expect(blocked.getByRole('listitem')).toHaveCount(0)

  await test.step('an open invite is withdrawn, and a request of one\'s own', async () => {
    await ada.invites()
    await ada.list.addBuddy()
    const { openInvites } = addBuddyPage(ada.window)
    await expect(openInvites).toHaveText(/works once/)
    await openInvites.getByRole('button', { name: 'Withdraw' }).click()
    await expect(openInvites).toHaveCount(0)
    await ben.list.row('ada').getByRole('button', { name: 'Withdraw' }).click()
    await expect(ben.list.row('ada')).toBeHidden()
  })
})

test('[C30] who is removed can be brought back for a moment; then they are gone, and hear nothing of it', async ({ ada, ben }) => {
  await ada.befriends(ben, byServer)
  await ada.chatWith('Ben').menu('Remove…')
  const dialog = ada.window.getByRole('dialog', { name: 'Remove Ben?' })
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(ada.list.row('Ben')).toBeHidden()
  await ada.list.undo.click()
  await expect(ada.list.row('Ben')).toBeVisible()

  await ada.chatWith('Ben').menu('Remove…')
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(ada.list.undo).toBeVisible()
  await ada.window.reload()
  await expect(ada.list.region).toBeVisible()
  await expect(ada.list.row('Ben')).toBeHidden()
  await expect(ben.list.row('Ada')).toHaveAccessibleName('Ada, offline')
  await ben.chatWith('Ada').says('are you there?')
  await expect(ben.chatWith('Ada').lastMessage).toHaveAccessibleName(/Waiting here$/)
  await expect(ben.chatWith('Ada').log).not.toContainText(/remove/i)
})

test('[C32] who is blocked sees somebody offline, and what they write never comes', async ({ ada, ben }) => {
  await ada.befriends(ben, byServer)
  await ada.chatWith('Ben').menu('Block')
  await expect(ada.list.row('Ben')).toBeHidden()
  await expect(ben.list.row('Ada')).toHaveAccessibleName('Ada, offline')
  await ben.chatWith('Ada').says('are you there?')
  await expect(ben.chatWith('Ada').lastMessage).toHaveAccessibleName(/Sent$/)
  await ada.restarts()
  await ada.goOnline()
  await expect(ada.list.rows).toHaveCount(0)
})

test('SO6: presence, status, unread counts and last lines are told both ways; Search finds by name and address', async ({ ada, ben, chen }) => {
  await ada.befriends(ben, byServer)
  await ada.befriends(chen, byServer)
  await ben.list.appears('Busy')
  await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, busy')
  await ben.list.setsStatus('At the harbour')
  await expect(ben.list.status).toHaveAccessibleName('Status: busy, at the harbour')
  await expect(ada.list.row('Ben').getByText('At the harbour')).toBeVisible()
  await ada.list.appears('Away')
  await expect(ben.list.row('Ada')).toHaveAccessibleName('Ada, away')

  await ada.window.keyboard.press('Escape')
  await ada.opensSettings()
  await ben.chatWith('Ada').says('one')
  await ben.chatWith('Ada').says('two')
  await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, busy, 2 unread')
  await expect(ada.list.row('Ben').getByRole('button')).toHaveAccessibleDescription('two')
  await expect(ada.window).toHaveTitle('(2) Parley')
  await ada.chatWith('Ben').show()
  await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, busy')
  await expect(ada.window).toHaveTitle('Parley')
  await ada.chatWith('Ben').says('three')
  await expect(ada.list.row('Ben').getByRole('button')).toHaveAccessibleDescription('You: three')

  await ada.list.search.fill('CHE')
  await expect(ada.list.rows).toHaveCount(1)
  await expect(ada.list.row('Chen')).toBeVisible()
  await ada.list.search.fill('ben@')
  await expect(ada.list.row('Ben')).toBeVisible()
  await expect(ada.list.row('Chen')).toBeHidden()
  await ada.list.search.fill('nobody')
  await expect(ada.list.region.getByText('Nobody by that name or address.')).toBeVisible()
  await ada.list.search.fill('')

  await ben.signOff()
  await expect(ada.list.row('Ben')).toHaveAccessibleName('Ben, offline')
  await expect(ben.list.row('Ada'), 'unknown is not offline').toHaveAccessibleName(/^Ada(, 1 unread)?$/)
})
