import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startCore, tempDir } from '../testing/core.ts'

test('“this computer”: who gets the port serves, the other profile joins, and takes over when the first goes', async () => {
  const temp = tempDir()
  const serverDir = join(temp.path, 'shared')
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const ada = await startCore({ dir: join(temp.path, 'ada'), serverDir, serverPort: port })
  const ben = await startCore({ dir: join(temp.path, 'ben'), serverDir, serverPort: port })
  try {
    for (const [core, name] of [[ada, 'Ada'], [ben, 'Ben']] as const) {
      await core.client.call('createIdentity', { name, handle: name.toLowerCase(), where: { kind: 'this-computer' } })
      await core.client.call('goOnline', {})
      await core.until(`${name} is on`, () => core.state().connection.at === 'on')
      assert.equal(core.state().me!.isThisComputer, true)
    }
    const { link } = await ada.client.call('createInvite', {})
    assert.equal(ada.state().invites[0]!.thisComputerOnly, true)
    await ben.client.call('addByInvite', { link, connect: 'direct', keep: 'disk' })
    await ben.until('buddies', (core) => core.buddy('Ada')?.state === 'accepted')
    await ada.close()
    await ben.until('Ben serves now', (core) => core.state().connection.at === 'waiting')
    await ben.until('and is on again', (core) => core.state().connection.at === 'on', 10_000)
  } finally {
    await ben.close()
    temp.remove()
  }
})
