import type { Ik, Ms } from '../../protocol/ids.ts'
import { TTL_MSG } from '../../protocol/limits.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import type { ConsentDeps, Ground } from './ground.ts'
import type { Buddy } from './roster.ts'

/** A window offers *Undo* for 10 s, and longer while somebody is at it. */
const UNDO_FOR: Ms = 60_000

/** Blocking, removing, and taking back. Who is blocked or removed is told nothing [C30–C32]. */

export interface Parting {
  block(ik: Ik): void
  /** Keys, tokens and what waits of somebody who stays blocked. */
  forgetBlocked(ik: Ik): void
  unblock(ik: Ik): void
  undo(ik: Ik): void
  remove(ik: Ik): void
  /** [C30] `left` sealed, then the rule goes, and all keys. */
  farewell(ik: Ik): Promise<void>
  /** What *Undo* would bring back: declined or blocked in this run. */
  remember(before: Buddy): void
  mayUndo(ik: Ik): boolean
}

export function createParting(deps: ConsentDeps, ground: Ground): Parting {
  const { store, roster, keyring, outbox, session } = deps
  const { isOn, putRules } = ground
  const undoable = new Map<Ik, { before: Buddy; stop: () => void }>()

  async function farewell(ik: Ik) {
    const buddy = roster.get(ik)
    if (buddy === undefined || buddy.state !== 'removed' || !isOn()) return
    const owner = { ik, dev: buddy.dev }
    const key = keyring.pick(owner)
    if (key !== undefined) store.write(() => keyring.spend(owner, key.id))
    const frames: Bytes[] = outbox.open(buddy.c).filter((frame) => frame.t === 'left').map((frame) => frame.bytes)
    if (key !== undefined && buddy.theirTok !== undefined && frames.length > 0) {
      const envelope = await deps.courier().seal({ ...owner, key: key.id, pk: key.pk }, { frames, hb: keyring.held(owner) })
      if (roster.get(ik)?.state !== 'removed') return
      const answer = await session.drop({ addr: buddy.addr, tok: buddy.theirTok, cls: 'msg', ttl: TTL_MSG / 1000 }, envelope)
      // Anything but a final answer: it goes again at the next log-on.
      if (!answer.ok && answer.code !== 'denied' && answer.code !== 'not-found') return
    }
    if (roster.get(ik)?.state !== 'removed') return
    const ids = roster.rules().filter((rule) => rule.ik === ik && !rule.tomb).map((rule) => rule.id)
    store.write(() => {
      for (const id of ids) roster.dropRule(id)
      keyring.forget(ik)
      outbox.forget(ik, buddy.c)
      deps.dropHeld(ik)
      roster.change(ik, { hb: 0 })
      roster.clear(ik, 'theirTok', 'myTok', 'rule', 'ok', 'asked')
    })
    await session.request({ t: 'acl.del', ids })
  }

  /** Blocked by mistake, a moment ago: keys and tokens are still here. What they wrote meanwhile is lost [C32]. */
  function bringBack({ ik }: Buddy) {
    const { h, rules } = store.write(() => {
      const rules = roster.rules().filter((rule) => rule.ik === ik).map((rule) => roster.setRule(rule.id, { tomb: false }))
      roster.change(ik, { state: 'accepted' })
      return { h: roster.undeny(ik), rules }
    })
    deps.background(session.request({ t: 'acl.deny', add: [], del: [h] }))
    deps.background(putRules(...rules))
    deps.presence.watch(ik)
    deps.presence.announceTo()
  }

  const parting: Parting = {
    farewell,
    mayUndo: (ik) => undoable.has(ik),
    remember: (before) => void undoable.set(before.ik, { before, stop: () => undefined }),
    block(ik) {
      const buddy = roster.get(ik)
      if (buddy === undefined) return
      deps.links.stop(ik, 'off')
      const { h, rules } = store.write(() => {
        const tombs = roster.rules().filter((rule) => rule.ik === ik).map((rule) => roster.setRule(rule.id, { tomb: true }))
        const h = roster.deny(ik)
        roster.change(ik, { state: 'blocked' })
        return { h, rules: tombs }
      })
      // Nothing passes from now on; keys and tokens go when it can't be taken back any more.
      undoable.set(ik, { before: buddy, stop: deps.clock.after(UNDO_FOR, () => parting.forgetBlocked(ik)) })
      deps.presence.unwatch(buddy.addr)
      deps.presence.announceTo()
      deps.background(session.request({ t: 'acl.deny', add: [h], del: [] }))
      deps.background(putRules(...rules))
    },
    forgetBlocked(ik) {
      undoable.get(ik)?.stop()
      undoable.delete(ik)
      const buddy = roster.get(ik)
      if (buddy?.state !== 'blocked') return
      store.write(() => {
        keyring.forget(ik)
        outbox.forget(ik, buddy.c)
        deps.dropHeld(ik)
        roster.change(ik, { hb: 0 })
        roster.clear(ik, 'theirTok', 'myTok', 'rule', 'asked', 'ok')
      })
    },
    unblock(ik) {
      const buddy = roster.get(ik)
      if (buddy?.state !== 'blocked') return
      parting.forgetBlocked(ik)
      const h = store.write(() => {
        const hash = roster.undeny(ik)
        roster.change(ik, { state: 'removed' })
        return hash
      })
      deps.background(session.request({ t: 'acl.deny', add: [], del: [h] }))
    },
    undo(ik) {
      const kept = undoable.get(ik)
      const now = roster.get(ik)
      undoable.delete(ik)
      if (kept === undefined || now === undefined) return
      const { before } = kept
      kept.stop()
      if (now.state === 'blocked' && before.state === 'accepted') return bringBack(now)
      if (now.state === 'blocked') parting.unblock(ik)
      if (before.state === 'asking' && before.asking !== undefined) store.write(() => roster.change(ik, { state: 'asking', asking: before.asking! }))
    },
    remove(ik) {
      const buddy = roster.get(ik)
      if (buddy === undefined) return
      deps.links.stop(ik, 'off')
      deps.presence.unwatch(buddy.addr)
      store.write(() => {
        if (buddy.theirTok !== undefined) outbox.number(buddy, { t: 'left' }, true)
        roster.change(ik, { state: 'removed' })
      })
      deps.presence.announceTo()
      deps.background(farewell(ik))
    },
  }
  return parting
}
