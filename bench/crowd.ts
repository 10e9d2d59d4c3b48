import { WebSocket } from 'ws'
import type { B64 } from '../protocol/ids.ts'
import { binaryMessage } from '../protocol/wire/codec.ts'
import type { Challenge } from '../protocol/wire/signaling.ts'
import { b64Of, bytesOf } from '../signaling-server/crypto.ts'
import { authOf, type Person, registerOf } from '../signaling-server/test-client.ts'

/** Many light clients of our server or of the bare relay: the same messages to both, but for the proof at log-on. */

export interface Place { kind: 'ours' | 'bare'; url: string }

export interface Member {
  person: Person
  /** Resolves with `r` of `ok`. */
  ask(message: object): Promise<unknown>
  drop(to: { addr: string; tok: B64; cls: 'msg' | 'sig' }, envelope: Uint8Array): Promise<void>
  /** Called with each envelope that comes; it is acknowledged with others of the same turn, as the core does. */
  onMail: (() => void) | undefined
  onPresence: (() => void) | undefined
  /** Acknowledge what comes. */
  acknowledges: boolean
  acks: number
  /** Resolves when the connection is over, whoever ended it. */
  closed: Promise<void>
  close(): Promise<void>
}

export const joinAll = (place: Place, people: readonly Person[], how: 'register' | 'auth') => inBatches(people, 64, (person) => join(place, person, how))

/** So many at once, in order. */
export async function inBatches<A, B>(all: readonly A[], size: number, act: (one: A, at: number) => Promise<B>): Promise<B[]> {
  const results: B[] = []
  let next = 0
  const worker = async () => {
    for (let at = next++; at < all.length; at = next++) results[at] = await act(all[at]!, at)
  }
  await Promise.all(Array.from({ length: Math.min(size, all.length) }, worker))
  return results
}

export function join({ kind, url }: Place, person: Person, how: 'register' | 'auth'): Promise<Member> {
  const ws = new WebSocket(url, { perMessageDeflate: false })
  const pending = new Map<number, (r: unknown) => void>()
  let q = 0
  let unacked: string[] = []
  const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()))

  function acknowledge(id: string) {
    unacked.push(id)
    if (unacked.length > 1) return
    setImmediate(() => {
      const ids = unacked
      unacked = []
      member.acks++
      void member.ask({ t: 'mail.ack', ids })
    })
  }
  const member: Member = {
    person,
    ask: (message) => new Promise((resolve) => {
      pending.set(++q, resolve)
      ws.send(JSON.stringify({ ...message, q }))
    }),
    drop: ({ addr, tok, cls }, envelope) => new Promise((resolve) => {
      pending.set(++q, () => resolve())
      ws.send(binaryMessage({ t: 'drop', q, addr: addr as never, tok, cls, ttl: cls === 'sig' ? 60 : 86_400 }, envelope))
    }),
    onMail: undefined, onPresence: undefined, acknowledges: true, acks: 0,
    closed,
    close() {
      ws.close()
      return closed
    },
  }

  function proof(challenge: Challenge) {
    if (kind === 'bare') return { t: 'auth', addr: person.addr, key: person.dk.b64, sig: b64Of(person.dk.sign(bytesOf(challenge.nonce))) }
    if (how === 'register') return registerOf(person, challenge)
    person.run++
    return authOf(person, challenge)
  }

  return new Promise((resolve, reject) => {
    ws.on('open', () => ws.send(JSON.stringify({ t: 'hello', proto: [1, 1], ua: 'bench', feat: [] })))
    ws.on('error', reject)
    ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        const head = JSON.parse(data.toString('latin1', 2, 2 + data.readUInt16BE())) as { id: string }
        if (member.acknowledges) acknowledge(head.id)
        return member.onMail?.()
      }
      const message = JSON.parse(data.toString()) as { t: string; q?: number; r?: unknown; code?: string }
      if (message.t === 'ok') {
        pending.get(message.q!)?.(message.r)
        pending.delete(message.q!)
      } else if (message.t === 'presence') member.onPresence?.()
      else if (message.t === 'challenge') ws.send(JSON.stringify(proof(message as unknown as Challenge)))
      else if (message.t === 'ready') resolve(member)
      else if (message.t !== 'bye') throw new Error(`the server said ${data.toString()}`)
    })
  })
}
