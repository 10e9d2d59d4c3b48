import type { Ik } from '../../protocol/ids.ts'
import type { AclRule } from '../../protocol/wire/signaling.ts'
import { compareRecords, type ReadRecord, readRecord } from '../identity/records.ts'
import type { Asking } from './asking.ts'
import type { ConsentDeps, Ground } from './ground.ts'
import type { Buddy } from './roster.ts'

/** How a person stands at the server: newer records, new devices, changed keys [I5–I7, E20]. */

export interface Standing {
  look(ik: Ik): Promise<void>
  judgeRecord(buddy: Buddy, came: ReadRecord): 'ok' | 'alarm'
  /** Gives the key that is pinned from now on. */
  takeChangedKey(ik: Ik, level: 'verified' | 'unverified'): Promise<Ik | undefined>
}

export function createStanding(deps: ConsentDeps, ground: Ground, asking: Asking): Standing {
  const { store, clock, chance, roster, keyring, session } = deps
  const { isOn, putRules, pin, pinDevice } = ground
  const { sendKnock, sendOwedRejoin } = asking

  const standing: Standing = {
    async look(ik) {
      const buddy = roster.get(ik)
      if (buddy === undefined || !isOn() || buddy.state !== 'accepted') return
      const answer = await session.request({ t: 'account.get', addr: buddy.addr, ...(buddy.theirTok === undefined ? {} : { tok: buddy.theirTok }) })
      const now = roster.get(ik)
      if (!answer.ok || now?.state !== 'accepted') return
      const found = readRecord(answer.r.rec)
      if (!found.ok || found.value.record.addr !== now.addr) return
      if (found.value.record.ik !== ik) {
        // [I7] another key under a pinned address: nothing is sent any more until the user decides
        if (now.changed?.rec.p === found.value.signed.p) return
        deps.links.stop(ik, 'off')
        return store.write(() => {
          keyring.forgetTheirs(ik)
          roster.change(ik, { changed: { rec: found.value.signed, at: clock.now() }, level: 'unverified' })
          roster.clear(ik, 'theirTok')
          deps.receive.line(ik, { what: 'key-changed' })
        })
      }
      if (standing.judgeRecord(now, found.value) === 'ok') deps.background(sendOwedRejoin(ik))
    },
    judgeRecord(buddy, came) {
      const verdict = compareRecords({ seq: buddy.seq, p: buddy.rec.p }, { seq: came.record.seq, p: came.signed.p })
      if (verdict === 'same') return 'ok'
      if (verdict === 'rollback' || verdict === 'divergent') {
        store.write(() => deps.receive.alarm(buddy.ik, verdict))
        return 'alarm'
      }
      store.write(() => {
        if (came.cert.dev === buddy.dev) return void roster.change(buddy.ik, pin(came))
        pinDevice(buddy, came)
        roster.change(buddy.ik, { asked: { knock: chance.uuid7(clock.now()), text: '', at: clock.now(), sent: 0, rejoin: true } })
      })
      return 'ok'
    },
    async takeChangedKey(ik, level) {
      const buddy = roster.get(ik)
      const record = buddy?.changed === undefined ? undefined : readRecord(buddy.changed.rec)
      if (buddy === undefined || record === undefined || !record.ok) return undefined
      const newIk = record.value.record.ik
      const rules: AclRule[] = []
      store.write(() => {
        for (const rule of roster.rules().filter((one) => one.ik === ik)) roster.dropRule(rule.id)
        keyring.forget(ik)
        const next = roster.add(record.value, {
          name: buddy.name, state: 'asked', asked: { knock: chance.uuid7(clock.now()), text: '', at: clock.now(), sent: 0 }, level, connect: buddy.connect, lan: buddy.lan, notify: buddy.notify, draft: buddy.draft,
          mine: buddy.mine, myModes: buddy.myModes, ...(level === 'verified' ? { verifiedAt: clock.now() } : {}),
        })
        const { tok, rule } = roster.grant(newIk, ['drop'])
        roster.change(newIk, { myTok: tok, rule: rule.id })
        deps.moveChat(buddy, next)
        roster.forget(ik)
        rules.push(rule)
      })
      // Where this fails now, the next log-on sends it: the decision stands.
      deps.background(putRules(...rules).then((isPut) => (isPut ? sendKnock(newIk) : undefined)))
      return newIk
    },
  }
  return standing
}
