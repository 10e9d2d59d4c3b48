import { accountDeleteInput } from '../../protocol/wire/tbs.ts'
import { compareRecord, isFindable } from '../broker.ts'
import { b64Of, bytesOf } from '../crypto.ts'
import type { Live } from '../live.ts'
import { takeAll } from '../rates.ts'
import { type Claimed, isRecordSigned, parseRecord, recordColumns } from '../records.ts'
import type { Request } from '../session.ts'
import type { Account, Target } from '../store/accounts.ts'
import { makeCode } from '../store/codes.ts'
import { accountAt, type Context, type Done, err, ok, ruleHash } from './context.ts'

type Of<T extends Request['t']> = Extract<Request, { t: T }>

/** [P2] */
export const rvOf = (recHash: Uint8Array): string => b64Of(recHash.subarray(0, 8))

/** [S15] The account of this address, where this session may find it. */
export function find(context: Context, live: Live, { addr, gate, tok }: { addr: Of<'account.get'>['addr']; gate?: string | undefined; tok?: string | undefined }):
  { account: Target; isPrivileged: boolean } | undefined {
  const { store } = context
  const account = accountAt(context, addr)
  if (account === undefined) return undefined
  const isGate = gate !== undefined && store.acl.isGate(account.id, gate)
  const hasRule = tok !== undefined && store.acl.rule(account.id, ruleHash(tok, live.ik)) !== undefined
  if (!isFindable({ isOwn: account.id === live.account, mode: account.knock_mode, isGate, hasRule })) return undefined
  return { account, isPrivileged: isGate || hasRule }
}

/** [I8, S15] */
export function getAccount(context: Context, live: Live, request: Of<'account.get'>): Done {
  const { rates, store } = context
  const wait = takeAll([rates.gets, live.account], [rates.getsPerAddress, live.address])
  if (wait > 0) return err('rate', wait)
  const found = find(context, live, request)
  if (found === undefined) return err('not-found')
  const { rec_p, rec_s } = store.accounts.record(found.account.id)
  return ok({ rec: { p: b64Of(rec_p), s: b64Of(rec_s) } })
}

/** [S13] Rules first, signatures last [S12]. */
export function putAccount(context: Context, live: Live, { rec }: Of<'account.put'>): Done {
  const parsed = parseRecord(rec)
  if (!parsed.ok) return err('bad-auth')
  const { record } = parsed.value
  if (record.ik !== live.ik || record.addr !== live.addr) return err('denied')
  const account = context.store.accounts.byId(live.account)
  if (account === undefined) return err('not-found')
  const compared = compareRecord(account, { seq: record.seq, rec_p: bytesOf(rec.p) })
  if (compared === 'same') return ok()
  if (compared === 'older') return err('conflict')
  if (!isRecordSigned(context.verifyAccount, parsed.value)) return err('bad-auth')
  return { ...ok(), then: takeRecord(context, account, parsed.value) }
}

/**
 * [S13] Puts a verified newer record in the place of the old. Of a device that is no longer listed everything goes but what belongs
 * to the person: rules and the deny list stay. Returns what follows once it is committed.
 */
export function takeRecord(context: Context, account: Account, claimed: Claimed): () => void {
  const { store, signals, backplane, lives } = context
  const columns = recordColumns(claimed)
  const isSameDevice = columns.dev.equals(account.dev) && columns.dk.equals(account.dk)
  store.accounts.setRecord(account.id, columns)
  if (!isSameDevice) {
    store.accounts.setRun(account.id, 0)
    store.mail.clear(account.id)
    store.keys.clearAll(account.id)
  }
  return () => {
    if (isSameDevice) {
      // [P2] Buddies see by `rv` that there is a newer record.
      const live = lives.get(account.id)
      if (live?.presence !== undefined) backplane.say({ t: 'presence', account: account.id, addr: live.addr, presence: live.presence, rv: rvOf(columns.rec_hash) })
    } else {
      signals.clear(account.id)
      backplane.say({ t: 'ended', account: account.id, code: 'replaced' })
    }
  }
}

/** [S14] */
export function deleteAccount(context: Context, live: Live, request: Of<'account.delete'>, nonce: string): Done {
  const { store, server, clock, limits, verifyAccount, signals, backplane } = context
  const account = store.accounts.byId(live.account)
  if (account === undefined) return err('not-found')
  if (!verifyAccount(account.ik, accountDeleteInput(server, nonce, live.ik, live.addr), bytesOf(request.sig))) return err('bad-auth')
  store.accounts.remove(account.id, account.handle, clock.now() + limits.quarantineMs)
  return {
    ...ok(),
    then() {
      signals.clear(account.id)
      backplane.say({ t: 'ended', account: account.id, code: 'not-found' })
    },
  }
}

/** [S9] A code to give away. Who made it is not written down. */
export function newCode(context: Context, live: Live): Done {
  const { rates, store, random, clock, limits } = context
  const wait = takeAll([rates.codes, live.account])
  if (wait > 0) return err('rate', wait)
  const code = makeCode(random)
  const exp = clock.now() + limits.codeLifeMs
  store.codes.add(code, exp)
  return ok({ code, exp })
}

/** [C7] */
export function setKnockMode({ store }: Context, live: Live, { mode, hashes }: Of<'knock.mode'>): Done {
  store.accounts.setMode(live.account, mode)
  store.acl.setGates(live.account, hashes)
  return ok()
}
