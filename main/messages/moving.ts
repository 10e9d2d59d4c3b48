import type { Ms } from '../../protocol/ids.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import type { Keyring } from '../envelopes/keyring.ts'
import type { Chance } from '../random.ts'
import type { Buddy, Roster } from '../roster/roster.ts'
import type { Store } from '../store/store.ts'
import type { Conversations } from './conversations.ts'
import type { Items } from './items.ts'
import type { OutFrame, Outbox } from './outbox.ts'

/** Texts that wait while a key or a device changes: written anew in the conversation, or by the device, that comes after. */
export interface Moving {
  /** [I7] Their key changed: the chat goes on under the new one, and what waits is kept until it is accepted. */
  toNewKey(from: Buddy, to: Buddy): void
  countWaiting(to: Buddy): number
  dropWaiting(to: Buddy): void
  /** Texts that waited for this acceptance, once. */
  takeWaiting(to: Buddy): string[]
  /** [C9] A new device of mine: buddies hear of it by a knock that they answer without asking. */
  toNewDevice(): void
}

interface MovingDeps {
  store: Store
  now: () => Ms
  chance: Chance
  roster: Roster
  keyring: Keyring
  conversations: Conversations
  items: Items
  outbox: Outbox
  write(buddy: Buddy, text: string): void
}

const textOf = ({ bytes }: { bytes: Bytes }) => (JSON.parse(Buffer.from(bytes).toString()) as { text: string }).text

export function createMoving({ store, now, chance, roster, keyring, conversations, items, outbox, write }: MovingDeps): Moving {
  /** Takes what waits out of the old place. What is not kept goes, as at a quit. */
  function uproot(buddy: Buddy, isTaken: (frame: OutFrame) => boolean): string[] {
    const waiting = outbox.open(buddy.c).filter((frame) => frame.t === 'msg')
    for (const frame of waiting) if (isTaken(frame)) items.remove(buddy.c, frame.id)
    outbox.forget(buddy.ik, buddy.c)
    return waiting.filter((frame) => frame.isKept).map(textOf)
  }
  const waitingFor = (to: Buddy) => `moved:${to.ik}`
  const textsFor = (to: Buddy) => store.meta.get<string[]>(waitingFor(to)) ?? []

  const moving: Moving = {
    toNewKey(from, to) {
      store.meta.set(waitingFor(to), uproot(from, () => true))
      conversations.nextPos(to.c, now())
      items.move(from.c, to.c)
    },
    countWaiting: (to) => textsFor(to).length,
    dropWaiting: (to) => store.write(() => store.meta.set(waitingFor(to), [])),
    takeWaiting(to) {
      const texts = textsFor(to)
      if (texts.length > 0) moving.dropWaiting(to)
      return texts
    },
    toNewDevice: () => store.write(() => {
      keyring.newDevice()
      for (const buddy of roster.all()) {
        const texts = uproot(buddy, (frame) => frame.isKept)
        conversations.restart(buddy.c)
        if (buddy.state !== 'accepted') continue
        roster.change(buddy.ik, { hb: 0, asked: { knock: chance.uuid7(now()), text: '', at: now(), sent: 0, rejoin: true } })
        roster.clear(buddy.ik, 'ok')
        for (const text of texts) write(buddy, text)
      }
    }),
  }
  return moving
}
