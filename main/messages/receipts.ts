import type { DevId, Ik, Ms } from '../../protocol/ids.ts'
import { MAX_RECEIPT_IDS, RECEIPT_BY_MAIL, RECEIPT_ON_LINK, REPEAT_RECEIPT_SPACING } from '../../protocol/limits.ts'
import type { Notice } from '../../protocol/wire/peer.ts'
import type { Clock } from '../ports.ts'
import type { Chance } from '../random.ts'
import type { Roster } from '../roster/roster.ts'
import type { Numbers } from './numbers.ts'

/** [W21] When a receipt leaves: the first on a link at once, further ones together; through the server after a random while. */

export interface Receipts {
  /** Frames of this device were taken, or came again. */
  due(ik: Ik, dev: DevId): void
  /** [E11] Said again for an envelope that came again, at most every 2 s. */
  repeat(ik: Ik): void
  linkUp(ik: Ik): void
  /** What waits was meant for a device that is gone. */
  forget(ik: Ik): void
}

interface ReceiptsDeps {
  clock: Clock
  chance: Chance
  roster: Roster
  numbers: Numbers
  isUp(ik: Ik): boolean
  /** Takes the place of what was to be said of this device. */
  say(ik: Ik, dev: DevId, receipts: Notice[]): void
}

interface Owed { devices: Set<DevId>; stop: (() => void) | undefined; hasSaid: boolean; repeatedAt: Ms }

export function createReceipts({ clock, chance, roster, numbers, isUp, say }: ReceiptsDeps): Receipts {
  const all = new Map<Ik, Owed>()
  const owedTo = (ik: Ik): Owed => {
    const known = all.get(ik)
    if (known !== undefined) return known
    const made: Owed = { devices: new Set(), stop: undefined, hasSaid: false, repeatedAt: 0 }
    all.set(ik, made)
    return made
  }

  function flush(ik: Ik) {
    const owed = owedTo(ik)
    owed.stop = undefined
    const buddy = roster.get(ik)
    if (buddy === undefined) return
    const devices = [...owed.devices]
    owed.devices.clear()
    for (const dev of devices) {
      const { upTo, ids } = numbers.got(buddy.c, dev)
      const receipts: Notice[] = []
      for (let i = 0; i === 0 || i < ids.length; i += MAX_RECEIPT_IDS) {
        const some = ids.slice(i, i + MAX_RECEIPT_IDS)
        receipts.push({ t: 'rcpt', c: buddy.c, kind: 'got', dev, upTo, ...(some.length > 0 ? { ids: some } : {}) })
      }
      say(ik, dev, receipts)
    }
  }

  const receipts: Receipts = {
    due(ik, dev) {
      const owed = owedTo(ik)
      owed.devices.add(dev)
      if (owed.stop !== undefined) return
      if (!isUp(ik)) {
        owed.stop = clock.after(chance.fraction() * RECEIPT_BY_MAIL, () => flush(ik))
      } else if (owed.hasSaid) {
        owed.stop = clock.after(RECEIPT_ON_LINK, () => flush(ik))
      } else {
        flush(ik)
        owed.hasSaid = true
        clock.after(RECEIPT_ON_LINK, () => (owed.hasSaid = false))
      }
    },
    repeat(ik) {
      const owed = owedTo(ik)
      const buddy = roster.get(ik)
      if (buddy?.state !== 'accepted' || clock.now() - owed.repeatedAt < REPEAT_RECEIPT_SPACING) return
      owed.repeatedAt = clock.now()
      receipts.due(ik, buddy.dev)
    },
    linkUp: (ik) => void (owedTo(ik).hasSaid = false),
    forget: (ik) => owedTo(ik).devices.clear(),
  }
  return receipts
}
