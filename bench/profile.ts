import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, systemRandom } from '../main/hosts/givens.ts'
import { signerOf } from '../main/identity/crypto.ts'
import { makeCert, makeRecord, readRecord } from '../main/identity/records.ts'
import { createConversations } from '../main/messages/conversations.ts'
import { createItems } from '../main/messages/items.ts'
import { createChance } from '../main/random.ts'
import { createRoster } from '../main/roster/roster.ts'
import { migrations } from '../main/store/migrations/index.ts'
import { openStore } from '../main/store/open.ts'
import { createStore } from '../main/store/store.ts'
import { openWindow } from '../main/web/ws-client.ts'
import { webSecrets } from '../main/web/secrets.ts'
import { connect } from '../protocol/app/rpc.ts'
import type { Address, DevId, Dk, Ik } from '../protocol/ids.ts'
import { startProgram } from './programs.ts'

/** A profile as it is after some years: an identity made by the real host, then buddies and messages put in by the core's own modules. */

const DAY = 24 * 3_600_000

export async function makeProfile({ dataDir, server, buddies, messages }: { dataDir: string; server: string; buddies: number; messages: number }): Promise<void> {
  const host = await startProgram('main/web/index.ts', ['--data-dir', dataDir, '--server-port', '0'])
  const { origin, hash } = new URL(String(host.ready['url']))
  const window = await openWindow({ origin, first: { token: hash.slice(1) } })
  if (!window.ok) throw new Error(`the host refused the window: ${window.code}`)
  const client = connect(window.opened.pipe)
  await client.call('createIdentity', { name: 'Ada', handle: 'ada', where: { kind: 'server', server } })
  await host.stop()

  const folder = join(dataDir, 'profiles/default')
  const key = webSecrets({ folder, random: systemRandom }).open(readFileSync(join(folder, 'store.key')))!
  const store = createStore(openStore({ file: join(folder, 'log.db'), key, migrations }), { clock: systemClock, onDiskFull: () => undefined, onEffectBug: (error) => { throw error } })
  const chance = createChance(systemRandom)
  const myIk = store.meta.get<{ ik: Ik }>('identity')!.ik
  const roster = createRoster({ store, chance, now: Date.now, myIk: () => myIk, onChange: () => undefined })
  const conversations = createConversations({ store })
  const items = createItems({ store, transfer: () => undefined, onItem: () => undefined, onGone: () => undefined, onCleared: () => undefined })

  for (let i = 0; i < buddies; i++) {
    store.write(() => {
      const since = Date.now() - 900 * DAY
      const kept = { mode: 'disk', since, rev: 1 } as const
      const { c } = roster.add(somebody(i), { name: `Buddy ${i}`, state: 'accepted', mine: kept, myModes: ['off', 'disk'], theirs: kept, acceptedAt: since })
      for (let n = 0; n < messages / buddies; n++) {
        const at = since + n * 5 * 3_600_000 + i * 1_000
        const mine = n % 2 === 0
        const text = `${n} see you at six, or a little later if the train is late again`
        items.add(c, { kind: 'message', id: chance.uuid7(at), pos: conversations.nextPos(c, at), mine, text, at, ...(mine ? { state: 'arrived' as const } : {}) }, 'disk')
      }
    })
  }
  store.close()
}

function somebody(i: number) {
  const ik = signerOf(randomBytes(32))
  const dk = signerOf(randomBytes(32))
  const seq = Date.now()
  const cert = makeCert(ik, { dev: randomBytes(16).toString('base64url') as DevId, dk: dk.pub as Dk, seq, iat: seq })
  const read = readRecord(makeRecord(ik, { addr: `buddy${i}@chat.example` as Address, seq, iat: seq, cert }))
  if (!read.ok) throw new Error(read.why)
  return read.value
}
