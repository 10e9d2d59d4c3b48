import { z } from 'zod'
import { MAX_INVITE, MAX_NAME } from '../limits.ts'
import { addressKind } from './addresses.ts'
import { parseB64, toB64, utf8 } from './bytes.ts'
import { parseJson } from './json.ts'
import { address, bytes32, ik, integer, isKeyName, ms, splitAddress, text } from './scalars.ts'

export const INVITE_PREFIX = 'parley://i#'

const invite = z.strictObject({
  v: z.literal(1),
  addr: address,
  ik,
  t: bytes32,
  exp: ms,
  uses: integer(1, 50),
  name: text({ line: true, chars: MAX_NAME, min: 1 }).optional(),
  url: z.array(z.string().min(1).max(256)).min(1).max(4),
  spk: bytes32.optional(),
  spki: bytes32.optional(),
  reg: text({ line: true, chars: 64, min: 1 }).optional(),
})
export type Invite = z.infer<typeof invite>

/** [I13, I17] The invite in a link, or why it is none. `keyName` gives the S2 name of a server key. */
export function readInvite(link: string, keyName: (spk: string) => string): { ok: true; invite: Invite } | { ok: false; why: string } {
  const refuse = (why: string) => ({ ok: false, why }) as const
  if (link.length > MAX_INVITE) return refuse('too long')
  if (!link.startsWith(INVITE_PREFIX)) return refuse('not an invite')
  const bytes = parseB64(link.slice(INVITE_PREFIX.length))
  if (bytes === undefined) return refuse('not base64url')
  const json = parseJson(bytes)
  if (!json.ok) return refuse(json.why)
  const shaped = invite.safeParse(json.value)
  if (!shaped.success) return refuse(shaped.error.issues[0]?.message ?? 'shape')
  const { addr, url, spk } = shaped.data
  const { server } = splitAddress(addr)
  for (const one of url) {
    const why = serverUrlFault(one, server, spk === undefined ? undefined : keyName(spk))
    if (why !== undefined) return refuse(why)
  }
  return { ok: true, invite: shaped.data }
}

export function writeInvite(value: Invite): string {
  return INVITE_PREFIX + toB64(utf8(JSON.stringify(value)))
}

/**
 * [I17, S2] Why this URL can't be that server's. `keyName` is the name by the pinned key, where one is known. `wss:` must
 * carry the server's own name; `ws:` stays on this machine or in this network and is named by its key.
 */
export function serverUrlFault(url: string, server: string, keyName: string | undefined): string | undefined {
  const match = /^(wss?):\/\/([^/?#@\\\s]+)(\/[^?#\\\s]*)?$/.exec(url)
  if (match === null) return 'url'
  const [, scheme, host] = match as unknown as [string, string, string]
  if (scheme === 'wss') return host === server && !isKeyName(server) ? undefined : 'url of another server'
  const literal = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::([1-9][0-9]{0,4}))?$/.exec(host)
  if (literal === null || Number(literal[3] ?? 80) > 65_535) return 'url'
  const kind = addressKind(literal[1] ?? literal[2] ?? '')
  if (kind !== 'loopback' && kind !== 'private') return 'ws to a public address'
  if (keyName === undefined) return 'spk missing'
  return keyName === server ? undefined : 'spk of another server'
}
