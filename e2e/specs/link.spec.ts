import { expect, test } from '../fixtures.ts'
import { invitePage } from '../pages/invite.ts'

test('[L7] [C1] [L3] [L5] NP4: no WebRTC connection before both chose Direct; then one, without any foreign server, and it ends with the choice', async ({ ada, ben, wire }) => {
  ada.reaches(wire.where)
  ben.reaches(wire.where)
  await ada.befriends(ben, { keep: 'Keep', connect: 'Through the server' })
  const [adas, bens] = [ada.chatWith('Ben'), ben.chatWith('Ada')]
  const both = () => [...ada.connections, ...ben.connections]

  await test.step('through the server', async () => {
    await adas.says('one')
    await bens.says('two')
    await expect(adas.message('two')).toBeVisible()
    for (const chat of [adas, bens]) await expect(chat.connection).toHaveAccessibleName(/^Connection: through the server, (Ada|Ben) doesn't see your address$/)
    expect(both()).toEqual([])
  })
  await test.step('one of them chose Direct: still nothing of the other, and no address', async () => {
    await adas.connects('Direct')
    await adas.says('three')
    await expect(bens.message('three')).toBeVisible()
    expect(ben.connections).toEqual([])
    await expect(bens.connection).toHaveAccessibleName(/through the server/)
  })
  await test.step('both did: the header says what the other sees', async () => {
    await bens.connects('Direct')
    // Chromium may send to loopback from any address of this computer; what the header says is what the other really sees.
    await expect(adas.connection).toHaveAccessibleName(/^Connection: direct on (this computer|your network), Ben sees your address [0-9a-f.:]+$/, { timeout: 30_000 })
    await expect(bens.connection).toHaveAccessibleName(/^Connection: direct on (this computer|your network), Ada sees your address [0-9a-f.:]+$/)
    await expect(adas.connection).toHaveText(/^Direct on (this computer|your network) · Ben sees [0-9a-f.:]+$/)
    expect(both().filter(({ isClosed }) => !isClosed)).toHaveLength(2)
    for (const { iceServers, heard } of both()) {
      expect(iceServers).toEqual([])
      expect(heard.filter((address) => address !== '127.0.0.1' && address !== '::1'), 'only loopback is signalled').toEqual([])
    }
    expect(both().flatMap(({ heard }) => heard)).toContain('127.0.0.1')
    await adas.says('four')
    await expect(adas.lastMessage).toHaveAccessibleName(/, Arrived$/)
  })
  await test.step('Through the server again: closed at both', async () => {
    await bens.connects('Through the server')
    await expect(bens.connection).toHaveAccessibleName(/through the server/)
    await expect(adas.connection).not.toHaveAccessibleName(/direct/)
    await expect.poll(() => both().filter(({ isClosed }) => !isClosed)).toEqual([])
    await bens.says('five')
    await expect(adas.message('five')).toBeVisible()
  })
  await test.step('[L1] and all that while no SDP, candidate or text has passed the server', async () => {
    const passed = wire.passed()
    expect(passed.filter(({ isText }) => isText).length).toBeGreaterThan(20)
    expect(passed.filter(({ isText }) => !isText).length).toBeGreaterThan(10)
    const telling = /candidate:|a=(ice|candidate|fingerprint|setup|mid)|v=0\r?\n|m=application|"sdp"|ufrag|127\.0\.0\.1:\d+ typ/
    expect(passed.filter(({ text }) => telling.test(text)).map(({ text }) => text.slice(0, 200))).toEqual([])
    expect(passed.filter(({ isText, text }) => isText && text.includes('a=')).map(({ text }) => text.slice(0, 200))).toEqual([])
    for (const word of ['one', 'two', 'three', 'four', 'five']) expect(passed.some(({ text }) => text.includes(`"${word}"`)), word).toBe(false)
    expect('a=candidate:1 1 udp 2122260223 127.0.0.1 40000 typ host', 'what is looked for').toMatch(telling)
  })
})

test('[L7] [C1] a request that waits, and an invite that is open, make no connection and show no address', async ({ ada, ben }) => {
  await Promise.all([ada.goOnline(), ben.goOnline()])
  await invitePage(ada.window).link()
  await ben.asks(await ada.address(), 'hello', { keep: 'Keep', connect: 'Direct' })
  await ada.list.requests.click()
  await ada.requests.from('Ben').curtain.click()
  await expect(ada.requests.from('Ben').item.getByText('hello')).toBeVisible()
  await ben.list.row('ada').click()
  expect([...ada.connections, ...ben.connections]).toEqual([])

  await test.step('accepted Through the server, Ben\'s Direct alone connects nothing', async () => {
    await ada.requests.from('Ben').accept()
    await ada.accepts('Ben', { keep: 'Keep', connect: 'Through the server' })
    await ben.chatWith('Ada').says('are you there?')
    await expect(ada.chatWith('Ben').message('are you there?')).toBeVisible()
    expect(ada.connections).toEqual([])
  })
})
