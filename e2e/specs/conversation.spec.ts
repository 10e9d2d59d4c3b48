import { expect, test } from '../fixtures.ts'

test('Ada invites Ben, and what one says arrives at the other', async ({ ada, ben }) => {
  await ada.befriends(ben)
  await ada.chatWith('Ben').says('see you at six')
  await ben.chatWith('Ada').show()
  await expect(ben.chatWith('Ada').lastMessage).toHaveAccessibleDescription('see you at six')
  await ben.chatWith('Ada').says('fine')
  await expect(ada.chatWith('Ben').lastMessage).toHaveAccessibleDescription('fine')
  await expect(ada.chatWith('Ben').connection).toHaveAccessibleName(/direct/)
})
