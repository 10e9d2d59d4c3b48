import type { Address, B64, DevId, Dk, Handle, Ik, Ms, ServerName } from '../../protocol/ids.ts'
import { type Bytes, fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import type { Signed } from '../../protocol/wire/scalars.ts'
import type { Secrets } from '../ports.ts'
import type { Chance } from '../random.ts'
import type { Store } from '../store/store.ts'
import { type Signer, signerOf } from './crypto.ts'
import { wordsOf } from './phrase.ts'
import { makeCert, makeRecord, nextSeq } from './records.ts'

/** The server of this identity, pinned at first use [S5]. */
export interface ServerPin {
  kind: 'this-computer' | 'server'
  url: string
  name: ServerName
  spk: B64
}

/** Where an identity may be made or brought back: a server that has answered. */
export interface ServerSeen { pin: ServerPin; correctedNow: Ms }

/** What stands in the store. Key bytes only sealed by the secrets port [I1]. */
interface Kept {
  ik: Ik
  name: string
  addr: Address
  server: ServerPin
  dev: DevId
  dk: B64
  cert: Signed
  rec: Signed
  seq: number
  /** [S7] */
  run: number
  /** [I2] The phrase's seed, until the words are confirmed. */
  seed?: B64
  presence: 'on' | 'away' | 'busy'
  status: string
  recentStatuses: string[]
  /** [W28] of my profile frames. After coming back by words it begins above all that went before. */
  profileRev: number
  /** Came back by words, or from nothing: no roster of its own yet [C23]. */
  adoptAcl: boolean
}

export interface Me {
  readonly ik: Ik
  readonly dev: DevId
  readonly dk: Signer
  readonly cert: Signed
  readonly rec: Signed
  readonly kept: Readonly<Kept>
}

/** A new identity or device, ready to be shown to a server and kept only once the server took it. */
export interface Draft { seed: Bytes; kept: Kept; dk: Signer }

export interface Identities {
  me(): Me | undefined
  /** Makes the keys and signs for this address. `seed`: of a phrase that was typed. */
  draft(of: { name: string; handle: Handle; server: ServerSeen; seed?: Bytes; previousSeq?: number }): Draft
  /** Keeps a draft: from here on it is this profile's identity. */
  keep(draft: Draft): void
  change(changes: Partial<Pick<Kept, 'name' | 'presence' | 'status' | 'recentStatuses' | 'profileRev' | 'adoptAcl' | 'server'>>): void
  /** [S7] Rises by one, committed before each `auth`. */
  nextRun(): number
  words(): string[] | undefined
  forgetWords(): void
}

export function createIdentities(deps: { store: Store; secrets: Secrets; chance: Chance; now: () => Ms }): Identities {
  const { store, secrets, chance, now } = deps
  let current: Me | undefined
  const load = () => {
    const kept = store.meta.get<Kept>('identity')
    current = kept === undefined ? undefined : awaken(kept)
  }
  store.onRollback(load)
  load()

  function awaken(kept: Kept): Me {
    const seed = secrets.open(fromB64(kept.dk))
    if (seed === undefined) throw new Error('the device key was sealed elsewhere')
    const dk = current?.kept.dk === kept.dk ? current.dk : signerOf(seed)
    return { ik: kept.ik, dev: kept.dev, dk, cert: kept.cert, rec: kept.rec, kept }
  }

  function write(kept: Kept) {
    store.write(() => {
      store.meta.set('identity', kept)
      current = awaken(kept)
    })
  }

  const required = (): Me => {
    if (current === undefined) throw new Error('no identity')
    return current
  }

  return {
    me: () => current,
    draft({ name, handle, server, seed: given, previousSeq = 0 }) {
      const seed = given ?? chance.bytes(32)
      const ik = signerOf(seed)
      const dkSeed = chance.bytes(32)
      const dk = signerOf(dkSeed)
      const dev = chance.b64(16) as DevId
      const addr = `${handle}@${server.pin.name}` as Address
      const seq = nextSeq(previousSeq, now(), server.correctedNow)
      const iat = now()
      const cert = makeCert(ik, { dev, dk: dk.pub as Dk, seq, iat })
      const rec = makeRecord(ik, { addr, seq, iat, cert })
      return {
        seed, dk,
        kept: {
          ik: ik.pub as Ik, name, addr, server: server.pin, dev, dk: toB64(secrets.seal(dkSeed)), cert, rec, seq, run: 0,
          seed: toB64(secrets.seal(seed)), presence: 'on', status: '', recentStatuses: [], profileRev: seed === given ? now() : 0, adoptAcl: false,
        },
      }
    },
    keep: (draft) => write(draft.kept),
    change: (changes) => write({ ...required().kept, ...changes }),
    nextRun() {
      const run = required().kept.run + 1
      write({ ...required().kept, run })
      return run
    },
    words() {
      const sealed = current?.kept.seed
      const seed = sealed === undefined ? undefined : secrets.open(fromB64(sealed))
      return seed === undefined ? undefined : wordsOf(seed)
    },
    forgetWords() {
      const { seed: _, ...rest } = required().kept
      write(rest)
    },
  }
}
