import type { Api, FirstPlace } from '../../protocol/app/api.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { Handle } from '../../protocol/ids.ts'
import { MAX_NAME } from '../../protocol/limits.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import { handle as handleSchema, splitAddress } from '../../protocol/wire/scalars.ts'
import { textFault } from '../../protocol/wire/text.ts'
import type { Identities, Me } from '../identity/me.ts'
import { signerOf } from '../identity/crypto.ts'
import { parseInvite } from '../identity/invites.ts'
import { checkPhrase, completions } from '../identity/phrase.ts'
import type { Chance } from '../random.ts'
import type { Enrolled, EnrolAt } from '../signaling/enrol.ts'

/** [a, i] Making an identity, writing down its words, coming back by them. */

type WelcomeApi = Pick<Api, 'createIdentity' | 'showWords' | 'askForWords' | 'confirmWords' | 'completeWord' | 'checkWords' | 'restoreIdentity' | 'moveToServer'>

export interface WelcomeDeps {
  /** What was typed as a server, as an address to dial. */
  serverUrl(typed: string): string | undefined
  /** Where this computer's own server is dialled. */
  ownUrl(): string
  register(at: EnrolAt, who: { name: string; handle: Handle; seed?: Bytes }): Promise<Enrolled>
  recover(at: EnrolAt, who: { name: string; handle: Handle; seed: Bytes }): Promise<Enrolled>
  identities: Identities
  chance: Chance
  hasBuddies(): boolean
  /** A profile that was copied and came back by its words [S7]. */
  mayReplace(me: Me): boolean
  onIdentity(): void
  onNewDevice(): void
  onWords(): void
}

export function nameOf(typed: string): string {
  const name = typed.trim()
  if (textFault(name, { line: true, chars: MAX_NAME, min: 1 }) !== undefined) throw new Refused('bad-name')
  return name
}

function handleOf(typed: string): Handle {
  const shaped = handleSchema.safeParse(typed.trim())
  if (!shaped.success) throw new Refused('bad-handle')
  return shaped.data
}

const must = (result: Enrolled) => {
  if (!result.ok) throw new Refused(result.code)
}
const gone = (code: ErrorCode) => new Refused(code)

export function createWelcome(deps: WelcomeDeps): WelcomeApi {
  const { identities } = deps
  let asked: [number, number, number] | undefined
  let isEnrolling = false

  function at(where: FirstPlace): EnrolAt {
    if (where.kind === 'this-computer') return { kind: 'this-computer', url: undefined }
    if (where.kind === 'invited') return invitedTo(where)
    const url = deps.serverUrl(where.server)
    if (url === undefined) throw new Refused('bad-server')
    return { kind: 'server', url, ...(where.invite ? { invite: where.invite } : {}) }
  }

  /** [I13] Where the inviter is: this computer's own server is kept up by each of us who is there. */
  function invitedTo({ link, invite: typed }: Extract<FirstPlace, { kind: 'invited' }>): EnrolAt {
    const read = parseInvite(link.trim())
    const url = read.ok ? read.invite.url.map(deps.serverUrl).find((one) => one !== undefined) : undefined
    if (!read.ok || url === undefined) throw new Refused('bad-invite')
    const code = typed || read.invite.reg
    return {
      kind: url === deps.ownUrl() ? 'this-computer' : 'server', url, server: splitAddress(read.invite.addr).server,
      ...(code === undefined ? {} : { invite: code }),
    }
  }

  /** Three different words, ascending. */
  function choose(): [number, number, number] {
    const numbers = Array.from({ length: 24 }, (_, i) => i + 1)
    const three = [0, 1, 2].map(() => numbers.splice(Math.floor(deps.chance.fraction() * numbers.length), 1)[0]!)
    return three.sort((a, b) => a - b) as [number, number, number]
  }

  return {
    async createIdentity({ name, handle, where }) {
      if (identities.me() !== undefined || isEnrolling) throw new Refused('has-identity')
      isEnrolling = true
      try {
        must(await deps.register(at(where), { name: nameOf(name), handle: handleOf(handle) }))
      } finally {
        isEnrolling = false
      }
      deps.onIdentity()
      return undefined
    },
    showWords() {
      const words = identities.words()
      if (words === undefined) throw gone('words-gone')
      return { words }
    },
    askForWords() {
      asked = choose()
      return { at: asked }
    },
    confirmWords({ words }) {
      const right = identities.words()
      if (right === undefined || asked === undefined) throw gone('words-gone')
      const wrong = asked.find((number, i) => words[i]!.trim().toLowerCase() !== right[number - 1])
      if (wrong !== undefined) return { ok: false, wrong }
      asked = undefined
      identities.forgetWords()
      deps.onWords()
      return { ok: true }
    },
    completeWord: ({ start }) => ({ words: completions(start.trim().toLowerCase()) }),
    checkWords({ words }) {
      const count = words.trim() === '' ? 0 : words.trim().split(/\s+/).length
      const checked = checkPhrase(words)
      if (checked.ok) return { ok: true }
      if (checked.code === 'unknown-word') {
        return { ok: false, count, misfit: false, unknown: { at: checked.at, ...(checked.like === undefined ? {} : { like: checked.like }) } }
      }
      return { ok: false, count, misfit: count === 24 }
    },
    async restoreIdentity({ words, handle, name, where }) {
      const me = identities.me()
      if (me !== undefined && !deps.mayReplace(me)) throw new Refused('has-identity')
      const checked = checkPhrase(words)
      if (!checked.ok) throw new Refused(checked.code === 'unknown-word' ? 'bad-words' : checked.code)
      const typed = handleOf(handle)
      // A profile with people in it takes its own words only.
      if (me !== undefined && signerOf(checked.seed).pub !== me.ik) throw new Refused('bad-words')
      must(await deps.recover(at(where), { handle: typed, seed: checked.seed, name: me?.kept.name ?? (name === undefined || name.trim() === '' ? typed : nameOf(name)) }))
      if (me !== undefined) deps.onNewDevice()
      deps.onIdentity()
      return undefined
    },
    async moveToServer({ handle, where }) {
      const me = identities.me()
      if (me === undefined || deps.hasBuddies()) throw new Refused('bad-request')
      const words = identities.words()
      const checked = words === undefined ? undefined : checkPhrase(words.join(' '))
      if (checked === undefined || !checked.ok) throw gone('words-gone')
      must(await deps.register(at(where), { name: me.kept.name, handle: handleOf(handle), seed: checked.seed }))
      deps.onNewDevice()
      deps.onIdentity()
      return undefined
    },
  }
}
